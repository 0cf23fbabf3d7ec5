"""Matching a text against a pattern with `*` and `?`.

`*` is any text, also the empty one, `?` is one character, everything else is
itself. A wildcard that came out of a policy variable is no wildcard; it is
written with the characters `LITERAL_STAR` and `LITERAL_QUESTION`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

Both sides may contain holes (see `hole`). A pattern certainly matches where it
matches with every hole as an ordinary character that only equals itself (and
that `?` does not match, for its text may have any length). It possibly matches
where it does with every hole widened to `*`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from osreach.iam.hole import HOLES, has_hole, is_hole
from osreach.truth import Truth, truth_of

Matcher: TypeAlias = Callable[[str], object]
"""Answers with a true or a false object."""

LITERAL_STAR = chr(0x10FFF0)
LITERAL_QUESTION = chr(0x10FFF1)

_ESCAPE = str.maketrans({"*": LITERAL_STAR, "?": LITERAL_QUESTION})
_PLAIN = str.maketrans({LITERAL_STAR: "*", LITERAL_QUESTION: "?"})
_SPECIAL = re.compile(r"[*?]")
_ANY = f"[^{HOLES[1:-1]}]"
_ANY_IN_SEGMENT = f"[^:{HOLES[1:-1]}]"


def escaped(text: str) -> str:
    """The pattern that matches exactly `text`."""
    return text.translate(_ESCAPE)


def plain(pattern: str) -> str:
    """The text of a pattern without wildcards."""
    return pattern if pattern.isascii() else pattern.translate(_PLAIN)


def has_wildcard(pattern: str) -> bool:
    """Whether `*` or `?` stands in `pattern`."""
    return "*" in pattern or "?" in pattern


def is_everything(pattern: str) -> bool:
    """Whether `pattern` consists of stars only."""
    return pattern == "*" or (pattern != "" and not pattern.strip("*"))


def widened(text: str) -> str:
    """`text` with every hole as `*`."""
    return "".join("*" if is_hole(character) else character for character in text)


def expression(pattern: str, *, segment: bool = False) -> str:
    """A regular expression for `pattern` that takes linear time.

    With `segment` wildcards do not match a colon. A part between two stars is
    taken at its first occurrence and never tried again (an atomic group), which
    is right for patterns of this kind and rules out exponential backtracking.
    """
    star, one = ("[^:]*", _ANY_IN_SEGMENT) if segment else (".*", _ANY)
    pieces = [
        "".join(one if character == "?" else re.escape(plain(character)) for character in piece)
        for piece in re.split(r"\*+", pattern)
    ]
    if len(pieces) == 1:
        return pieces[0]
    middle = "".join(f"(?>{star}?{piece})" for piece in pieces[1:-1])
    return f"{pieces[0]}{middle}{star}{pieces[-1]}"


@lru_cache(maxsize=65536)
def matcher(pattern: str) -> Matcher:
    """A function that matches texts without holes against `pattern` without holes."""
    wildcard = _SPECIAL.search(pattern)
    if wildcard is None:
        return plain(pattern).__eq__
    start = plain(pattern[: wildcard.start()])
    if pattern[wildcard.start() :] == "*":
        return lambda text: text.startswith(start)
    compiled: Matcher | None = None

    def matches(text: str) -> object:
        # Most texts differ in the beginning, and to compile an expression costs more than a decision.
        nonlocal compiled
        if not text.startswith(start):
            return None
        if compiled is None:
            compiled = re.compile(expression(pattern), re.DOTALL).fullmatch
        return compiled(text)

    return matches


def _masks(symbols: str) -> tuple[int, int, dict[str, int]]:
    """The positions of `symbols` that are stars, that are `?`, and those of each character."""
    stars = questions = 0
    letters: dict[str, int] = {}
    for position, symbol in enumerate(symbols):
        bit = 1 << position
        if symbol == "*":
            stars |= bit
        elif symbol == "?":
            questions |= bit
        else:
            letters[symbol] = letters.get(symbol, 0) | bit
    return stars, questions, letters


@lru_cache(maxsize=16384)
def globs_intersect(first: str, second: str) -> bool:
    """Whether some text matches both patterns.

    The positions that are reachable in `first` are the bits of one number,
    which moves over `second` once: time is linear in practice.
    """
    first = re.sub(r"\*+", "*", first)
    stars, questions, letters = _masks(first)
    everything = (1 << (len(first) + 1)) - 1
    positions = 1
    positions |= (positions & stars) << 1
    for symbol in re.sub(r"\*+", "*", second):
        if symbol == "*":
            positions = everything & ~((positions & -positions) - 1)
        else:
            step = everything & ~stars if symbol == "?" else questions | letters.get(symbol, 0)
            positions = ((positions & step) << 1 | positions & stars) & everything
            positions |= (positions & stars) << 1 & everything
        if not positions:
            return False
    return bool(positions >> len(first) & 1)


def glob_matches(pattern: str, text: str) -> Truth:
    """Whether `text` matches `pattern`, either with or without holes."""
    if not has_hole(pattern) and not has_hole(text):
        return Truth.TRUE if matcher(pattern)(text) else Truth.FALSE
    return truth_of(matcher(pattern)(text), may_match(pattern, text))


def may_match(pattern: str, text: str) -> bool:
    """Whether `text` matches `pattern` for some text in place of each hole."""
    return globs_intersect(widened(pattern), widened(escaped(text)))


def texts_equal(first: str, second: str) -> Truth:
    """Whether two texts, in which wildcards are ordinary characters, are the same."""
    if first == second:
        return Truth.TRUE
    if not has_hole(first) and not has_hole(second):
        return Truth.FALSE
    return truth_of(must=False, may=globs_intersect(widened(escaped(first)), widened(escaped(second))))
