"""Reports a mapping to a role of OpenSearch that the service does not offer or calls otherwise.

The service leaves the roles for observability and reports out, and a domain
made with OpenSearch has `opensearch_dashboards_user` in place of `kibana_user`.
Such a mapping gives nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain, EngineKind
from osreach.analysis import Analysis
from osreach.opensearch.predefined import NOT_OFFERED, RENAMED
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import entry_place
from osreach_rules.references import FINE_GRAINED
from osreach_rules.references import RENAMED as RENAMED_PAGE


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each mapping of a role that is not there, unless the code makes a role of that name."""
    for content in analysis.clusters:
        if content.domain is None:
            continue
        own = {one.content.name for one in content.roles}
        for declared in content.mappings:
            role = declared.content.role
            if role in own:
                continue
            if role in NOT_OFFERED:
                said, sure = "which the service does not offer", True
            elif role in RENAMED and _is_opensearch(content.domain):
                said, sure = f"which is `{RENAMED[role]}` on domains made with OpenSearch", False
            else:
                continue
            yield Match(
                f"`{declared.address}` maps the role `{role}`, {said}",
                declared.address,
                (entry_place(analysis, declared, role, "the role", in_list=False),),
                confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
                principal=role,
            )


def _is_opensearch(domain: Domain) -> bool:
    """Whether the code says that the domain runs OpenSearch; it may have been upgraded to it."""
    engine = domain.engine.value
    return engine is not None and not isinstance(engine, Unknown) and engine.kind is EngineKind.OPENSEARCH


RULE = Rule(
    "OSR247",
    "absent-role-mapped",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, RENAMED_PAGE),
    remedy="map a role that the service offers, or make one of your own",
)
