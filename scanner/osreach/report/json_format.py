"""The report as JSON, version 1: the form that programs may rely on."""

from __future__ import annotations

import json

from osreach.finding import Finding, Report, Suppression
from osreach.location import Location
from osreach.problem import Problem
from osreach.report.view import View
from osreach.report.witness import witness_object


def render(report: Report, _view: View) -> str:
    """The report as one JSON object.

    `failures`, the rules that crashed, is there only where one did. `http` of a
    witness is empty where the request is none of HTTP.
    """
    coverage = report.coverage
    value: dict[str, object] = {
        "version": 1,
        "findings": [_finding(finding) for finding in report.findings],
        "problems": [_problem(problem) for problem in report.problems],
        "coverage": {
            "files": coverage.files,
            "resources": coverage.resources,
            "access_resources": coverage.access_resources,
            "unknowns": [
                {
                    "path": location.path,
                    "line": location.line,
                    "column": location.column,
                    "expression": unknown.expression,
                    "reason": unknown.reason,
                }
                for unknown, location in coverage.unknowns
            ],
        },
    }
    if report.failures:
        value["failures"] = [{"rule": name, "error": error} for name, error in report.failures]
    return json.dumps(value, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    match = finding.match
    return {
        "code": finding.rule.code,
        "rule": finding.rule.name,
        "severity": str(finding.severity),
        "confidence": str(match.confidence),
        "message": match.message,
        "resource": match.resource,
        "locations": [{**_location(place.location), "note": place.note} for place in match.places],
        "witness": witness_object(match.witness) if match.witness else None,
        "remediation": finding.remedy,
        "references": list(finding.rule.references),
        "fingerprint": finding.fingerprint,
        "suppressed": _suppression(finding.suppressed) if finding.suppressed else None,
    }


def _location(location: Location) -> dict[str, object]:
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def _suppression(suppression: Suppression) -> dict[str, object]:
    where = suppression.location
    return {
        "kind": suppression.kind,
        "reason": suppression.reason,
        "path": where.path if where else None,
        "line": where.line if where else None,
    }


def _problem(problem: Problem) -> dict[str, object]:
    where = problem.location
    return {"path": where.path, "line": where.line, "column": where.column, "message": problem.message}
