from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import DUSTY, EMPTY, HOSTILE_REPORT, OPEN, QUIET, REPORT, match
from osreach.finding import Finding, Report
from osreach.report.view import View, render

VIEW = View(rules=(OPEN, DUSTY, QUIET))


def suite(report: Report) -> ET.Element:
    root = ET.fromstring(render("junit", report, VIEW))  # noqa: S314 - our own text
    (found,) = root
    assert root.tag == "testsuites"
    return found


def cases(report: Report) -> list[tuple[str | None, str]]:
    return [(case.get("name"), case[0].tag if len(case) else "passed") for case in suite(report)]


def test_findings_fail_and_silent_rules_pass() -> None:
    assert cases(REPORT) == [
        ("OSR901 open-door at main.tf:4:7", "failure"),
        ("OSR902 dusty-floor at other.tf:2:1", "skipped"),
        ("OSR903 quiet-rule", "passed"),
        ("problem at broken.tf:7:3", "error"),
    ]
    found = suite(REPORT)
    assert {key: found.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert found[0][0].get("message") == '`aws_door.front["a"]` can be opened by anyone'
    assert (found[0][0].text or "").split("\n")[:3] == [
        "main.tf:4:7: anyone",
        "main.tf:1:1: the door",
        "sub dir/net#work.tf:3:5: it leads to the street",
    ]
    assert found[1][0].get("message") == "dust is harmless"


ALLOWED = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": ({"name", "time", "classname", "group"}, {"skipped", "error", "failure"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
}
"""What the schema of the Jenkins plugin lets stand where."""


@pytest.mark.parametrize("report", [EMPTY, REPORT, HOSTILE_REPORT])
def test_only_what_the_schema_of_jenkins_knows_is_written(report: Report) -> None:
    for element in ET.fromstring(render("junit", report, VIEW)).iter():  # noqa: S314 - our own text
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children


def test_a_clean_report_passes_every_rule() -> None:
    assert cases(EMPTY) == [
        ("OSR901 open-door", "passed"),
        ("OSR902 dusty-floor", "passed"),
        ("OSR903 quiet-rule", "passed"),
    ]


def test_a_crashed_rule_is_an_error_and_not_a_pass() -> None:
    assert cases(replace(EMPTY, failures=(("open-door", "KeyError"),))) == [
        ("OSR902 dusty-floor", "passed"),
        ("OSR903 quiet-rule", "passed"),
        ("open-door", "error"),
    ]


def test_a_name_cannot_leave_its_attribute() -> None:
    assert [verdict for _, verdict in cases(HOSTILE_REPORT)] == [
        "failure",
        "passed",
        "passed",
        "error",
        "error",
    ]


@given(st.text())
def test_any_text_is_well_formed(message: str) -> None:
    finding = Finding(OPEN, match(message, 1, message))
    assert suite(Report((finding,))).get("failures") == "1"
