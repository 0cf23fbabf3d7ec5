"""Findings that a change brings: those that were not there in an earlier version of the code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import replace

from osreach.finding import Finding, Report, Suppression

_MODULE = re.compile(r"\bmodule\.[\w-]+(?:\[[^\]]*\])?\.")


def only_new(report: Report, earlier: Report, reference: str) -> Report:
    """`report` with the findings that `earlier` had too marked as suppressed; `reference` names that version.

    A finding is first looked for in its own file, then, as a file may have
    another name by now, among those of `earlier` that are gone from theirs.
    What `earlier` suppressed counts as not found there.
    """
    was = [finding for finding in earlier.findings if finding.suppressed is None]
    here = [finding for finding in report.findings if finding.suppressed is None]
    in_place = _shared(here, was, lambda finding: finding.fingerprint)
    rest_here, rest_was = _rest(here, in_place), _rest(was, _shared(was, here, lambda one: one.fingerprint))
    known = {*in_place, *_shared(rest_here, rest_was, _saying)}
    suppression = Suppression("baseline", f"was there in `{reference}`")
    return replace(
        report,
        findings=tuple(
            replace(finding, suppressed=suppression) if id(finding) in known else finding
            for finding in report.findings
        ),
    )


def _saying(finding: Finding) -> Hashable:
    """What a finding says, wherever it says it, and whatever module its resource is in by now."""
    match = finding.match
    words = (match.resource, match.principal, match.message)
    return (finding.rule.name, *(_MODULE.sub("", text) for text in words))


def _shared(these: list[Finding], those: list[Finding], key: Callable[[Finding], Hashable]) -> set[int]:
    """The ids of as many of `these` as there are of the same key among `those`."""
    left = Counter(map(key, those))
    found: set[int] = set()
    for finding in these:
        if left[key(finding)] > 0:
            left[key(finding)] -= 1
            found.add(id(finding))
    return found


def _rest(findings: list[Finding], known: set[int]) -> list[Finding]:
    return [finding for finding in findings if id(finding) not in known]
