"""Texts and patterns of policies, of which parts may not be known.

A pattern is a name, or the beginning of names with `*` behind it. `*` anywhere
else is not documented: where it would match, the answer is unknown. Holes are
single characters of a private use area that stand for unknown texts, the same
hole for the same text.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
"""

from __future__ import annotations

from functools import lru_cache

from osreach.truth import Truth

_FIRST_HOLE, _LAST_HOLE = chr(0xF0000), chr(0xFFFFD)
_STAR = "*"
_LONGEST = 4096
"""Longer texts with unknown parts are not compared; names have at most 255 characters."""


def is_hole(letter: str) -> bool:
    """Whether this one character stands for an unknown text."""
    return _FIRST_HOLE <= letter <= _LAST_HOLE


def has_hole(text: str) -> bool:
    """Whether a part of `text` is unknown."""
    return not text.isascii() and any(map(is_hole, text))


def equal(one: str, other: str) -> Truth:
    """Whether two texts are the same."""
    if one == other:
        return Truth.TRUE
    if not has_hole(one) and not has_hole(other):
        return Truth.FALSE
    if _ends_apart(one, other) or _ends_apart(one[::-1], other[::-1]):
        return Truth.FALSE
    return Truth.UNKNOWN if _may_meet(_loose(one), _loose(other)) else Truth.FALSE


def _ends_apart(one: str, other: str) -> bool:
    """Whether what is known behind the last holes of two texts cannot be the end of one text: the cheap look."""
    for letter, facing in zip(reversed(one), reversed(other), strict=False):
        if is_hole(letter) or is_hole(facing):
            return False
        if letter != facing:
            return True
    return False


def name_matches(pattern: str, name: str) -> Truth:
    """Whether `name` (which is no pattern) is one of the names that `pattern` stands for."""
    if pattern == name:
        return Truth.TRUE
    if is_documented(pattern):
        if pattern.endswith(_STAR) and name.startswith(pattern[:-1]):
            return Truth.TRUE
        if not has_hole(pattern) and not has_hole(name):
            return Truth.FALSE
    return Truth.UNKNOWN if _may_meet(_loose(pattern), _loose(name)) else Truth.FALSE


def covers(pattern: str, names: str) -> Truth:
    """Whether every name that the expression `names` (`logs-*`) stands for is one of `pattern`'s.

    Unknown where only some are.
    """
    if pattern == _STAR:
        return Truth.TRUE
    if _STAR not in names:
        return name_matches(pattern, names)
    if is_documented(pattern):
        if pattern.endswith(_STAR) and names.startswith(pattern[:-1]):
            return Truth.TRUE
        if is_documented(names) and pattern.isascii() and names.isascii():
            # Two beginnings have a name in common where the one begins the other.
            meets = pattern.startswith(names[:-1])
            return Truth.UNKNOWN if meets else Truth.FALSE
    return Truth.UNKNOWN if _may_meet(_loose(pattern), _loose(names)) else Truth.FALSE


def resource_matches(pattern: str, resource: str) -> Truth:
    """Whether a resource of a rule (`index/logs/app-*`) stands for `resource` (`index/logs/app-1`).

    Each part between slashes is a pattern of its own, the last one of
    `resource` may be an expression that stands for several indexes.
    """
    if len(pattern) == 1 and is_hole(pattern):
        return Truth.UNKNOWN
    parts, wanted = pattern.split("/"), resource.split("/")
    if len(parts) == len(wanted):
        last = len(parts) - 1
        found = Truth.TRUE
        for place, (part, name) in enumerate(zip(parts, wanted, strict=True)):
            if part == name and is_documented(part):
                continue
            found = min(
                found, covers(part, name) if place == last and place > 1 else name_matches(part, name)
            )
            if found is Truth.FALSE:
                break
        if found is not Truth.FALSE or not has_hole(pattern):
            return found
    if not has_hole(pattern):
        return Truth.FALSE
    # an unknown text may hold slashes
    return Truth.UNKNOWN if _may_meet(_loose(pattern), _loose(resource)) else Truth.FALSE


def is_documented(pattern: str) -> bool:
    """Whether `*` stands at the end only, or nowhere."""
    return _STAR not in pattern[:-1]


def _loose(text: str) -> str:
    if text.isascii():
        return text
    return "".join(_STAR if is_hole(letter) else letter for letter in text)


@lru_cache(maxsize=16_384)
def _may_meet(one: str, other: str) -> bool:
    """Whether two texts with `*` for any text have a text in common."""
    if len(one) > _LONGEST or len(other) > _LONGEST:
        return True
    # One row of a table: at which places of `other` one may stand after the letters of `one` so far.
    row = _after_stars({0}, other)
    for letter in one:
        if letter == _STAR:
            row = set(range(min(row), len(other) + 1)) if row else set()
        else:
            stepped = {place + 1 for place in row if place < len(other) and other[place] == letter}
            stepped |= {place for place in row if place < len(other) and other[place] == _STAR}
            row = _after_stars(stepped, other)
        if not row:
            return False
    return len(other) in row


def _after_stars(places: set[int], text: str) -> set[int]:
    found = set(places)
    for place in places:
        while place < len(text) and text[place] == _STAR:
            place += 1  # noqa: PLW2901 - the star may also stand for nothing
            found.add(place)
    return found
