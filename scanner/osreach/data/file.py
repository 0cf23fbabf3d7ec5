"""The files of this package, and where each comes from."""

from __future__ import annotations

import json
import pkgutil
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a published package that data was taken from."""

    package: str
    version: str
    licence: str
    file: str


@dataclass(frozen=True, slots=True)
class Header:
    """Where a file comes from: the script that made it, the day (`2026-11-21`), its sources, and pages."""

    maker: str
    date: str
    sources: tuple[Source, ...]
    documentation: tuple[str, ...]


def read(name: str) -> bytes:
    """The content of the file `name`, a path below this package; OSError where there is none."""
    # `importlib.resources` would do too, but costs 30 ms to import.
    content = pkgutil.get_data(__package__, name)
    if content is None:
        raise OSError(f"the importer of `{__package__}` cannot read `{name}`")
    return content


def header(name: str) -> Header:
    """The header of the file `name`."""
    content = json.loads(read(name))["header"]
    sources = tuple(Source(**source) for source in content["sources"])
    return Header(content["maker"], content["date"], sources, tuple(content["documentation"]))
