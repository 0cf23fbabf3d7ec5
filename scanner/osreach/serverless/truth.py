"""Three truth values for policies of which some parts are not known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """A truth value; `and` of several is their `min`, `or` is their `max`."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


def any_of(truths: Iterable[Truth]) -> Truth:
    """Whether one holds; `FALSE` for none at all."""
    return max(truths, default=Truth.FALSE)


def all_of(truths: Iterable[Truth]) -> Truth:
    """Whether every one holds; `TRUE` for none at all."""
    return min(truths, default=Truth.TRUE)
