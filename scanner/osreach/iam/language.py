"""Which texts match these patterns and none of those: decided exactly, with the shortest text as proof.

The patterns run side by side over the letters that lead somewhere and over one
letter that none of them names, breadth first: the first text that satisfies
all is a shortest one, and when no state is left there is none. Unions need no
work of their own (`a` and `a?*` together contain `a*`, which comparing
pattern by pattern misses).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from osreach.iam.hole import is_hole
from osreach.iam.pattern import MANY_IN_PART, ONE, ONE_IN_PART, Glob

STEPS = 50_000
"""How many steps a question may take before it counts as too complex: a few seconds at worst."""

_READABLE = "xyzabcdefghijklmnopqrstuvw0123456789-_XYZABCDEFGHIJKLMNOPQRSTUVW./@+=,~!#%&()[]{}^|<>; \"'`$"
_FIRST_FOREIGN = 0x4E00


class TooManyStepsError(Exception):
    """The question takes more than `bound` steps."""

    def __init__(self, bound: int) -> None:
        super().__init__(f"the question takes more than {bound} steps")
        self.bound = bound


@dataclass(slots=True)
class Budget:
    """The steps that one question may take, and those it took: letters tried, places tried."""

    bound: int = STEPS
    used: int = 0

    def spend(self, steps: int = 1) -> None:
        """Count steps; raises `TooManyStepsError` behind the last."""
        self.used += steps
        if self.used > self.bound:
            raise TooManyStepsError(self.bound)


def shortest(
    required: Sequence[Sequence[Glob]], forbidden: Sequence[Glob], budget: Budget | None = None
) -> str | None:
    """A shortest text that matches one of each group in `required` and none of `forbidden`.

    None where there is no such text. Raises `TooManyStepsError`.
    """
    budget = budget or Budget()
    groups = [tuple(group) for group in required]
    globs = [pattern for group in groups for pattern in group]
    bounds: list[tuple[int, int]] = []
    for group in groups:
        begin = bounds[-1][1] if bounds else 0
        bounds.append((begin, begin + len(group)))
    needed = len(globs)
    globs.extend(forbidden)
    foreign = _foreign(globs)

    def settle(states: list[int]) -> tuple[int, ...] | None:
        """The same states without what no longer matters; None where no text can follow."""
        for index in range(needed, len(states)):
            if states[index] and globs[index].accepts_all(states[index]):
                return None
        for begin, end in bounds:
            if not any(states[begin:end]):
                return None
        return tuple(states)

    # Every text begins as the required patterns do: start behind what they spell out.
    spelled = max(
        (group[0].prefix for group in groups if len(group) == 1 and group[0].is_plain), key=len, default=""
    )
    start = settle([pattern.run(pattern.start, spelled) for pattern in globs])
    if start is None:
        return None
    came: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {start: None}
    layer = [start]
    while layer:
        following: list[tuple[int, ...]] = []
        for states in layer:
            if _satisfies(globs, states, bounds, needed):
                return spelled + _text(came, states)
            letters = _letters(globs, states, bounds, foreign)
            budget.spend(len(letters))
            for letter in letters:
                after = settle(
                    [
                        pattern.step(state, letter) if state else 0
                        for pattern, state in zip(globs, states, strict=True)
                    ]
                )
                if after is not None and after not in came:
                    came[after] = (states, letter)
                    following.append(after)
        layer = following
    return None


def _satisfies(
    globs: Sequence[Glob], states: tuple[int, ...], bounds: Sequence[tuple[int, int]], needed: int
) -> bool:
    return all(
        any(states[index] & globs[index].accept for index in range(begin, end)) for begin, end in bounds
    ) and not any(states[index] & globs[index].accept for index in range(needed, len(states)))


def _letters(
    globs: Sequence[Glob],
    states: tuple[int, ...],
    bounds: Sequence[tuple[int, int]],
    foreign: str,
) -> list[str]:
    """The letters worth trying: where a group only goes on with its own letters, no others are."""
    narrow: frozenset[str] | None = None
    for begin, end in bounds:
        live = [index for index in range(begin, end) if states[index]]
        if any(globs[index].wide or globs[index].is_free(states[index]) for index in live):
            continue
        letters = frozenset().union(*(globs[index].letters(states[index]) for index in live))
        narrow = letters if narrow is None else narrow & letters
    if narrow is not None:
        return sorted(narrow, key=_rank)
    found: set[str] = set()
    for pattern, state in zip(globs, states, strict=True):
        if state:
            found |= pattern.letters(state)
    holes = {letter for letter in found if is_hole(letter)}
    if holes:
        # Unknown parts are in an answer only where what is asked for names them.
        needed = bounds[-1][1] if bounds else 0
        # Of a wide pattern these are the ones that it shares with what is asked about.
        named = frozenset().union(*(pattern.alphabet for pattern in globs[:needed]))
        found -= holes - named
    return [foreign, *sorted(found, key=_rank)]


def _rank(letter: str) -> tuple[int, str]:
    place = _READABLE.find(letter)
    return (place if place >= 0 else len(_READABLE), letter)


def _foreign(globs: Sequence[Glob]) -> str:
    """A letter that none of the patterns names, a readable one where possible."""
    named: set[str] = {":"}
    for pattern in globs:
        named |= pattern.alphabet
    for letter in _READABLE:
        if letter not in named and letter.lower() not in named:
            return letter
    code = _FIRST_FOREIGN
    while chr(code) in named:
        code += 1
    return chr(code)


def _text(came: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None], states: tuple[int, ...]) -> str:
    letters: list[str] = []
    step = came[states]
    while step is not None:
        states, letter = step
        letters.append(letter)
        step = came[states]
    return "".join(reversed(letters))


def disjoint(one: Glob, other: Glob) -> bool:
    """Whether no text matches both."""
    if one.is_plain and other.is_plain:
        begins = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
        return not begins or _disjoint(one, other)
    return _disjoint(one, other)


@lru_cache(maxsize=65_536)
def _disjoint(one: Glob, other: Glob) -> bool:
    if one.is_plain and other.is_plain:
        for literal, pattern in ((one, other), (other, one)):
            if literal.literal is not None:
                return not pattern.matches(literal.literal)
            if literal.is_prefix and pattern.prefix.startswith(literal.prefix):
                return False
    return shortest([[one], [other]], []) is None


def contains(outer: Glob, inner: Glob) -> bool:
    """Whether every text that matches `inner` matches `outer`."""
    if outer is inner:
        return True
    if outer.is_prefix and outer.is_plain and inner.is_plain:
        return inner.prefix.startswith(outer.prefix)
    return _contains(outer, inner)


@lru_cache(maxsize=65_536)
def _contains(outer: Glob, inner: Glob) -> bool:
    if outer.is_plain and inner.is_plain:
        return _contains_worst(outer, inner)
    return shortest([[inner]], [outer]) is None


_FOREIGN = "\0"
"""A letter that no pattern of a policy names."""


def _contains_worst(outer: Glob, inner: Glob) -> bool:
    """Whether `outer` matches the texts of `inner` that are worst for it.

    Where `inner` leaves a letter open, no letter leads `outer` less far than a
    foreign one, except that a colon ends the part of an ARN. So a wildcard of
    `inner` is played out with these letters only. Of two sets of states the
    larger one can be left out: what the smaller one accepts it accepts.
    """
    begin = inner.prefix
    if (state := outer.run(outer.start, begin)) == 0:
        return False
    frontier = {state}
    for symbol in inner.symbols[len(begin) :]:
        if isinstance(symbol, str):
            frontier = {outer.step(state, symbol) for state in frontier}
        else:
            letters = (_FOREIGN,) if symbol in {ONE_IN_PART, MANY_IN_PART} else (_FOREIGN, ":")
            if symbol in {ONE, ONE_IN_PART}:
                frontier = {outer.step(state, letter) for state in frontier for letter in letters}
            else:
                layer = frontier
                while (
                    layer := {outer.step(state, letter) for state in layer for letter in letters} - frontier
                ):
                    if 0 in layer:
                        return False
                    frontier |= layer
        if 0 in frontier:
            return False
        if len(frontier) > _WIDE:
            frontier = {state for state in frontier if not any(_smaller(one, state) for one in frontier)}
    return all(outer.accepts(state) for state in frontier)


_WIDE = 4


def _smaller(one: int, state: int) -> bool:
    return one != state and one & state == one
