"""The report as markdown: a table for a job summary or a comment on a pull request."""

from __future__ import annotations

import re

from osreach.finding import Finding, Report
from osreach.location import Location
from osreach.problem import Problem
from osreach.report.printable import printable
from osreach.report.view import View, count
from osreach.report.witness import witness_sentence
from osreach.rule import Severity
from osreach.witness import Confidence

_ROWS = 500
"""A job summary holds one MiB: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands."""


def render(report: Report, _view: View) -> str:
    """Counts, a table of the findings, worst first, with what to do about each, problems and coverage."""
    shown = [finding for finding in report.findings if finding.suppressed is None]
    shown.sort(key=lambda finding: finding.severity.rank)
    lines = ["## osreach", "", _summary(report, shown), ""]
    if shown:
        lines += ["| Severity | What | Where |", "| --- | --- | --- |"]
        lines += [_row(finding) for finding in shown[:_ROWS]]
        lines.append("")
    if len(shown) > _ROWS:
        lines += [f"{count(len(shown) - _ROWS, 'more finding')} of the least severity.", ""]
    if report.failures:
        lines += ["### Rules that crashed", ""]
        lines += [f"- {code(name)}: {prose(error, in_table=False)}" for name, error in report.failures]
        lines.append("")
    if report.problems:
        lines += ["### Problems", "", *(_problem(problem) for problem in report.problems[:_ROWS])]
        if len(report.problems) > _ROWS:
            lines.append(f"- {count(len(report.problems) - _ROWS, 'more problem')}")
        lines.append("")
    coverage = report.coverage
    lines.append(
        f"Read {count(coverage.files, 'file')} with {count(coverage.resources, 'resource')}, "
        f"{coverage.access_resources:,} of them about access; "
        f"{count(len(coverage.unknowns), 'value')} could not be known."
    )
    return "\n".join(lines) + "\n"


def _summary(report: Report, shown: list[Finding]) -> str:
    numbers = [
        f"{number} {severity}"
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in shown))
    ]
    text = f"**{count(len(shown), 'finding')}**" + (f" ({', '.join(numbers)})" if numbers else "")
    suppressed = len(report.findings) - len(shown)
    return text + (f", {suppressed} suppressed" if suppressed else "")


def _row(finding: Finding) -> str:
    match = finding.match
    possible = " (possible)" if match.confidence is Confidence.POSSIBLE else ""
    what = [f"**{prose(match.message)}**"]
    if match.witness:
        what.append(f"Request: {code(witness_sentence(match.witness))}")
    if finding.remedy:
        what.append(f"Remedy: {prose(finding.remedy)}")
    # The rule stands below the place: each in a column of its own leaves the words no room.
    where = f"{_place(finding.location)}<br>{prose(finding.rule.code)} {prose(finding.rule.name)}"
    return f"| {finding.severity}{possible} | {'<br>'.join(what)} | {where} |"


def _problem(problem: Problem) -> str:
    where = code(f"{problem.location.path}:{problem.location.line}", in_table=False)
    return f"- {where}: {prose(problem.message, in_table=False)}"


def _place(where: Location) -> str:
    return code(f"{where.path}:{where.line}")


def code(text: str, *, in_table: bool = True) -> str:
    """`text` as a code span, whatever it holds."""
    text = printable(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    # A table ends its cell at each pipe, even inside a code span, unless it is escaped.
    inside = text.replace("|", "\\|") if in_table else text
    if longest or inside.startswith(" ") or inside.endswith(" ") or not inside:
        inside = f" {inside} "
    return f"{fence}{inside}{fence}"


def prose(text: str, *, in_table: bool = True) -> str:
    """`text` as words: names in backticks stay code, everything else that markdown reads is escaped."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        # A backtick that is not closed is a character like others.
        pieces[-2:] = [f"{pieces[-2]}`{pieces[-1]}"]
    return "".join(
        code(piece, in_table=in_table) if number % 2 else _escaped(printable(piece))
        for number, piece in enumerate(pieces)
    )


def _escaped(text: str) -> str:
    text = re.sub(r"([\\`*_\[\]|#~!])", r"\\\1", text)
    # An `@` would call the person of that name into the discussion.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
