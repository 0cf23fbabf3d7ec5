"""The report as SARIF 2.1.0, the form that code scanning services take.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; what GitHub
reads of it: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from osreach.finding import Finding, Report, Suppression
from osreach.location import Location, Place
from osreach.report.view import View
from osreach.report.witness import witness_object, witness_sentence
from osreach.rule import Rule, Severity
from osreach.witness import Confidence

_BASE = "%SRCROOT%"
"""The name by which GitHub knows the root of the repository."""

_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORE = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
"""GitHub's bands: critical above 9.0, high from 7.0, medium from 4.0, low below; none for `info`."""

_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
_BRACKETS = re.compile(r"([\\\[\]])")
_BEHIND_A_STROKE = r"\\\1"

Json = dict[str, object]


def render(report: Report, view: View) -> str:
    """One run with every rule, finding and problem; suppressed findings are there and marked."""
    rules = {rule.name: rule for rule in (*view.rules, *(finding.rule for finding in report.findings))}
    ordered = sorted(rules.values(), key=lambda rule: rule.code)
    index = {rule.name: number for number, rule in enumerate(ordered)}
    seen: Counter[str] = Counter()
    results: list[Json] = []
    for finding in report.findings:
        seen[finding.fingerprint] += 1
        results.append(_result(finding, index[finding.rule.name], seen[finding.fingerprint]))
    driver: Json = {"name": "osreach", "rules": [_rule(rule, view) for rule in ordered]}
    if view.version:
        driver["semanticVersion"] = view.version
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "the folder that osreach was run in"}}},
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "toolExecutionNotifications": _notifications(report),
            }
        ],
        "results": results,
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: Rule, view: View) -> Json:
    text = "\n\n".join(part for part in (rule.documentation, rule.remedy) if part) or rule.name
    properties: Json = {"tags": ["security"], "precision": "high"}
    if rule.severity in _SCORE:
        properties["security-severity"] = _SCORE[rule.severity]
    described: Json = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary or rule.name},
        "fullDescription": {"text": rule.documentation or rule.name},
        "help": {"text": text, "markdown": view.help.get(rule.name, text)},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": properties,
    }
    if rule.references:
        described["helpUri"] = rule.references[0]
    return described


def _result(finding: Finding, rule_index: int, occurrence: int) -> Json:
    match = finding.match
    lines = [_no_link(match.message)]
    if len(match.places) > 1:
        # GitHub shows a related place only where the message links to it.
        links = (_link(place, number) for number, place in enumerate(match.places[1:]))
        lines.append(f"Because: {', '.join(links)}")
    if match.witness:
        lines.append(_no_link(f"Request: {witness_sentence(match.witness)}"))
    if finding.remedy:
        lines.append(_no_link(f"Remedy: {finding.remedy}"))
    properties: Json = {"severity": str(finding.severity), "confidence": str(match.confidence)}
    if match.witness:
        properties["witness"] = witness_object(match.witness)
    result: Json = {
        "ruleId": finding.rule.code,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.severity],
        "message": {"text": "\n".join(lines)},
        "locations": [
            {
                **_place(match.places[0]),
                "logicalLocations": [{"fullyQualifiedName": match.resource, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {
            "osreach/v1": finding.fingerprint,
            # GitHub recognises an alert by this one and would else compute it from the line's text.
            "primaryLocationLineHash": f"{finding.fingerprint}:{occurrence}",
        },
        "properties": properties,
        "suppressions": [_suppression(finding.suppressed)] if finding.suppressed else [],
    }
    if match.confidence is Confidence.POSSIBLE:
        result["rank"] = 50.0
    if len(match.places) > 1:
        trail = match.places[1:]
        result["relatedLocations"] = [{"id": number, **_place(place)} for number, place in enumerate(trail)]
        result["codeFlows"] = [_flow((*trail, match.places[0]))]
    return result


def _no_link(text: str) -> str:
    """`text` without a link in it: what a name may hold that is meant to look like one is escaped."""
    return _LINK.sub(r"\\[", text)


def _link(place: Place, number: int) -> str:
    """A link to a related location by its number, section 3.11.6 of the standard."""
    where = place.location
    text = place.note or f"{where.path}:{where.line}"
    return f"[{_BRACKETS.sub(_BEHIND_A_STROKE, text)}]({number})"


def _flow(places: Sequence[Place]) -> Json:
    """The facts in the order that leads to the finding, which comes last."""
    return {"threadFlows": [{"locations": [{"location": _place(place)} for place in places]}]}


def _place(place: Place) -> Json:
    written: Json = {"physicalLocation": _physical(place.location)}
    if place.note:
        written["message"] = {"text": place.note}
    return written


def _physical(where: Location) -> Json:
    return {
        "artifactLocation": _artifact(where.path),
        "region": {
            "startLine": where.line,
            "startColumn": where.column,
            "endLine": where.end_line,
            "endColumn": where.end_column,
        },
    }


def _artifact(path: str) -> Json:
    """The file, relative to the base where its path is; a colon could read as a scheme and is escaped."""
    written = quote(path.encode("utf-8", "surrogateescape"), safe="/~")
    return {"uri": f"file://{written}"} if path.startswith("/") else {"uri": written, "uriBaseId": _BASE}


def _suppression(suppression: Suppression) -> Json:
    written: Json = {
        "kind": "inSource" if suppression.kind == "comment" else "external",
        "justification": suppression.reason,
    }
    if suppression.location is not None:
        written["location"] = {"physicalLocation": _physical(suppression.location)}
    return written


def _notifications(report: Report) -> list[Json]:
    problems: list[Json] = [
        {
            "level": "warning",
            "message": {"text": problem.message},
            "locations": [{"physicalLocation": _physical(problem.location)}],
        }
        for problem in report.problems
    ]
    failures: list[Json] = [
        {"level": "error", "message": {"text": f"the rule `{name}` crashed: {error}"}}
        for name, error in report.failures
    ]
    return problems + failures
