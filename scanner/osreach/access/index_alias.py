"""Aliases: other names under which requests reach an index."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.location import Location


@dataclass(frozen=True, slots=True)
class IndexAlias:
    """An alias of an index, as the code that makes the index gives it."""

    index: str
    alias: str
    address: str
    deployment: str
    location: Location
