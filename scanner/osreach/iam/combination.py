"""Texts for each way in which patterns can be combined: matching some of them and not others."""

from __future__ import annotations

from osreach.iam.language import shortest
from osreach.iam.pattern import Glob, glob_of
from osreach.iam.readable import likely_values

_VECTORS = 400_000
"""How many steps of patterns are taken to find their combinations: about a second at worst."""


def representatives(key: str, patterns: tuple[dict[str, None], dict[Glob, None]]) -> tuple[list[str], str]:
    """A text for each way of matching some patterns and not others."""
    literals, globs = patterns
    found: dict[tuple[bool, ...], str] = {}
    ideas = likely_values(key, list(globs))
    for idea in ideas:
        if idea not in literals:
            found.setdefault(tuple(pattern.matches(idea) for pattern in globs), idea)
    if not globs:
        return [*found.values(), *literals], ""
    vectors, complete = _vectors(list(globs))
    if not complete:
        # A text that matches as much as possible is what no short search comes to.
        everything = "".join(
            letter for pattern in globs for letter in pattern.symbols if isinstance(letter, str)
        )
        found.setdefault(tuple(pattern.matches(everything) for pattern in globs), everything)
    exact = [glob_of(tuple(literal)) for literal in literals]
    for vector, text in vectors.items():
        if vector in found:
            continue
        if text not in literals:
            found[vector] = text
            continue
        other = shortest(
            [[pattern] for pattern, matches in zip(globs, vector, strict=True) if matches],
            [*(pattern for pattern, matches in zip(globs, vector, strict=True) if not matches), *exact],
        )
        if other is not None:
            found[vector] = other
    reason = "" if complete else f"the patterns for `{key}` can be combined in too many ways"
    return [*found.values(), *literals], reason


def _vectors(globs: list[Glob]) -> tuple[dict[tuple[bool, ...], str], bool]:
    """Every way in which a text matches some of the patterns and not others, with a shortest such text.

    False where there are more combinations of states than are looked at.
    """
    start = tuple(pattern.start for pattern in globs)
    texts: dict[tuple[int, ...], str] = {start: ""}
    found: dict[tuple[bool, ...], str] = {}
    named = frozenset().union(*(pattern.alphabet for pattern in globs), {":"})
    foreign = next(
        letter for letter in "xyzabcdefghijklmnopqrstuvw0123456789ßøþđħŋ漢字" if letter not in named
    )
    layer = [start]
    steps = 0
    while layer:
        following: list[tuple[int, ...]] = []
        for states in layer:
            text = texts[states]
            found.setdefault(
                tuple(pattern.accepts(state) for pattern, state in zip(globs, states, strict=True)), text
            )
            letters = {foreign}
            for pattern, state in zip(globs, states, strict=True):
                if state:
                    letters |= pattern.letters(state)
            steps += len(letters) * len(globs)
            if steps > _VECTORS:
                return found, False
            for letter in sorted(letters):
                after = tuple(
                    pattern.step(state, letter) if state else 0
                    for pattern, state in zip(globs, states, strict=True)
                )
                if after not in texts:
                    texts[after] = text + letter
                    following.append(after)
        layer = following
    return found, True
