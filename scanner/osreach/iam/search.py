"""The search for one request inside some sets of requests and outside others.

A set is what a statement leaves of each condition key, as a mask over the
key's classes of values, and of the resource, as patterns. To be outside a set
is to be outside it in one place: a key or the resource. What has only one
place left is settled first; the rest is tried, place by place, so that no
choice is looked at twice. Whether a resource is left over is asked once for
each combination of sets it has to avoid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from osreach.iam.language import contains, disjoint, shortest
from osreach.iam.pattern import Glob

STEPS = 20_000
"""How many places are tried before the question counts as too complex."""


class TooManyStepsError(Exception):
    """The search took more than `bound` steps."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"the search needs more than {bound} steps")
        self.bound = bound


@dataclass(slots=True)
class Budget:
    """The steps that are left for one question."""

    bound: int
    used: int = 0

    def spend(self) -> None:
        """Count one step; raises `TooManyStepsError` behind the last."""
        self.used += 1
        if self.used > self.bound:
            raise TooManyStepsError(self.bound)


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A set of requests: for some keys (by number) the classes in it, and its resources.

    The resource matches one of `patterns`, or none of them where `negated`;
    None stands for every resource.
    """

    masks: tuple[tuple[int, int], ...]
    patterns: tuple[Glob, ...] | None = None
    negated: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether every request is in it."""
        return not self.masks and self.patterns is None


@dataclass(frozen=True, slots=True)
class Spot:
    """One request: for each key the number of a class of values, and a resource."""

    classes: tuple[int, ...]
    resource: str


Readable = Callable[[Sequence[Sequence[Glob]], Sequence[Glob]], "str | None"]
"""A telling text that matches one of each group and none of the others, where it has an idea."""


@dataclass(slots=True)
class _Resources:
    """The resources inside all positive sets, and what is known about avoiding others."""

    required: list[tuple[Glob, ...]]
    forbidden: list[Glob]
    readable: Readable
    states: int
    known: dict[frozenset[int], str | None] = field(default_factory=dict)

    def relation(self, area: Area) -> bool | None:
        """Whether the area holds all (True) or none (False) of these resources, as far as is quickly seen."""
        if area.patterns is None:
            return True
        if any(self._inside(group, area.patterns) for group in self.required):
            return not area.negated
        if all(self._apart(pattern) for pattern in area.patterns):
            return area.negated
        return None

    def _inside(self, group: tuple[Glob, ...], patterns: tuple[Glob, ...]) -> bool:
        return all(any(contains(outer, inner) for outer in patterns) for inner in group)

    def _apart(self, pattern: Glob) -> bool:
        return any(all(disjoint(pattern, one) for one in group) for group in self.required)

    def outside(self, areas: Sequence[Area], avoided: frozenset[int]) -> str | None:
        """A resource outside the given of `areas`, None where there is none."""
        if avoided in self.known:
            return self.known[avoided]
        required = list(self.required)
        forbidden = list(self.forbidden)
        for index in avoided:
            area = areas[index]
            if area.negated:
                required.append(area.patterns or ())
            else:
                forbidden.extend(area.patterns or ())
        found = self.readable(required, forbidden)
        if found is None:
            found = shortest(required, forbidden, budget=self.states)
        self.known[avoided] = found
        return found


def find_spot(
    domains: Sequence[int],
    within: Sequence[Glob],
    without: Sequence[Glob],
    inside: Sequence[Area],
    outside: Sequence[Area],
    *,
    readable: Readable,
    budget: Budget,
    states: int,
) -> Spot | None:
    """A request inside all of `inside` and outside all of `outside`, None where there is none.

    `domains` are the classes each key may be in, `within` and `without`
    patterns that the resource matches one of, and none of. Raises
    `TooManyStepsError` and `TooManyStatesError`.
    """
    budget.spend()
    left = list(domains)
    required = [tuple(within)]
    forbidden = list(without)
    for area in inside:
        for key, mask in area.masks:
            left[key] &= mask
            if not left[key]:
                return None
        if area.patterns is not None:
            if area.negated:
                forbidden.extend(area.patterns)
            elif not any(pattern.prefix == "" and pattern.is_prefix for pattern in area.patterns):
                required.append(area.patterns)
    resources = _Resources(required, forbidden, readable, states)
    open_: list[tuple[int, bool]] = []
    for index, area in enumerate(outside):
        if any(not left[key] & mask for key, mask in area.masks):
            continue
        relation = resources.relation(area)
        if relation is False:
            continue
        open_.append((index, relation is None))
    if any(not escape and not area_can_be_left(outside[index], left) for index, escape in open_):
        return None
    return _search(left, resources, outside, open_, frozenset(), budget)


def area_can_be_left(area: Area, left: Sequence[int]) -> bool:
    """Whether some key has a class outside the area."""
    return any(left[key] & ~mask for key, mask in area.masks)


def _search(
    left: list[int],
    resources: _Resources,
    areas: Sequence[Area],
    open_: list[tuple[int, bool]],
    avoided: frozenset[int],
    budget: Budget,
) -> Spot | None:
    """Settle what has one place left, then try the places of the set that has fewest.

    `open_` are the areas still to be left, each with whether the resource can
    be the place; `avoided` those that the resource avoids.
    """
    left = list(left)
    while True:
        budget.spend()
        remaining: list[tuple[int, bool]] = []
        tightest: tuple[int, list[tuple[int, int]], bool] | None = None
        fewest = 1 << 30
        changed = False
        for index, escape in open_:
            places: list[tuple[int, int]] = []
            settled = False
            for key, mask in areas[index].masks:
                now = left[key]
                if not now & mask:
                    settled = True
                    break
                if now & ~mask:
                    places.append((key, mask))
            if settled:
                continue
            count = len(places) + escape
            if not count:
                return None
            if count == 1:
                changed = True
                if escape:
                    avoided |= {index}
                else:
                    key, mask = places[0]
                    left[key] &= ~mask
                continue
            remaining.append((index, escape))
            if count < fewest:
                fewest, tightest = count, (index, places, escape)
        open_ = remaining
        if not changed:
            break
    text = resources.outside(areas, avoided)
    if text is None:
        return None
    if tightest is None:
        return Spot(tuple((mask & -mask).bit_length() - 1 for mask in left), text)
    index, places, escape = tightest
    rest = [entry for entry in open_ if entry[0] != index]
    for key, mask in places:
        trial = list(left)
        trial[key] &= ~mask
        found = _search(trial, resources, areas, rest, avoided, budget)
        if found is not None:
            return found
        left[key] &= mask
    return _search(left, resources, areas, rest, avoided | {index}, budget) if escape else None
