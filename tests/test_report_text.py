from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import EMPTY, HOSTILE_REPORT, OPEN, REPORT, SOURCE, at
from osreach.finding import Coverage, Finding, Report
from osreach.location import Location, Place
from osreach.problem import Problem
from osreach.report.printable import columns, printable
from osreach.report.view import View, quoted_paths, render, sources_of
from osreach.rule import Match
from osreach.value import Unknown

SOURCES = {"main.tf": tuple(SOURCE.split("\n"))}

EXPECTED = """\
main.tf:4:7 critical, possible OSR901 open-door
  `aws_door.front["a"]` can be opened by anyone
    |
  4 |       Principal = "*"
    |       ^^^^^^^^^^^^^^^ anyone
  = because: main.tf:1:1 the door
  = because: sub dir/net#work.tf:3:5 it leads to the street
  = request: anonymous: GET /x/_search (es:ESHttpGet on arn:aws:es:eu-west-1:123456789012:domain/logs/x/_search) \
with aws:SourceIp = 203.0.113.7
  = remedy:  name who may open it

problems
  broken.tf:7:3 the brace of `resource` is never closed

values that could not be known
  main.tf:4:2 and 1 more place `var.principals`: no default and no value given

1 finding (1 critical), 1 suppressed, 1 problem in 3 files, 41 resources (9 about access)
"""


def text(report: Report, view: View = View(sources=SOURCES)) -> str:  # noqa: B008 - a view is frozen
    return render("text", report, view)


def excerpt(line: str, location: Location, width: int = 100, note: str = "here") -> list[str]:
    finding = Finding(OPEN, Match("message", "aws_door.front", (Place(location, note),)))
    lines = text(Report((finding,)), View(sources={location.path: (line,)}, width=width)).split("\n")
    return [each[6:] for each in lines if each.startswith(("  1 |", "    |"))][1:]


def test_a_report_tells_line_trail_request_and_remedy() -> None:
    assert text(REPORT) == EXPECTED


def test_the_same_problem_of_a_file_is_told_once() -> None:
    wrong = "the template has no condition `IsDev`"
    problems = (
        Problem(at("a.yaml", 3), wrong),
        Problem(at("a.yaml", 5), "`Fn::Join` needs a list"),
        Problem(at("a.yaml", 8), wrong),
        Problem(at("a.yaml", 9), wrong),
        Problem(at("b.yaml", 4), wrong),
    )
    assert text(Report((), problems)).split("\n")[:4] == [
        "problems",
        "  a.yaml:3:1 and 2 more places the template has no condition `IsDev`",
        "  a.yaml:5:1 `Fn::Join` needs a list",
        "  b.yaml:4:1 the template has no condition `IsDev`",
    ]
    assert "no findings, 5 problems in " in text(Report((), problems))


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text(REPORT, View(sources=SOURCES, colour=True))
    assert coloured != EXPECTED
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == EXPECTED


def test_a_clean_report_is_one_line() -> None:
    report = replace(EMPTY, coverage=Coverage(files=1, resources=1))
    assert text(report) == "no findings in 1 file, 1 resource (0 about access)\n"


def test_a_crashed_rule_is_named() -> None:
    report = Report((), failures=(("open-door", "KeyError: 'x' (open_door.py:3)"),))
    assert text(report).startswith(
        "rules that crashed, whose findings may be missing\n  open-door: KeyError: 'x' (open_door.py:3)\n"
    )


def test_a_file_that_is_gone_is_not_quoted() -> None:
    assert [line for line in text(REPORT, View()).split("\n") if "|" in line] == []


def test_only_the_files_of_shown_findings_are_quoted_from() -> None:
    assert quoted_paths(REPORT) == {"main.tf"}
    texts = {"a.tf": "x\r\ny\n", "gone.tf": None}
    assert sources_of(texts, texts.get) == {"a.tf": ("x", "y", "")}


@pytest.mark.parametrize(
    ("line", "location", "shown"),
    [
        ('a = "x"', at("a.tf", 1, 5, 8), ['a = "x"', "    ^^^ here"]),
        ('\ta = "x"', at("a.tf", 1, 6, 9), ['    a = "x"', "        ^^^ here"]),
        ('名 = "漢字"', at("a.tf", 1, 5, 9), ['名 = "漢字"', "     ^^^^^^ here"]),
        ("e\u0301 = 1", at("a.tf", 1, 6, 7), ["e\u0301 = 1", "    ^ here"]),
        ("a {", at("a.tf", 1, 1, 2, end_line=3), ["a {", "^^^ ... here"]),
        ("a", at("a.tf", 1, 9, 12), ["a", " ^ here"]),
        ("a = \x1b[31m", at("a.tf", 1, 5, 6), ["a = \\u{1b}[31m", "    ^^^^^^ here"]),
    ],
)
def test_the_marked_columns_stand_below_the_text(line: str, location: Location, shown: list[str]) -> None:
    assert excerpt(line, location) == shown


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (at("a.tf", 1, 1, 5), ["0123456789012345678901234567890...", "^^^^ "]),
        (
            at("a.tf", 1, 51, 55),
            ["...3456789012345678901234567890123", "                              ^^^^ "],
        ),
        (at("a.tf", 1, 11, 60), ["0123456789012345678901234567890...", "^" * 34 + " "]),
    ],
)
def test_a_long_line_is_cut_around_the_mark(location: Location, shown: list[str]) -> None:
    found = excerpt("0123456789" * 10, location, width=40, note="")
    assert [each.ljust(len(want)) for each, want in zip(found, shown, strict=True)] == shown


@given(
    st.text(st.characters(exclude_characters="\n"), max_size=120), st.integers(1, 130), st.integers(1, 130)
)
def test_any_line_fits_the_width(line: str, start: int, end: int) -> None:
    shown = excerpt(line, Location("a.tf", 1, start, 1, max(start, end)), width=60, note="")
    assert all(columns(each) <= 54 for each in shown)


def test_words_wrap_but_a_request_does_not() -> None:
    lines = text(REPORT, View(sources=SOURCES, width=50)).split("\n")
    assert "  = because: sub dir/net#work.tf:3:5 it leads to" in lines
    assert "             the street" in lines
    assert next(line for line in lines if line.startswith("  = request: ")).endswith("203.0.113.7")


def test_nothing_of_a_stranger_controls_the_terminal() -> None:
    shown = text(HOSTILE_REPORT, View(colour=False))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\u{1b}[31m" in shown
    assert [line for line in shown.split("\n") if line.startswith("*")] == []


@given(st.text())
def test_printable_text_is_left_as_it_is(given_text: str) -> None:
    shown = printable(given_text)
    assert printable(shown) == shown
    assert all(character.isprintable() or character.isspace() for character in shown)


def test_unknown_values_come_with_the_most_frequent_first() -> None:
    unknowns = [(Unknown(f"var.x{number}", "not given"), at("main.tf", number)) for number in range(1, 9)]
    unknowns += [
        (Unknown("var.x7", "not given"), at("main.tf", 3)),
        (Unknown("var.x8", "other"), at("b.tf", 1)),
    ]
    report = replace(EMPTY, coverage=Coverage(unknowns=tuple(unknowns)))
    assert text(report).split("\n")[:7] == [
        "values that could not be known",
        "  main.tf:3:1 and 1 more place `var.x7`: not given",
        "  main.tf:1:1 `var.x1`: not given",
        "  main.tf:2:1 `var.x2`: not given",
        "  main.tf:3:1 `var.x3`: not given",
        "  main.tf:4:1 `var.x4`: not given",
        "  and 4 more expressions",
    ]
