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
from functools import lru_cache
from itertools import combinations

from osreach.iam.language import Budget, contains, disjoint, shortest
from osreach.iam.pattern import Glob


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


@lru_cache(maxsize=65_536)
def _inside(group: tuple[Glob, ...], patterns: tuple[Glob, ...]) -> bool:
    """Whether each pattern of the group lies in one of `patterns`: enough for the group to lie in them."""
    return all(any(contains(outer, inner) for outer in patterns) for inner in group)


@lru_cache(maxsize=65_536)
def _apart(group: tuple[Glob, ...], patterns: tuple[Glob, ...]) -> bool:
    """Whether no text matches the group and one of `patterns`."""
    return all(disjoint(one, other) for one in group for other in patterns)


@lru_cache(maxsize=65_536)
def _relation(
    required: tuple[tuple[Glob, ...], ...],
    patterns: tuple[Glob, ...],
    negated: bool,  # noqa: FBT001 - a key of the cache
) -> bool | None:
    """Whether all (True) or none (False) of the resources in `required` are in the area, as far as is quickly seen."""
    if any(_inside(group, patterns) for group in required):
        return not negated
    if any(_apart(group, patterns) for group in required):
        return negated
    return None


@dataclass(slots=True)
class Resources:
    """What was found out about resources in the course of one question.

    `known` has a text, or None, for the groups of patterns of which it matches
    one each, and the patterns of which it matches none.
    """

    budget: Budget
    known: dict[tuple[frozenset[tuple[Glob, ...]], frozenset[Glob]], str | None] = field(default_factory=dict)

    def find(
        self, required: Sequence[tuple[Glob, ...]], forbidden: Sequence[Glob], readable: Readable
    ) -> str | None:
        """A resource that matches one pattern of each group and none of the forbidden, None if there is none."""
        key = (frozenset(required), frozenset(forbidden))
        if key not in self.known:
            found = readable(required, forbidden)
            if found is None:
                found = shortest(required, list(key[1]), self.budget)
            self.known[key] = found
        return self.known[key]


@dataclass(slots=True)
class _Inside:
    """The resources inside all positive sets."""

    required: tuple[tuple[Glob, ...], ...]
    forbidden: list[Glob]
    readable: Readable
    resources: Resources

    def outside(self, areas: Sequence[Area], avoided: frozenset[int]) -> str | None:
        """A resource outside the given of `areas`, None where there is none."""
        required = list(self.required)
        forbidden = list(self.forbidden)
        for index in avoided:
            area = areas[index]
            if area.negated:
                required.append(area.patterns or ())
            else:
                forbidden.extend(area.patterns or ())
        return self.resources.find(required, forbidden, self.readable)


def meet(left: Sequence[int], area: Area) -> list[int] | None:
    """The classes of each key that are in the area too, None where a key has none left."""
    met = list(left)
    for key, mask in area.masks:
        met[key] &= mask
        if not met[key]:
            return None
    return met


def apart(one: Area, other: Area) -> bool:
    """Whether no resource is in both areas, as far as is quickly seen."""
    if one.patterns is None or other.patterns is None or one.negated or other.negated:
        return False
    return _apart(one.patterns, other.patterns)


def find_spot(
    domains: Sequence[int],
    within: tuple[Glob, ...],
    without: Sequence[Glob],
    inside: Sequence[Area],
    outside: Sequence[Area],
    *,
    readable: Readable,
    budget: Budget,
    resources: Resources,
) -> Spot | None:
    """A request inside all of `inside` and outside all of `outside`, None where there is none.

    `domains` are the classes each key may be in, `within` and `without`
    patterns that the resource matches one of, and none of. Raises
    `TooManyStepsError`.
    """
    budget.spend()
    left = list(domains)
    groups: dict[tuple[Glob, ...], None] = {}
    forbidden = list(without)
    for area in inside:
        for key, mask in area.masks:
            left[key] &= mask
            if not left[key]:
                return None
        if area.patterns is not None:
            if area.negated:
                forbidden.extend(area.patterns)
            else:
                groups.setdefault(area.patterns)
    # A wide group does not tell which unknown parts are asked about.
    if not any(_inside(group, within) and not any(one.wide for one in group) for group in groups):
        groups.setdefault(within)
    required = tuple(groups)
    if any(_apart(one, other) for one, other in combinations(required, 2)):
        return None
    open_: list[tuple[int, bool]] = []
    for index, area in enumerate(outside):
        for key, mask in area.masks:
            if not left[key] & mask:
                break
        else:
            patterns = area.patterns
            relation = True if patterns is None else _relation(required, patterns, area.negated)
            if relation is None:
                open_.append((index, True))
            elif relation:
                if not area_can_be_left(area, left):
                    return None
                open_.append((index, False))
    room = _Inside(required, forbidden, readable, resources)
    return _search(left, room, outside, open_, frozenset(), budget)


def area_can_be_left(area: Area, left: Sequence[int]) -> bool:
    """Whether some key has a class outside the area."""
    return any(left[key] & ~mask for key, mask in area.masks)


def _search(
    left: list[int],
    room: _Inside,
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
    text = room.outside(areas, avoided)
    if text is None:
        return None
    if tightest is None:
        return Spot(tuple((mask & -mask).bit_length() - 1 for mask in left), text)
    index, places, escape = tightest
    rest = [entry for entry in open_ if entry[0] != index]
    for key, mask in places:
        trial = list(left)
        trial[key] &= ~mask
        found = _search(trial, room, areas, rest, avoided, budget)
        if found is not None:
            return found
        left[key] &= mask
    return _search(left, room, areas, rest, avoided | {index}, budget) if escape else None
