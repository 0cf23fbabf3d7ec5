"""The report as workflow commands: GitHub shows each as an annotation at its line.

GitHub shows ten errors, ten warnings and ten notices of a step as annotations, the
first ones; all of them are in its log. Therefore the worst come first.
Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Sequence

from osreach.finding import Finding, Report
from osreach.location import Location
from osreach.report.printable import printable
from osreach.report.view import View
from osreach.report.witness import witness_sentence
from osreach.rule import Severity

COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render(report: Report, _view: View) -> str:
    """One command for each finding, problem and crashed rule; nothing for a clean report."""
    shown = sorted(
        (finding for finding in report.findings if finding.suppressed is None),
        key=lambda finding: finding.severity.rank,
    )
    commands = [_finding(finding) for finding in shown]
    commands += [
        command("warning", problem.location, "osreach could not read this", [problem.message])
        for problem in report.problems
    ]
    commands += [
        f"::error title=osreach::{_message([f'the rule `{name}` crashed: {error}'])}"
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
    return command(COMMANDS[finding.severity], finding.location, title, lines)


def command(name: str, where: Location, title: str, lines: Sequence[str]) -> str:
    """The command `name` (error, warning or notice) that puts the lines at a place of the code."""
    properties = {"file": where.path, "line": str(where.line), "endLine": str(where.end_line)}
    if where.line == where.end_line:
        # Columns are allowed within one line only; the last one is part of the range.
        properties["col"] = str(where.column)
        properties["endColumn"] = str(max(where.column, where.end_column - 1))
    properties["title"] = title
    written = ",".join(
        f"{key}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
    )
    return f"::{name} {written}::{_message(lines)}"


def _message(lines: Sequence[str]) -> str:
    """Lines of text; what looks like a line break or a control sequence inside one is shown, not obeyed."""
    return "%0A".join(_escaped(printable(line)) for line in lines)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
