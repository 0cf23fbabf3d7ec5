"""Notes a data source for direct queries on a domain whose mappings leave out `glue_access`.

Where fine-grained access control came after the data source, nobody makes the role
for direct queries: it has to be defined and mapped to those who query. Only
administrators can query until then.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import DIRECT_QUERY, FINE_GRAINED

_ROLE = "glue_access"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each data source of such a domain, where code declares the domain's mappings."""
    sources = analysis.model.integrations.query_sources
    for content in analysis.clusters if sources else ():
        domain = content.domain
        if domain is None or content.cluster.mappings_partial:
            continue
        roles = {one.content.role for one in content.mappings}
        if not domain.fine_grained.enabled.is_certainly(value=True):
            continue
        if any(_ROLE in role or has_hole(role) for role in roles):
            continue
        for source in sources:
            if source.deployment == domain.deployment and source.domain == domain.name:
                yield Match(
                    f"`{_ROLE}` is mapped to nobody, so that only administrators may query `{source.address}`",
                    source.address,
                    (
                        Place(source.location, "the data source"),
                        Place(domain.fine_grained.enabled.location, "fine-grained access control is on"),
                    ),
                    confidence=Confidence.POSSIBLE,
                )


RULE = Rule(
    "OSR255",
    "unmapped-data-source",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(DIRECT_QUERY, FINE_GRAINED),
    remedy="define the role for direct queries and map it to those who query",
)
