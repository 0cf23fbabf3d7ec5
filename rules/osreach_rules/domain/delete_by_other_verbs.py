"""Reports a Deny of DELETE that leaves other ways to delete.

`_delete_by_query` and `_bulk` delete documents with POST. A Deny of
`es:ESHttpDelete` alone protects neither the documents nor, through `_aliases`,
the index.

The same is asked of the policies of an identity about a domain of the code, together
with all that counts for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.domain.indexes import DELETE, WRITE, body_paths
from osreach_rules.domain.sides import Party, Side, Way, unguarded
from osreach_rules.references import ACCESS_CONTROL, BULK, DELETE_BY_QUERY


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each index whose deletion is denied by verb only."""
    for side in unguarded(analysis):
        yield from side.told(_open_ways(side))


def _open_ways(side: Side) -> Iterator[Match]:
    for denial in side.naming(Effect.DENY):
        verbs = http_actions(denial.statement.actions)
        if not verbs & frozenset(DELETE) or verbs & frozenset(WRITE):
            continue
        for index in denial.indexes:
            found = _other_way(side, index.index)
            if found is None:
                continue
            party, way = found
            trail = [Place(denial.place(index.term), "this denies DELETE only")]
            if way.allowed is not None:
                trail.append(Place(way.allowed, "POST and PUT are allowed here"))
            yield Match(
                f"`{party.name}` can still delete documents of `{index.index}`",
                side.domain.address,
                tuple(trail),
                witness=way.witness,
                principal=party.name,
            )


def _other_way(side: Side, index: str) -> tuple[Party, Way] | None:
    paths = (f"{index}/_delete_by_query", *body_paths(side.domain, "_bulk"))
    for party in side.parties:
        if party.ask(DELETE, index) is not None:
            continue
        for path in paths:
            way = party.ask(WRITE[:1], path)
            if way is not None:
                return party, way
    return None


RULE = Rule(
    "OSR124",
    "delete-by-other-verbs",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, DELETE_BY_QUERY, BULK),
    remedy="deny POST and PUT on the index and on `_bulk` as well, or use fine-grained access control",
)
