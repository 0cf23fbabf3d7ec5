"""Reports a Deny on what stands below an index that leaves the index itself.

`movies/*` matches documents and APIs of the index, not `DELETE /movies`, which
removes the whole index.

The same is asked of the policies of an identity about a domain of the code, together
with all that counts for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.indexes import DELETE
from osreach_rules.domain.sides import Side, unguarded
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each index whose content is denied and which can be deleted all the same."""
    for side in unguarded(analysis):
        yield from side.told(_deletable(side))


def _deletable(side: Side) -> Iterator[Match]:
    for denial in side.naming(Effect.DENY):
        for index in denial.indexes:
            if not index.below:
                continue
            for party in side.parties:
                way = party.ask(DELETE, index.index)
                if way is None:
                    continue
                trail = [Place(denial.place(index.term), "this does not match the index itself")]
                if way.allowed is not None:
                    trail.append(Place(way.allowed, "deleting is allowed here"))
                yield Match(
                    f"`{party.name}` can delete the index `{index.index}`",
                    side.domain.address,
                    tuple(trail),
                    witness=way.witness,
                    principal=party.name,
                    remedy=f"deny `{index.index}*`, and mind that names beginning alike are denied too",
                )
                break


RULE = Rule(
    "OSR127",
    "index-deletable",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="deny the index with a `*` directly behind its name",
)
