"""Reports a Deny on an index that requests walk around.

A policy sees the path of a request, not the indexes it means.
`_all/_search`, a list of indexes, and APIs whose body names the index are other
paths than the denied one, and answer with the documents of the denied index.

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
from osreach_rules.domain.indexes import READ, IndexTerm, body_paths
from osreach_rules.domain.sides import Party, Side, Way, unguarded
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each denied index that someone can still read by another path."""
    for side in unguarded(analysis):
        yield from side.told(_bypassed(side))


def _bypassed(side: Side) -> Iterator[Match]:
    for denial in side.naming(Effect.DENY):
        if not http_actions(denial.statement.actions) & frozenset(READ):
            continue
        for index in denial.indexes:
            found = _bypass(side, index)
            if found is not None:
                party, way, paths = found
                trail = [Place(denial.place(index.term), "this Deny sees the path only")]
                if way.allowed is not None:
                    trail.append(Place(way.allowed, "the other paths are allowed here"))
                yield Match(
                    f"`{party.name}` can still read `{index.index}` through {paths}",
                    side.domain.address,
                    tuple(trail),
                    witness=way.witness,
                    principal=party.name,
                )


def _bypass(side: Side, index: IndexTerm) -> tuple[Party, Way, str] | None:
    """The first caller whom the Deny stops on the direct path but not on another one."""
    direct = f"{index.index}/_search"
    others = (
        "_all/_search",
        "_search",
        f"movies,{index.index}/_search",
        *body_paths(side.domain, "_mget", "_msearch"),
    )
    for party in side.parties:
        if party.ask(READ, direct) is not None:
            continue
        ways = [(path, party.ask(READ, path)) for path in others]
        open_ways = [(path, way) for path, way in ways if way is not None]
        if open_ways:
            return party, open_ways[0][1], ", ".join(f"`{path}`" for path, _ in open_ways)
    return None


RULE = Rule(
    "OSR126",
    "index-deny-bypassed",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="allow the indexes that are needed one by one instead of denying some, or use fine-grained access control",
)
