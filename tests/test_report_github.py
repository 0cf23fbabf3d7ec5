from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from made_up import EMPTY, HOSTILE, HOSTILE_REPORT, OPEN, REPORT, match
from osreach.finding import Finding, Report
from osreach.report.view import View, render
from osreach.rule import Severity


def commands(report: Report) -> list[tuple[str, dict[str, str], str]]:
    """What a runner reads: name, properties and message of each command."""
    found = []
    for line in render("github", report, View()).splitlines():
        parsed = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        assert parsed, line
        properties = dict(pair.split("=", 1) for pair in parsed[2].split(","))
        found.append(
            (parsed[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(parsed[3]))
        )
    return found


def unescaped(text: str) -> str:
    for written, meant in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def test_findings_and_problems_are_annotations() -> None:
    assert commands(REPORT) == [
        (
            "error",
            {
                "file": "main.tf",
                "line": "4",
                "endLine": "4",
                "col": "7",
                "endColumn": "21",
                "title": "OSR901 open-door (critical)",
            },
            (
                '`aws_door.front["a"]` can be opened by anyone\n'
                "request: anonymous: GET /x/_search "
                "(es:ESHttpGet on arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search)"
                " with aws:SourceIp = 203.0.113.7\n"
                "remedy: name who may open it"
            ),
        ),
        (
            "warning",
            {
                "file": "broken.tf",
                "line": "7",
                "endLine": "7",
                "col": "3",
                "endColumn": "3",
                "title": "osreach could not read this",
            },
            "the brace of `resource` is never closed",
        ),
    ]


def test_the_worst_come_first_since_github_shows_ten() -> None:
    severities = [*Severity, *reversed(Severity)]
    findings = [
        Finding(OPEN, replace(match(line=number + 1), severity=severity))
        for number, severity in enumerate(severities)
    ]
    found = commands(Report(tuple(findings)))
    assert [properties["title"].split("(")[1] for _, properties, _ in found] == [
        f"{severity})" for severity in Severity for _ in range(2)
    ]


def test_a_clean_report_says_nothing() -> None:
    assert render("github", EMPTY, View()) == ""


def test_a_name_cannot_start_a_command_of_its_own() -> None:
    found = commands(HOSTILE_REPORT)
    assert [(name, properties.get("file")) for name, properties, _ in found] == [
        ("error", f"a/{HOSTILE}.tf"),
        ("warning", f"a/{HOSTILE}.tf"),
        ("error", None),
    ]
    assert "\x1b" not in found[0][2]


@given(st.text(), st.text(min_size=1))
def test_each_finding_is_one_line(message: str, path: str) -> None:
    rendered = render("github", Report((Finding(OPEN, match(path, message=message)),)), View())
    assert rendered.count("\n") == 1
    assert rendered.endswith("\n")
    assert "\r" not in rendered
