"""What the documentation says about access to search data, and which rules watch it.

`documented.toml` beside this module holds a statement of the documentation
each, in the order of subjects: what it says, where, and the rules that watch
it, or the reason why none can.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

NOTE = "<!-- Written by `osreach rules --coverage`; edit `rules/osreach_rules/documented.toml` instead. -->"


@dataclass(frozen=True, slots=True)
class Documented:
    """One statement of the documentation.

    `sources` are the addresses of its pages. `rules` are the names of the rules
    that watch it; where there are none, `reason` says why, in most cases because
    the code of an infrastructure does not tell.
    """

    subject: str
    says: str
    sources: tuple[str, ...]
    rules: tuple[str, ...] = ()
    reason: str = ""


def documented() -> tuple[Documented, ...]:
    """Every statement, in the order of the file."""
    text = files("osreach_rules").joinpath("documented.toml").read_text(encoding="utf-8")
    return tuple(
        Documented(
            subject=entry["subject"],
            says=entry["says"],
            sources=tuple(entry["sources"]),
            rules=tuple(entry.get("rules", ())),
            reason=entry.get("reason", ""),
        )
        for entry in tomllib.loads(text)["statement"]
    )


def coverage(statements: Iterable[Documented]) -> str:
    """The page `docs/coverage.md`: a table for each subject."""
    listed = tuple(statements)
    watched = sum(bool(one.rules) for one in listed)
    lines = [
        "# What is watched",
        "",
        NOTE,
        "",
        "What the documentation of AWS and of OpenSearch says about access to search data, and the rules of",
        "osreach that watch it. Where there is none, the table says why.",
        "",
        f"{watched} of {len(listed)} statements are watched.",
    ]
    for subject in dict.fromkeys(one.subject for one in listed):
        lines += [
            "",
            f"## {subject}",
            "",
            "| The documentation says | Rules | Source |",
            "| --- | --- | --- |",
        ]
        lines += [_row(one) for one in listed if one.subject == subject]
    return "\n".join(lines) + "\n"


def _row(one: Documented) -> str:
    rules = ", ".join(f"[{name}](rules/{name}.md)" for name in one.rules) or f"none: {one.reason}"
    pages = " ".join(f"[{number}]({url})" for number, url in enumerate(one.sources, 1))
    return f"| {_cell(one.says)} | {_cell(rules)} | {pages} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
