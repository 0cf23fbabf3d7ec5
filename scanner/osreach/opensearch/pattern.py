"""Patterns of index names, actions, users and backend roles.

`*` is any text, `?` is one character, and `/.../` holds a regular expression
for the whole text; everything else is itself, and case counts. Texts may
contain holes: single characters of a private use area that stand for unknown
texts, the same hole for the same text (the convention of `osreach.iam.hole`).

Source: https://docs.opensearch.org/latest/security/access-control/users-roles/
and `WildcardMatcher` of the Security plugin.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache

from osreach.truth import Truth, truth_of

_FIRST_HOLE = chr(0xF0000)
_LAST_HOLE = chr(0xFFFFD)
HOLES = f"[{_FIRST_HOLE}-{_LAST_HOLE}]"
"""A regular expression that matches one hole."""

_NO_HOLE = f"[^{HOLES[1:-1]}]"
_ELSE = ""
"""A letter that no pattern names."""

_MOST_STATES = 20_000
_MOST_POSITIONS = 500_000
"""A question about sets of names that needs more steps than these is left undecided."""

_WILD = re.compile(r"[*?]")
_REPEATS = re.compile(r"(?<!\\)[*+?{]")
_MOST_REPEATS = 2
"""A regular expression of a scanned file may be hostile; with more repetitions it could take minutes."""


def is_hole(letter: str) -> bool:
    """Whether this one character stands for an unknown text."""
    return _FIRST_HOLE <= letter <= _LAST_HOLE


def has_hole(text: str) -> bool:
    """Whether a part of `text` is unknown."""
    return not text.isascii() and any(map(is_hole, text))


def is_regular_expression(pattern: str) -> bool:
    """Whether `pattern` is written between slashes."""
    return len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/")


def is_wildcard(pattern: str) -> bool:
    """Whether `pattern` can match more than one text."""
    return "*" in pattern or "?" in pattern or is_regular_expression(pattern)


def _widened(pattern: str) -> str:
    return "".join("*" if is_hole(letter) else letter for letter in pattern)


@lru_cache(maxsize=16_384)
def _glob(pattern: str) -> re.Pattern[str]:
    """A regular expression in linear time: what stands between two stars is taken where it first occurs."""
    pieces = [
        "".join(_NO_HOLE if letter == "?" else re.escape(letter) for letter in piece)
        for piece in re.split(r"\*+", pattern)
    ]
    if len(pieces) == 1:
        return re.compile(pieces[0], re.DOTALL)
    middle = "".join(f"(?>.*?{piece})" for piece in pieces[1:-1])
    return re.compile(f"{pieces[0]}{middle}.*{pieces[-1]}", re.DOTALL)


@lru_cache(maxsize=1024)
def _regular_expression(pattern: str) -> re.Pattern[str] | None:
    """The expression between the slashes, None where it cannot be judged safely or is no expression."""
    inner = pattern[1:-1]
    if len(_REPEATS.findall(inner)) > _MOST_REPEATS or re.search(r"\)[*+?{]|\\[1-9]", inner):
        return None
    with warnings.catch_warnings():
        # What Python warns of (`[[a]`) means something else in Java.
        warnings.simplefilter("error")
        try:
            return re.compile(inner, re.DOTALL)
        except (re.error, OverflowError, Warning):
            return None


def matches(pattern: str, text: str) -> Truth:
    """Whether the whole of `text` matches `pattern`; a blank pattern matches nothing."""
    if pattern == "*":
        return Truth.TRUE
    if not pattern.strip():
        return Truth.FALSE
    if is_regular_expression(pattern):
        if has_hole(pattern) or has_hole(text):
            return Truth.UNKNOWN
        expression = _regular_expression(pattern)
        if expression is None:
            return Truth.UNKNOWN
        return Truth.TRUE if expression.fullmatch(text) else Truth.FALSE
    if has_hole(pattern) or has_hole(text):
        return truth_of(
            _is_long_enough(text, pattern) and _glob(pattern).fullmatch(text),
            intersects(_widened(pattern), _widened(_literal(text))),
        )
    if not is_wildcard(pattern):
        return Truth.TRUE if pattern == text else Truth.FALSE
    # Most names differ in the beginning, and to compile an expression costs more than the rest.
    beginning = _WILD.split(pattern, maxsplit=1)[0]
    if not text.startswith(beginning):
        return Truth.FALSE
    if len(beginning) == len(pattern) - 1 and pattern.endswith("*"):
        return Truth.TRUE
    return Truth.TRUE if _is_long_enough(text, pattern) and _glob(pattern).fullmatch(text) else Truth.FALSE


def _is_long_enough(text: str, pattern: str) -> bool:
    """Whether a text has as many characters as a pattern has besides its stars."""
    return len(pattern) - pattern.count("*") <= len(text)


def _literal(text: str) -> str:
    """`text` without characters that would be wildcards; no name that is compared here holds any."""
    return text.replace("*", "\0").replace("?", "\1")


def matches_any(patterns: Iterable[str], text: str) -> Truth:
    """Whether `text` matches one of `patterns`."""
    best = Truth.FALSE
    for pattern in patterns:
        best = max(best, matches(pattern, text))
        if best is Truth.TRUE:
            break
    return best


def _close(pattern: str, positions: frozenset[int]) -> frozenset[int]:
    """`positions` and those behind each star that begins there."""
    out = set(positions)
    for position in positions:
        after = position
        while after < len(pattern) and pattern[after] == "*":
            after += 1
            out.add(after)
    return frozenset(out)


def _step(pattern: str, positions: frozenset[int], letter: str) -> frozenset[int]:
    out = set()
    for position in positions:
        if position == len(pattern):
            continue
        symbol = pattern[position]
        if symbol == "*":
            out.add(position)
        elif (symbol == "?" and not (letter and is_hole(letter))) or symbol == letter:
            out.add(position + 1)
    return _close(pattern, frozenset(out))


def _letters(patterns: Iterable[str]) -> list[str]:
    return [*sorted({letter for pattern in patterns for letter in pattern} - {"*", "?"}), _ELSE]


def _beginnings_differ(first: str, second: str) -> bool:
    """Whether the literal beginnings of two patterns already rule out a common text."""
    one, other = _WILD.split(first, 1)[0], _WILD.split(second, 1)[0]
    return not (one.startswith(other) or other.startswith(one))


@lru_cache(maxsize=16_384)
def intersects(first: str, second: str) -> bool:
    """Whether some text matches both; true where a regular expression is involved that cannot be told."""
    if is_regular_expression(first) or is_regular_expression(second):
        if not is_wildcard(second):
            return matches(first, second) is not Truth.FALSE
        if not is_wildcard(first):
            return matches(second, first) is not Truth.FALSE
        return True
    if _beginnings_differ(first, second):
        return False
    letters = _letters((first, second))
    start = (_close(first, frozenset({0})), _close(second, frozenset({0})))
    seen, waiting = {start}, [start]
    looked_at = 0
    while waiting:
        here, there = waiting.pop()
        if len(first) in here and len(second) in there:
            return True
        looked_at += (len(here) + len(there)) * len(letters)
        if looked_at > _MOST_POSITIONS:
            return True
        for letter in letters:
            after = (_step(first, here, letter), _step(second, there, letter))
            if after[0] and after[1] and after not in seen:
                if len(seen) > _MOST_STATES:
                    return True
                seen.add(after)
                waiting.append(after)
    return False


@lru_cache(maxsize=16_384)
def covers(patterns: tuple[str, ...], expression: str) -> Truth:
    """Whether every text that matches `expression` matches one of `patterns`."""
    if "*" in patterns:
        return Truth.TRUE
    if not is_wildcard(expression):
        return matches_any(patterns, expression)
    plain = tuple(pattern for pattern in patterns if not is_regular_expression(pattern) and pattern.strip())
    covered = False if is_regular_expression(expression) else _covered(plain, expression)
    if covered:
        return Truth.TRUE
    doubtful = covered is None or len(plain) < len([pattern for pattern in patterns if pattern.strip()])
    unknown = has_hole(expression) or any(map(has_hole, patterns)) or is_regular_expression(expression)
    if not (doubtful or unknown):
        return Truth.FALSE
    may = any(intersects(_widened(pattern), _widened(expression)) for pattern in patterns if pattern.strip())
    return Truth.UNKNOWN if may else Truth.FALSE


def _covered(patterns: tuple[str, ...], expression: str) -> bool | None:
    """Exact inclusion of a pattern in a union, found by following both over every distinct letter.

    None where that takes too many steps.
    """
    # A pattern that shares no text with the expression covers nothing of it.
    patterns = tuple(pattern for pattern in patterns if not _beginnings_differ(pattern, expression))
    if not patterns:
        return False
    letters = _letters((*patterns, expression))
    start = (
        _close(expression, frozenset({0})),
        tuple(_close(pattern, frozenset({0})) for pattern in patterns),
    )
    seen, waiting = {start}, [start]
    looked_at = 0
    while waiting:
        here, there = waiting.pop()
        looked_at += (len(here) + sum(map(len, there))) * len(letters)
        if looked_at > _MOST_POSITIONS:
            return None
        if len(expression) in here and not any(
            len(pattern) in positions for pattern, positions in zip(patterns, there, strict=True)
        ):
            return False
        for letter in letters:
            ahead = _step(expression, here, letter)
            if not ahead:
                continue
            after = (
                ahead,
                tuple(
                    _step(pattern, positions, letter)
                    for pattern, positions in zip(patterns, there, strict=True)
                ),
            )
            if after not in seen:
                if len(seen) > _MOST_STATES:
                    return None
                seen.add(after)
                waiting.append(after)
    return True
