"""A place in a file, as every finding and every problem needs one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A range of characters in one file.

    Lines and columns count from 1; the end is the position behind the last
    character, as in SARIF. `path` is relative to the working directory and
    written with `/`.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Place:
    """A location with a word on what stands there, one step of a finding's trail.

    What stands at a `secret` place is quoted nowhere.
    """

    location: Location
    note: str = ""
    secret: bool = False
