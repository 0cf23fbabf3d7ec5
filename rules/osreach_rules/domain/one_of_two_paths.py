"""Reports a path that a policy knows under the name of the other engine only.

OpenSearch serves Dashboards at `_dashboards` and its plugins at `_plugins`;
Elasticsearch had `_plugin/kibana` and `_opendistro`. An Allow of the other name
opens nothing, and a Deny of it leaves the real path open. The access policy of the
domain counts, and the policies of an identity that name a domain of the code.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import EngineKind
from osreach.analysis import Analysis
from osreach.evaluate.domain import HTTP_ACTIONS
from osreach.iam.document import Effect, Term
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach_rules.domain.resources import domain_resource
from osreach_rules.domain.sides import Party, Said, Side, Way, sides
from osreach_rules.references import FINE_GRAINED, RENAMED

_NEW = {"/_plugin/kibana": "/_dashboards", "/_opendistro/": "/_plugins/"}
_OLD = {new: old for old, new in _NEW.items()}
_QUERIES = ("/_plugins/_sql", "/_plugins/_ppl", "/_opendistro/_sql", "/_opendistro/_ppl")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each resource with the other engine's path, beside which the engine's own decides otherwise."""
    for side in sides(analysis):
        engine = side.domain.engine.value
        if engine is None or isinstance(engine, Unknown):
            continue
        yield from side.told(_of_side(side, engine.kind))


def _of_side(side: Side, kind: EngineKind) -> Iterator[Match]:
    names = _NEW if kind is EngineKind.OPENSEARCH else _OLD
    for said in side.statements:
        for term in said.terms:
            own = _own(term.text, names)
            if own is not None:
                yield from _judged(side, said, term, own, kind)


def _own(resource: str, names: dict[str, str]) -> str | None:
    """The path that the engine has in place of the one in `resource`, None where it has that one."""
    parts = domain_resource(resource)
    if parts is None or parts.path.startswith(_QUERIES):
        return None
    for other, own in names.items():
        if parts.path.startswith(other):
            return own + parts.path.removeprefix(other)
    return None


def _judged(side: Side, said: Said, term: Term, own: str, kind: EngineKind) -> Iterator[Match]:
    written = term.text.partition(":domain/")[2].partition("/")[2]
    place = said.place(term)
    found = _allowed(side, own)
    if said.statement.effect is Effect.DENY:
        if found is not None:
            _, way = found
            trail = [Place(place, "this Deny leaves a way")]
            if way.allowed is not None:
                trail.append(Place(way.allowed, "the way is allowed here"))
            yield Match(
                f"`{way.witness.http}` is still allowed beside the denied `/{written}`, which {kind} does not have",
                side.domain.address,
                tuple(trail),
                witness=way.witness,
                severity=Severity.MEDIUM,
                principal=written,
            )
    elif found is None:
        yield Match(
            f"`/{written}` is allowed, but {kind} answers at `{own}`, which nobody may call",
            side.domain.address,
            (Place(place, "the path of the other engine"), Place(side.domain.engine.location, "the engine")),
            principal=written,
        )


def _allowed(side: Side, path: str) -> tuple[Party, Way] | None:
    """A request to `path` that somebody may send."""
    for party in side.parties:
        way = party.ask(HTTP_ACTIONS, path.removeprefix("/"))
        if way is not None:
            return party, way
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
