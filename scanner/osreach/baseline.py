"""A baseline: findings that were there when osreach was introduced, kept in a file.

A finding is recognised by its fingerprint, which survives moved lines; one whose
file is gone, by what it says of which resource, since the file may have another
name by now. The file is JSON with one entry a finding, sorted, so that it can be read and reviewed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from osreach.finding import Finding, Report, Suppression
from osreach.usage import UsageError

_VERSION = 1
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Known:
    """Findings of one fingerprint: how many there are, their file, and rule, resource and message."""

    count: int
    path: str = ""
    words: tuple[str, str, str] = ("", "", "")


def write_baseline(report: Report) -> str:
    """The text of a baseline that holds every finding of `report` that nothing else suppresses."""
    counted = Counter(finding.fingerprint for finding in report.findings if finding.suppressed is None)
    first: dict[str, Finding] = {}
    for finding in report.findings:
        if finding.fingerprint in counted:
            first.setdefault(finding.fingerprint, finding)
    entries = [
        {
            "fingerprint": fingerprint,
            "count": counted[fingerprint],
            "rule": finding.rule.name,
            "path": finding.location.path,
            "resource": finding.match.resource,
            "message": finding.match.message,
        }
        for fingerprint, finding in first.items()
    ]
    entries.sort(key=lambda entry: (entry["path"], entry["rule"], entry["resource"], entry["fingerprint"]))
    return json.dumps({"version": _VERSION, "findings": entries}, indent=2) + "\n"


def read_baseline(text: str, path: str) -> Mapping[str, Known]:
    """The findings that a baseline holds, by their fingerprint.

    Raises UsageError, naming `path`, for a text that is no baseline.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{path}` is not a baseline: {error}") from None
    if not isinstance(data, dict) or data.get("version") != _VERSION:
        raise UsageError(f"`{path}` is not a baseline of version {_VERSION}")
    found: dict[str, Known] = {}
    entries = data.get("findings")
    for entry in entries if isinstance(entries, list) else [None]:
        match entry:
            case {"fingerprint": str(fingerprint), **rest}:
                count = rest.get("count", 1)
                if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                    raise UsageError(f"`{path}` is not a baseline: `count` of `{fingerprint}` is no number")
                if fingerprint in found:
                    count += found[fingerprint].count
                rule, resource, message, file = (
                    str(rest.get(key, "")) for key in ("rule", "resource", "message", "path")
                )
                found[fingerprint] = Known(count, file, (rule, resource, message))
            case _:
                raise UsageError(f"`{path}` is not a baseline: an entry of `findings` has no `fingerprint`")
    return found


def apply_baseline(
    report: Report, baseline: Mapping[str, Known], path: str, is_gone: Callable[[str], bool] = lambda _: False
) -> Report:
    """`report` with the findings that stand in `baseline` marked as suppressed.

    Where the code holds more findings of one fingerprint than the baseline, the
    further ones are new. `is_gone` tells whether a file is no longer there.
    """
    left = Counter({fingerprint: known.count for fingerprint, known in baseline.items()})
    held = _held(report, left, lambda finding: finding.fingerprint)
    moved: Counter[tuple[str, str, str]] = Counter()
    for fingerprint, known in baseline.items():
        if left[fingerprint] and known.path and is_gone(known.path):
            moved[known.words] += left[fingerprint]
    held |= _held(report, moved, _words, held)
    suppression = Suppression("baseline", f"is in `{path}`")
    return replace(
        report,
        findings=tuple(
            replace(finding, suppressed=suppression) if number in held else finding
            for number, finding in enumerate(report.findings)
        ),
    )


def _words(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.name, finding.match.resource, finding.match.message


def _held(
    report: Report,
    left: Counter[_Key],
    key: Callable[[Finding], _Key],
    besides: frozenset[int] = frozenset(),
) -> frozenset[int]:
    """The numbers of the findings that are among those `left`, which are taken out of it."""
    found: set[int] = set()
    for number, finding in enumerate(report.findings):
        if finding.suppressed is None and number not in besides and left[key(finding)] > 0:
            left[key(finding)] -= 1
            found.add(number)
    return frozenset(found)
