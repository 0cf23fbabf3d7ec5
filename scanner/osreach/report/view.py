"""What a format needs beside the report, and the door to all formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from osreach.finding import Report
from osreach.rule import Rule

if TYPE_CHECKING:
    from osreach.graph.overview import Overview

FORMATS = ("text", "json", "sarif", "github", "junit", "markdown", "html")
"""The names of the formats; each is a module here with a function `render(report, view)`."""


@dataclass(frozen=True, slots=True)
class View:
    """What a report is rendered with.

    `rules` are those that ran, `sources` holds the lines of the files to quote
    from, `help` the pages of rules as markdown by their name. `width` is in
    columns and, like `colour`, for text only; `overview`, who reaches what, is
    for html only.
    """

    rules: tuple[Rule, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    help: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    version: str = ""
    width: int = 100
    colour: bool = False
    overview: Overview | None = None


def render(name: str, report: Report, view: View) -> str:
    """The report in the format `name`, one of `FORMATS`; ends with a line break unless it is empty."""
    module = import_module(f"osreach.report.{'json_format' if name == 'json' else name}")
    function: Callable[[Report, View], str] = module.render
    return function(report, view)


def quoted_paths(report: Report) -> frozenset[str]:
    """The files that the text of `report` quotes from."""
    return frozenset(finding.location.path for finding in report.findings if finding.suppressed is None)


def trail_paths(report: Report) -> frozenset[str]:
    """The files that a page with every step of every trail quotes from."""
    return frozenset(place.location.path for finding in report.findings for place in finding.match.places)


def sources_of(paths: Iterable[str], read: Callable[[str], str | None]) -> dict[str, tuple[str, ...]]:
    """The lines of each of these files; `read` gives a file's text, or None where it is gone."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(paths):
        text = read(path)
        if text is not None:
            found[path] = tuple(line.removesuffix("\r") for line in text.split("\n"))
    return found


def count(number: int, one: str, many: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
