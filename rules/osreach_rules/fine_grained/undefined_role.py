"""Reports a mapping of a role that nothing defines.

The mapping gives nobody anything, or is refused. Either the name is misspelt or
the role is made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Origin
from osreach.analysis import Analysis
from osreach.opensearch.pattern import has_hole
from osreach.opensearch.predefined import ADDED, NOT_OFFERED, RENAMED, UNPUBLISHED, role_history
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import entry_place
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each mapping of an unknown role in a cluster of which the code defines roles."""
    for content in analysis.clusters:
        # Bodies of requests are known by their files only, and one may be called otherwise than what it defines.
        if not content.roles or Origin.REQUESTS in content.origins:
            continue
        if any(has_hole(one.content.name) for one in content.roles):
            continue
        known = _known(content)
        for declared in content.mappings:
            role = declared.content.role
            if not has_hole(role) and role not in known:
                yield Match(
                    f"`{declared.address}` maps the role `{role}`, which is neither defined nor predefined",
                    declared.address,
                    (entry_place(analysis, declared, role, "the role", in_list=False),),
                    confidence=Confidence.POSSIBLE,
                )


def _known(content: ClusterContent) -> frozenset[str]:
    """The names of roles of any release, since a cluster that was upgraded may keep older ones."""
    predefined = (*role_history(), *ADDED, *NOT_OFFERED, *RENAMED.values(), *UNPUBLISHED)
    return frozenset((*content.cluster.roles, *predefined))


RULE = Rule(
    "OSR219",
    "undefined-role",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="map a role that exists, or define it",
)
