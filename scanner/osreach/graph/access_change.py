"""One change of access: what became of one caller's access to one resource."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.evaluate.effective import Access, Outcome
from osreach.evaluate.level import Level
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.location import Location


class Direction(StrEnum):
    """What became of the access."""

    GAINED = "gained"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AccessChange:
    """The change of one caller's access to one resource at one level.

    `access` is the access after the change, of something lost the access
    before it. Its witness, if any, is a request that only the one side allows.
    `chain` is the caller and the roles that it assumes on the way. `everything`
    says that the witness's action may be done to every index or object.
    `locations` are the lines that did it, in the new code where there are any.
    """

    direction: Direction
    chain: tuple[Standing, ...]
    target: Target
    level: Level
    before: Outcome
    after: Outcome
    access: Access
    locations: tuple[Location, ...] = ()
    everything: bool = False
    reason: str = ""

    @property
    def caller(self) -> Standing:
        """Who begins."""
        return self.chain[0]
