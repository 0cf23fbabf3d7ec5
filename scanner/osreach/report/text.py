"""The report for people: each finding with the line it is about, how it came to be and what to do."""

from __future__ import annotations

import textwrap

from osreach.finding import Coverage, Finding, Report
from osreach.location import Location
from osreach.report.printable import columns, head, printable, tail
from osreach.report.redaction import Hidden, redacted, secret_places
from osreach.report.view import View, count
from osreach.report.witness import witness_sentence
from osreach.rule import Severity
from osreach.witness import Confidence

_COLOURS = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.INFO: "34",
}
_BOLD = "1"
_DIM = "2"
_UNKNOWNS_SHOWN = 5
_NEAR = 2_000
_LONG = 20_000
_CUT = "..."


def render(report: Report, view: View) -> str:
    """Findings, problems, crashed rules, what could not be known, and a summary line."""
    shown = [finding for finding in report.findings if finding.suppressed is None]
    hidden = secret_places(report)
    blocks = [_finding(finding, hidden, view) for finding in shown]
    blocks += ["\n".join(_problems(report, view))] if report.problems else []
    blocks += ["\n".join(_failures(report, view))] if report.failures else []
    blocks += ["\n".join(_unknowns(report.coverage, view))] if report.coverage.unknowns else []
    blocks.append(_summary(report, shown, view))
    return "\n\n".join(blocks) + "\n"


def _paint(text: str, colour: str, view: View) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if view.colour else text


def _where(where: Location) -> str:
    return printable(f"{where.path}:{where.line}:{where.column}")


def _finding(finding: Finding, hidden: Hidden, view: View) -> str:
    match = finding.match
    colour = _COLOURS[finding.severity]
    possible = ", possible" if match.confidence is Confidence.POSSIBLE else ""
    header = (
        f"{_paint(_where(finding.location), _BOLD, view)} "
        f"{_paint(f'{finding.severity}{possible}', colour, view)} "
        f"{finding.rule.code} {_paint(finding.rule.name, _BOLD, view)}"
    )
    lines = [header, *_wrapped(printable(match.message), "  ", "  ", view)]
    lines += _excerpt(finding.location, match.places[0].note, colour, hidden, view)
    for place in match.places[1:]:
        note = f" {printable(place.note)}" if place.note else ""
        lines += _wrapped(f"{_where(place.location)}{note}", "  = because: ", "             ", view)
    if match.witness:
        # A request is copied, so it stays on one line.
        lines.append(f"  = request: {printable(witness_sentence(match.witness))}")
    if finding.remedy:
        lines += _wrapped(printable(finding.remedy), "  = remedy:  ", "             ", view)
    return "\n".join(lines)


def _wrapped(text: str, first: str, later: str, view: View) -> list[str]:
    return textwrap.wrap(
        text,
        width=max(view.width, 40),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _excerpt(where: Location, note: str, colour: str, hidden: Hidden, view: View) -> list[str]:
    """The line of the place with the marked part underlined; nothing where the file is gone."""
    lines = view.sources.get(where.path, ())
    if not 1 <= where.line <= len(lines):
        return []
    line = lines[where.line - 1]
    start = min(where.column - 1, len(line))
    end = min(where.end_column - 1, len(line)) if where.end_line == where.line else len(line.rstrip())
    end = max(end, start + 1)
    line, start, end = redacted(line, start, end, hidden.get((where.path, where.line), ()))
    number = str(where.line)
    room = max(view.width, 40) - len(number) - 5
    # A plan is one line of megabytes, and what stands beside a place in it may be a secret of others.
    near = _NEAR if len(line) <= _LONG else 0
    left, middle = line[max(start - near, 0) : start], line[start : min(end, start + _NEAR)]
    before, marked, after = _clipped(left, middle, line[end : end + near], room)
    gutter = " " * len(number)
    continues = " ..." if where.end_line > where.line else ""
    mark = "^" * max(columns(marked), 1) + continues
    shown = f"{mark} {printable(note)}" if note else mark
    return [
        f"  {_paint(f'{gutter} |', _DIM, view)}",
        f"  {_paint(f'{number} |', _DIM, view)} {before}{marked}{after}".rstrip(),
        f"  {_paint(f'{gutter} |', _DIM, view)} {' ' * columns(before)}{_paint(shown, colour, view)}",
    ]


def _clipped(before: str, marked: str, after: str, room: int) -> tuple[str, str, str]:
    """The three parts of a line, safe to print, cut so that together they fit into `room` columns."""
    before, marked, after = (printable(part.replace("\t", "    ")) for part in (before, marked, after))
    if columns(marked) > room:
        return "", f"{head(marked, room - len(_CUT))}{_CUT}", ""
    # Behind the end of a line nothing is marked, but the mark itself takes a column.
    rest = room - max(columns(marked), 1)
    if columns(before) > rest:
        before = f"{_CUT}{tail(before, rest - len(_CUT))}" if rest > len(_CUT) else ""
    rest -= columns(before)
    if columns(after) > rest:
        after = f"{head(after, rest - len(_CUT))}{_CUT}" if rest > len(_CUT) else ""
    return before, marked, after


def _problems(report: Report, view: View) -> list[str]:
    """Each problem with its place; what is wrong with the same words in a file again and again comes once."""
    places: dict[tuple[str, str], list[Location]] = {}
    for problem in report.problems:
        places.setdefault((problem.location.path, problem.message), []).append(problem.location)
    lines = [_paint("problems", _BOLD, view)]
    for (_, message), locations in places.items():
        text = f"{_places(locations)} {printable(message)}"
        lines += _wrapped(text, "  ", "    ", view)
    return lines


def _places(locations: list[Location]) -> str:
    """The first of some places, and how many more there are."""
    further = f" and {count(len(locations) - 1, 'more place')}" if len(locations) > 1 else ""
    return f"{_where(min(locations))}{further}"


def _failures(report: Report, view: View) -> list[str]:
    lines = [_paint("rules that crashed, whose findings may be missing", _BOLD, view)]
    for name, error in report.failures:
        lines += _wrapped(f"{name}: {printable(error)}", "  ", "    ", view)
    return lines


def _unknowns(coverage: Coverage, view: View) -> list[str]:
    """The unknown expressions that stand at most places, each with the first one."""
    places: dict[tuple[str, str], list[Location]] = {}
    for unknown, location in coverage.unknowns:
        places.setdefault((unknown.expression, unknown.reason), []).append(location)
    ranked = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = [_paint("values that could not be known", _BOLD, view)]
    for (expression, reason), locations in ranked[:_UNKNOWNS_SHOWN]:
        text = f"{_places(locations)} `{printable(expression)}`: {printable(reason)}"
        lines += _wrapped(text, "  ", "    ", view)
    if len(ranked) > _UNKNOWNS_SHOWN:
        lines.append(f"  and {count(len(ranked) - _UNKNOWNS_SHOWN, 'more expression')}")
    return lines


def _summary(report: Report, shown: list[Finding], view: View) -> str:
    coverage = report.coverage
    numbers = [
        _paint(f"{number} {severity}", _COLOURS[severity], view)
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in shown))
    ]
    text = count(len(shown), "finding") if shown else "no findings"
    text += f" ({', '.join(numbers)})" if numbers else ""
    if suppressed := len(report.findings) - len(shown):
        text += f", {suppressed} suppressed"
    if report.problems:
        text += f", {count(len(report.problems), 'problem')}"
    return (
        f"{text} in {count(coverage.files, 'file')}, {count(coverage.resources, 'resource')} "
        f"({coverage.access_resources:,} about access)"
    )
