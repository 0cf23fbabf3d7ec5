"""The report as workflow commands: GitHub shows each as an annotation at its line.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from osreach.finding import Finding, Report
from osreach.location import Location
from osreach.problem import Problem
from osreach.report.view import View
from osreach.report.witness import witness_sentence
from osreach.rule import Severity

_COMMAND = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render(report: Report, _view: View) -> str:
    """One command for each finding, problem and crashed rule; nothing for a clean report."""
    commands = [_finding(finding) for finding in report.findings if finding.suppressed is None]
    commands += [_problem(problem) for problem in report.problems]
    commands += [
        f"::error title=osreach::{_data(f'the rule `{name}` crashed: {error}')}"
        for name, error in report.failures
    ]
    return "".join(f"{command}\n" for command in commands)


def _finding(finding: Finding) -> str:
    lines = [finding.match.message]
    if finding.match.witness:
        lines.append(f"request: {witness_sentence(finding.match.witness)}")
    if finding.remedy:
        lines.append(f"remedy: {finding.remedy}")
    title = f"{finding.rule.code} {finding.rule.name} ({finding.severity})"
    return _command(_COMMAND[finding.severity], finding.location, title, "\n".join(lines))


def _problem(problem: Problem) -> str:
    return _command("warning", problem.location, "osreach could not read this", problem.message)


def _command(name: str, where: Location, title: str, message: str) -> str:
    properties = {"file": where.path, "line": str(where.line), "endLine": str(where.end_line)}
    if where.line == where.end_line:
        # Columns are allowed within one line only; the last one is part of the range.
        properties["col"] = str(where.column)
        properties["endColumn"] = str(max(where.column, where.end_column - 1))
    properties["title"] = title
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
