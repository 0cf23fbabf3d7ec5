"""Lines of source without the secrets that stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from osreach.finding import Report

Hidden: TypeAlias = Mapping[tuple[str, int], tuple[tuple[int, int], ...]]
"""Path and line, with the columns (from 0, the end behind the last) that are not shown."""

_SHOWN: Final = '"…"'
_NAMES: Final = (
    r"(?:passw(?:or)?d|passphrase|secret|secret_?key|access_?key|api_?key|private_?key|signing_?key|token"
    r"|credentials?|(?<![a-z])(?:pass|pwd|pw|hash))"
)
_PATTERNS: Final = (
    # `password = "..."`, `"MasterUserPassword": "..."`
    re.compile(
        rf"""{_NAMES}["']?[ \t]{{0,80}}[=:][ \t]{{0,80}}("(?:[^"\\]|\\.)*"?|'[^']*'?)""", re.IGNORECASE
    ),
    # `MasterUserPassword: ...` of YAML, without quotes and not a function
    re.compile(rf"""{_NAMES}:[ \t]{{1,80}}([^\s!"'{{\[&*|>$][^\s]*)""", re.IGNORECASE),
    # `"{\"password\": \"...\"}"`, JSON within a text
    re.compile(rf"""{_NAMES}\\"[ \t]{{0,80}}:[ \t]{{0,80}}\\"((?:[^"\\]|\\[^"])*)""", re.IGNORECASE),
    # `Authorization: Basic ...`
    re.compile(r"""\b(?:Basic|Bearer)[ \t]{1,80}([A-Za-z0-9+/=._~-]{8,})"""),
    # the hash of a password, as bcrypt writes it
    re.compile(r"""(\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{53})"""),
    # `https://user:...@host`
    re.compile(r"""://[^\s/:@"']{0,200}:([^\s/@"']{1,200})@"""),
)
_LONGEST: Final = 20_000
_MOST_LOOKED_AT: Final = 10_000_000
"""No file that is read has a longer line, but for plans."""
_REFERENCE: Final = re.compile(r"""["']?\$\{[^{}]*\}["']?""")


def secret_places(report: Report) -> Hidden:
    """Where the findings of a report say that a secret stands, whether they are suppressed or not."""
    found: dict[tuple[str, int], tuple[tuple[int, int], ...]] = {}
    for finding in report.findings:
        for place in finding.match.places:
            if place.secret:
                where = place.location
                end = where.end_column - 1 if where.end_line == where.line else _LONGEST
                key = where.path, where.line
                found[key] = (*found.get(key, ()), (where.column - 1, end))
    return found


def redacted(line: str, start: int, end: int, hidden: Iterable[tuple[int, int]] = ()) -> tuple[str, int, int]:
    """The line without `hidden` columns and whatever looks like a secret, and where a part of it is then."""
    spans = [(first, min(last, len(line))) for first, last in hidden if first < len(line)]
    if len(line) <= _MOST_LOOKED_AT:
        spans += _looks_secret(line)
    for first, last in _merged(spans):
        line = line[:first] + _SHOWN + line[last:]
        start = _moved(start, first, last, first)
        end = _moved(end, first, last, first + len(_SHOWN))
    return line, start, end


def _moved(position: int, first: int, last: int, inside: int) -> int:
    """Where a position is once `first` to `last` are replaced; `inside` for one between them."""
    if position <= first:
        return position
    return position - (last - first) + len(_SHOWN) if position >= last else inside


@lru_cache(maxsize=8)
def _looks_secret(line: str) -> tuple[tuple[int, int], ...]:
    """Where a line holds what looks like a secret; of many findings on one long line only the first one pays."""
    return tuple(
        found.span(1)
        for pattern in _PATTERNS
        for found in pattern.finditer(line)
        if not _REFERENCE.fullmatch(found.group(1))
    )


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans without overlaps, the last one first."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first < merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged[::-1]
