"""Three truth values: what is so, what is not so, and what cannot be known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """A truth value; `and` of several is their `min`, `or` is their `max`.

    `UNKNOWN` says that filling in what is not known could make it either.
    """

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


_NEGATION = (Truth.TRUE, Truth.UNKNOWN, Truth.FALSE)


def negation(truth: Truth) -> Truth:
    """The opposite; what is unknown stays unknown."""
    return _NEGATION[truth]


def truth_of(must: object, may: object) -> Truth:
    """`TRUE` where it certainly holds, `FALSE` where it cannot, `UNKNOWN` between."""
    if must:
        return Truth.TRUE
    return Truth.UNKNOWN if may else Truth.FALSE


def any_of(truths: Iterable[Truth]) -> Truth:
    """Whether one holds; `FALSE` for none at all."""
    return max(truths, default=Truth.FALSE)


def all_of(truths: Iterable[Truth]) -> Truth:
    """Whether every one holds; `TRUE` for none at all."""
    return min(truths, default=Truth.TRUE)
