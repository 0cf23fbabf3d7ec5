"""Text of strangers made safe to print: names and source lines come from the scanned files."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
"""Categories that move the cursor, turn the direction of writing or show nothing."""


def printable(text: str) -> str:
    r"""`text` with every control and invisible character written as `\u{1b}`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"\\u{{{ord(character):x}}}" if unicodedata.category(character) in _INVISIBLE else character
        for character in text
    )


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(character) for character in text)


def head(text: str, room: int) -> str:
    """As much of the start of `text` as fits into `room` columns."""
    taken = 0
    for number, character in enumerate(text):
        taken += _columns_of(character)
        if taken > room:
            return text[:number]
    return text


def tail(text: str, room: int) -> str:
    """As much of the end of `text` as fits into `room` columns."""
    taken = 0
    for number in range(len(text) - 1, -1, -1):
        taken += _columns_of(text[number])
        if taken > room:
            return text[number + 1 :]
    return text


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
