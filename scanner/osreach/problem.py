"""An input that could not be read, or only in part."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.location import Location


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something in the input that could not be understood, and where.

    A problem never hides the rest of the input: the scan goes on without the
    part that it names. `message` is one sentence in lower case without a final
    period, names in backticks.
    """

    location: Location
    message: str
