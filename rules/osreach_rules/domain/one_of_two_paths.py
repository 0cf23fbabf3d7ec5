"""Reports a path that the access policy knows under the name of the other engine only.

OpenSearch serves Dashboards at `_dashboards` and its plugins at `_plugins`;
Elasticsearch had `_plugin/kibana` and `_opendistro`. An Allow of the other name
opens nothing, and a Deny of it leaves the real path open.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain, EngineKind
from osreach.analysis import Analysis, DomainStatement, statements_of
from osreach.evaluate.domain import HTTP_ACTIONS, ask
from osreach.iam.document import Effect, Term
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Witness
from osreach_rules.domain.indexes import allowing_term, callers_of
from osreach_rules.domain.resources import domain_resource
from osreach_rules.references import FINE_GRAINED, RENAMED

_NEW = {"/_plugin/kibana": "/_dashboards", "/_opendistro/": "/_plugins/"}
_OLD = {new: old for old, new in _NEW.items()}
_QUERIES = ("/_plugins/_sql", "/_plugins/_ppl", "/_opendistro/_sql", "/_opendistro/_ppl")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource with the other engine's path, beside which the engine's own decides otherwise."""
    for domain in analysis.domains:
        engine = domain.engine.value
        if engine is None or isinstance(engine, Unknown):
            continue
        names = _NEW if engine.kind is EngineKind.OPENSEARCH else _OLD
        for found in statements_of(domain):
            resources = found.statement.resources
            for term in resources.terms if resources is not None and not resources.negated else ():
                own = _own(term.text, names)
                if own is not None:
                    yield from _judged(domain, found, term, own, engine.kind)


def _own(resource: str, names: dict[str, str]) -> str | None:
    """The path that the engine has in place of the one in `resource`, None where it has that one."""
    parts = domain_resource(resource)
    if parts is None or parts.path.startswith(_QUERIES):
        return None
    for other, own in names.items():
        if parts.path.startswith(other):
            return own + parts.path.removeprefix(other)
    return None


def _judged(
    domain: Domain, found: DomainStatement, term: Term, own: str, kind: EngineKind
) -> Iterator[Match]:
    written = term.text.partition(":domain/")[2].partition("/")[2]
    place = term.location or found.location
    if found.statement.effect is Effect.DENY:
        witness = _allowed(domain, own)
        if witness is not None:
            trail = [Place(place, "this Deny leaves a way")]
            allowed = allowing_term(domain, witness)
            if allowed is not None:
                trail.append(Place(allowed, "the way is allowed here"))
            yield Match(
                f"`{witness.http}` is still allowed beside the denied `/{written}`, which {kind} does not have",
                domain.address,
                tuple(trail),
                witness=witness,
                severity=Severity.MEDIUM,
                principal=written,
            )
    elif _allowed(domain, own) is None:
        yield Match(
            f"`/{written}` is allowed, but {kind} answers at `{own}`, which nobody may call",
            domain.address,
            (Place(place, "the path of the other engine"), Place(domain.engine.location, "the engine")),
            principal=written,
        )


def _allowed(domain: Domain, path: str) -> Witness | None:
    """A request to `path` that somebody may send."""
    for caller in callers_of(domain):
        witness = ask(domain, caller.principal, actions=HTTP_ACTIONS, paths=(path.removeprefix("/"),))
        if witness is not None:
            return witness
    return None


RULE = Rule(
    "OSR150",
    "one-of-two-paths",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(RENAMED, FINE_GRAINED),
    remedy="list both paths, or the one of the engine that the domain runs",
)
