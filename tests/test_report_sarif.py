from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from made_up import DUSTY, EMPTY, HOSTILE_REPORT, OPEN, QUIET, REPORT, at, match
from osreach.finding import Finding, Report, Suppression
from osreach.location import Place
from osreach.report.view import View, render
from osreach.rule import Severity

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.schema.json").read_text())
VALIDATOR = Draft4Validator(SCHEMA, format_checker=Draft4Validator.FORMAT_CHECKER)
VIEW = View(rules=(OPEN, DUSTY, QUIET), help={"open-door": "# The page"}, version="0.1.0")


def run_of(report: Report, view: View = VIEW) -> Any:
    log = json.loads(render("sarif", report, view))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return run


CRASHED = replace(REPORT, failures=(("quiet-rule", "KeyError: 'x' (quiet.py:3)"),))


@pytest.mark.parametrize("report", [EMPTY, REPORT, HOSTILE_REPORT, CRASHED])
@pytest.mark.parametrize("view", [VIEW, View()])
def test_every_report_fits_the_official_schema(report: Report, view: View) -> None:
    VALIDATOR.validate(json.loads(render("sarif", report, view)))


@given(st.text(), st.text(min_size=1), st.integers(1, 99), st.integers(1, 99))
@settings(max_examples=50)
def test_any_text_fits_the_official_schema(message: str, path: str, line: int, column: int) -> None:
    found = Finding(OPEN, match(path, line, message, message))
    place = replace(found.match.places[0], location=at(path, line, column), note=message)
    found = replace(found, match=replace(found.match, places=(place, place)))
    (result,) = run_of(Report((found,)))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri.removeprefix("file://"), errors="strict") == path


def test_rules_carry_help_level_and_score() -> None:
    rules = run_of(REPORT)["tool"]["driver"]["rules"]
    assert [
        (
            each["id"],
            each["name"],
            each["defaultConfiguration"]["level"],
            each["properties"].get("security-severity"),
        )
        for each in rules
    ] == [
        ("OSR901", "open-door", "error", "8.0"),
        ("OSR902", "dusty-floor", "note", "2.0"),
        ("OSR903", "quiet-rule", "note", None),
    ]
    assert rules[0]["help"]["markdown"] == "# The page"
    assert (
        rules[0]["help"]["text"] == "Rules, findings and reports that exist for tests only.\n\nclose the door"
    )
    assert rules[0]["shortDescription"]["text"] == "Rules, findings and reports that exist for tests only"
    assert rules[0]["helpUri"] == "https://example.com/doors"


def test_the_bands_of_github_are_kept() -> None:
    scores = {}
    for severity in Severity:
        (described,) = run_of(EMPTY, View(rules=(replace(OPEN, severity=severity),)))["tool"]["driver"][
            "rules"
        ]
        scores[severity] = float(described["properties"].get("security-severity", "0"))
    # Above 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
    assert scores[Severity.CRITICAL] > 9.0
    assert 7.0 <= scores[Severity.HIGH] <= 8.9
    assert 4.0 <= scores[Severity.MEDIUM] <= 6.9
    assert 0.1 <= scores[Severity.LOW] <= 3.9
    assert scores[Severity.INFO] == 0


def test_a_result_points_to_its_rule_and_place() -> None:
    run = run_of(REPORT)
    first, second = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "OSR901"
    assert run["tool"]["driver"]["rules"][second["ruleIndex"]]["id"] == second["ruleId"] == "OSR902"
    assert run["columnKind"] == "unicodeCodePoints"
    assert first["level"] == "error"
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "main.tf", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 4, "startColumn": 7, "endLine": 4, "endColumn": 22},
            },
            "message": {"text": "anyone"},
            "logicalLocations": [{"fullyQualifiedName": 'aws_door.front["a"]', "kind": "resource"}],
        }
    ]
    assert first["message"]["text"].split("\n") == [
        '`aws_door.front["a"]` can be opened by anyone',
        "Because: [the door](0), [it leads to the street](1)",
        (
            "Request: anonymous: GET /x/_search (es:ESHttpGet on arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search)"
            " with aws:SourceIp = 203.0.113.7"
        ),
        "Remedy: name who may open it",
    ]
    assert first["properties"]["confidence"] == "possible"
    assert first["properties"]["witness"]["http"] == "GET /x/_search"


def uris(locations: Any) -> list[str]:
    return [each["physicalLocation"]["artifactLocation"]["uri"] for each in locations]


def test_the_trail_is_a_code_flow_that_ends_at_the_finding() -> None:
    first, second = run_of(REPORT)["results"]
    assert uris(first["relatedLocations"]) == ["main.tf", "sub%20dir/net%23work.tf"]
    steps = [step["location"] for step in first["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert uris(steps) == ["main.tf", "sub%20dir/net%23work.tf", "main.tf"]
    assert [step["message"]["text"] for step in steps] == ["the door", "it leads to the street", "anyone"]
    assert "codeFlows" not in second
    assert "relatedLocations" not in second


def test_a_name_is_no_link_and_ends_none() -> None:
    place = Place(at("a.tf", 1), "a]b(c")
    name = "[click](https://example.com) and list[0]"
    found = Finding(OPEN, replace(match("a.tf", 1, name), places=(place, place)))
    (result,) = run_of(Report((found,)))["results"]
    assert result["message"]["text"].split("\n")[:2] == [
        "\\[click](https://example.com) and list[0]",
        "Because: [a\\]b(c](0)",
    ]


def test_fingerprints_survive_moved_lines_and_tell_equal_findings_apart() -> None:
    def prints(*lines: int) -> list[str]:
        findings = tuple(Finding(OPEN, match(line=line)) for line in lines)
        return [
            each["partialFingerprints"]["primaryLocationLineHash"]
            for each in run_of(Report(findings))["results"]
        ]

    assert prints(1, 2) == prints(5, 60)
    assert len(set(prints(1, 2))) == 2


def test_suppressions_say_where_and_why() -> None:
    shown, ignored = run_of(REPORT)["results"]
    assert shown["suppressions"] == []
    (suppression,) = ignored["suppressions"]
    assert (suppression["kind"], suppression["justification"]) == ("inSource", "dust is harmless")
    assert suppression["location"]["physicalLocation"]["region"]["startLine"] == 2
    baselined = replace(REPORT.findings[0], suppressed=Suppression("baseline", "is in `b.json`"))
    (result,) = run_of(Report((baselined,)))["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "is in `b.json`"}]


def test_problems_and_crashes_are_notifications() -> None:
    (invocation,) = run_of(REPORT)["invocations"]
    assert invocation["executionSuccessful"] is True
    (problem,) = invocation["toolExecutionNotifications"]
    assert (problem["level"], problem["message"]["text"]) == (
        "warning",
        "the brace of `resource` is never closed",
    )
    assert uris(problem["locations"]) == ["broken.tf"]
    (invocation,) = run_of(CRASHED)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["warning", "error"]


def test_a_path_outside_of_the_base_is_absolute() -> None:
    (result,) = run_of(Report((Finding(OPEN, match("/srv/a b.tf")),)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///srv/a%20b.tf"}
