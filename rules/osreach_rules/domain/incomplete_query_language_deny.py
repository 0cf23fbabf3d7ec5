"""Reports a Deny of SQL that leaves another query language open.

SQL and PPL name their indexes in the body. A Deny of `_plugins/_sql` alone
leaves the paths behind it and `_plugins/_ppl`; older domains also answer at
`_opendistro/_sql`.

The same is asked of the policies of an identity about a domain of the code, together
with all that counts for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain, EngineKind
from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.domain.indexes import READ
from osreach_rules.domain.resources import domain_resource
from osreach_rules.domain.sides import Side, sides
from osreach_rules.references import FINE_GRAINED, SQL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Deny of SQL next to which a query by another path is allowed."""
    for side in sides(analysis):
        yield from side.told(_left_open(side))


def _left_open(side: Side) -> Iterator[Match]:
    for denial in side.of(Effect.DENY):
        for term in denial.terms:
            parts = domain_resource(term.text)
            if parts is None or not parts.path.startswith(("/_plugins/_sql", "/_opendistro/_sql")):
                continue
            for party in side.parties:
                way = party.ask(READ[1:], *_paths(side.domain))
                if way is None:
                    continue
                trail = [Place(denial.place(term), "this Deny leaves a way")]
                if way.allowed is not None:
                    trail.append(Place(way.allowed, "the way is allowed here"))
                yield Match(
                    f"`{way.witness.http}` is still allowed beside the denied `{parts.path}`",
                    side.domain.address,
                    tuple(trail),
                    witness=way.witness,
                )
                break


def _paths(domain: Domain) -> tuple[str, ...]:
    paths = ("_plugins/_sql", "_plugins/_sql/_explain", "_plugins/_ppl", "_plugins/_ppl/_explain")
    engine = domain.engine.value
    if engine is None or isinstance(engine, Unknown) or engine.kind is EngineKind.OPENSEARCH:
        return paths
    return ("_opendistro/_sql", "_opendistro/_sql/_explain", "_opendistro/_ppl")


RULE = Rule(
    "OSR130",
    "incomplete-query-language-deny",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, SQL),
    remedy="deny `_plugins/_sql*` and `_plugins/_ppl*` (`_opendistro/_sql*` for Elasticsearch)",
)
