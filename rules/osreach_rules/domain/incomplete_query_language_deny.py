"""Reports a Deny of SQL that leaves another query language open.

SQL and PPL name their indexes in the body. A Deny of `_plugins/_sql` alone
leaves the paths behind it and `_plugins/_ppl`; older domains also answer at
`_opendistro/_sql`.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain, EngineKind
from osreach.analysis import Analysis, statements_of
from osreach.evaluate.domain import ask
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.domain.indexes import READ, allowing_term, callers_of
from osreach_rules.domain.resources import domain_resource
from osreach_rules.references import FINE_GRAINED, SQL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Deny of SQL next to which a query by another path is allowed."""
    for domain in analysis.domains:
        for found in statements_of(domain):
            resources = found.statement.resources
            if found.statement.effect is not Effect.DENY or resources is None or resources.negated:
                continue
            for term in resources.terms:
                parts = domain_resource(term.text)
                if parts is None or not parts.path.startswith(("/_plugins/_sql", "/_opendistro/_sql")):
                    continue
                for caller in callers_of(domain):
                    witness = ask(domain, caller.principal, actions=READ[1:], paths=_paths(domain))
                    if witness is None:
                        continue
                    allowed = allowing_term(domain, witness)
                    trail = [Place(term.location or found.location, "this Deny leaves a way")]
                    if allowed is not None:
                        trail.append(Place(allowed, "the way is allowed here"))
                    yield Match(
                        f"`{witness.http}` is still allowed beside the denied `{parts.path}`",
                        domain.address,
                        tuple(trail),
                        witness=witness,
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
