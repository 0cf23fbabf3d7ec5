"""Reports a limit of one clause for queries, with which the cluster does not work.

Fine-grained access control adds clauses of its own to queries. From OpenSearch
2.3 on a domain with `indices.query.bool.max_clause_count` of 1 fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain, EngineKind
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED

_FIRST = (2, 3)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with fine-grained access control and this limit."""
    for domain in analysis.domains:
        limit, switch = domain.clause_limit, domain.fine_grained.enabled
        if limit is None or limit.value != "1" or not switch.is_certainly(value=True):
            continue
        concerned = _is_concerned(domain)
        if concerned is False:
            continue
        yield Match(
            f"queries of `{domain.address}` may have one clause only, with which fine-grained access control fails",
            domain.address,
            (Place(limit.location, "the limit"), Place(switch.location, "fine-grained access control is on")),
            confidence=Confidence.CERTAIN if concerned else Confidence.POSSIBLE,
        )


def _is_concerned(domain: Domain) -> bool | None:
    """Whether the engine fails with the limit; None where it is not known."""
    engine = domain.engine.value
    if engine is None or isinstance(engine, Unknown):
        return None
    return engine.kind is EngineKind.OPENSEARCH and engine.version >= _FIRST


RULE = Rule(
    "OSR249",
    "clause-limit-of-one",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="use a higher number, or leave the option out",
)
