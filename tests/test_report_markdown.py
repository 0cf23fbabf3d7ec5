from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import DUSTY, EMPTY, HOSTILE_REPORT, OPEN, REPORT, match
from osreach.finding import Coverage, Finding, Report
from osreach.report.markdown import code, prose
from osreach.report.view import View, render


def test_a_report_is_a_table_with_problems_and_coverage() -> None:
    report = replace(REPORT, failures=(("quiet-rule", "KeyError: 'a|b'"),))
    assert render("markdown", report, View()) == (
        "## osreach\n"
        "\n"
        "**1 finding** (1 critical), 1 suppressed\n"
        "\n"
        "| Severity | What | Where |\n"
        "| --- | --- | --- |\n"
        '| critical (possible) | **`aws_door.front["a"]` can be opened by anyone**<br>'
        "Request: `anonymous: GET /x/_search "
        "(es:ESHttpGet on arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search) "
        "with aws:SourceIp = 203.0.113.7`<br>"
        "Remedy: name who may open it | `main.tf:4`<br>OSR901 open-door |\n"
        "\n"
        "### Rules that crashed\n"
        "\n"
        "- `quiet-rule`: KeyError: 'a\\|b'\n"
        "\n"
        "### Problems\n"
        "\n"
        "- `broken.tf:7`: the brace of `resource` is never closed\n"
        "\n"
        "Read 3 files with 41 resources, 9 of them about access; 2 values could not be known.\n"
    )


def test_the_worst_come_first_and_a_summary_stays_below_one_megabyte() -> None:
    low = Finding(DUSTY, match("a.tf", 1, "x" * 900))
    report = Report((*[low] * 5_000, Finding(OPEN, match("z.tf"))))
    text = render("markdown", report, View())
    assert len(text.encode()) < 1 << 20
    assert text.split("\n")[6].endswith(" | `z.tf:9`<br>OSR901 open-door |")
    assert "\n4,501 more findings of the least severity.\n" in text


def test_a_clean_report_has_no_table() -> None:
    report = replace(EMPTY, coverage=Coverage(files=1))
    assert render("markdown", report, View()) == (
        "## osreach\n\n**0 findings**\n\n"
        "Read 1 file with 0 resources, 0 of them about access; 0 values could not be known.\n"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("`a` is open", "`a` is open"),
        ("`a|b` is open", "`a\\|b` is open"),
        ("a|b", "a\\|b"),
        ("<b>", "&lt;b&gt;"),
        ("&lt;", "&amp;lt;"),
        ("@me", "&#64;me"),
        ("[x](http://y)", "\\[x\\](http://y)"),
        ("`open", "\\`open"),
        ("`a` and `b", "`a` and \\`b"),
        ("*x* _y_ #1 ~z~ !w", "\\*x\\* \\_y\\_ \\#1 \\~z\\~ \\!w"),
        ("a\nb", "a\\\\u{a}b"),
    ],
)
def test_prose_is_escaped_but_names_stay_code(text: str, written: str) -> None:
    assert prose(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a", "`a`"),
        ("a`b", "`` a`b ``"),
        ("``", "``` `` ```"),
        (" a", "`  a `"),
        ("", "`  `"),
        ("a|b", "`a\\|b`"),
    ],
)
def test_code_holds_any_text(text: str, written: str) -> None:
    assert code(text) == written


def test_a_pipe_in_code_outside_of_a_table_needs_no_escape() -> None:
    assert code("a|b", in_table=False) == "`a|b`"


@given(st.text())
def test_a_name_cannot_leave_its_row(name: str) -> None:
    finding = Finding(OPEN, match(name, 1, f"`{name}` is open", name))
    lines = render("markdown", Report((finding,)), View()).split("\n")
    row = lines[6]
    assert lines[7] == ""
    assert len(re.findall(r"(?<!\\)\|", row)) == 4


def test_hostile_names_bring_no_markup() -> None:
    rendered = render("markdown", HOSTILE_REPORT, View())
    outside = re.sub(r"(`+) .*? \1", "", rendered)
    assert "<b>" not in outside
    assert "@me" not in outside
    assert "\x1b" not in rendered
