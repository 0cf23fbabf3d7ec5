"""A baseline: findings that were there when osreach was introduced, kept in a file.

A finding is recognised by its fingerprint, which survives moved lines. The file
is JSON with one entry a finding, sorted, so that it can be read and reviewed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from osreach.finding import Finding, Report, Suppression
from osreach.usage import UsageError

_VERSION = 1


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


def read_baseline(text: str, path: str) -> Mapping[str, int]:
    """How many findings of each fingerprint a baseline holds.

    Raises UsageError, naming `path`, for a text that is no baseline.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{path}` is not a baseline: {error}") from None
    if not isinstance(data, dict) or data.get("version") != _VERSION:
        raise UsageError(f"`{path}` is not a baseline of version {_VERSION}")
    counts: Counter[str] = Counter()
    entries = data.get("findings")
    for entry in entries if isinstance(entries, list) else [None]:
        match entry:
            case {"fingerprint": str(fingerprint), **rest}:
                count = rest.get("count", 1)
                if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                    raise UsageError(f"`{path}` is not a baseline: `count` of `{fingerprint}` is no number")
                counts[fingerprint] += count
            case _:
                raise UsageError(f"`{path}` is not a baseline: an entry of `findings` has no `fingerprint`")
    return counts


def apply_baseline(report: Report, baseline: Mapping[str, int], path: str) -> Report:
    """`report` with the findings that stand in `baseline` marked as suppressed.

    Where the code holds more findings of one fingerprint than the baseline, the
    further ones are new.
    """
    left = dict(baseline)
    findings: list[Finding] = []
    for finding in report.findings:
        count = left.get(finding.fingerprint, 0)
        if finding.suppressed is None and count:
            left[finding.fingerprint] = count - 1
            findings.append(replace(finding, suppressed=Suppression("baseline", f"is in `{path}`")))
        else:
            findings.append(finding)
    return replace(report, findings=tuple(findings))
