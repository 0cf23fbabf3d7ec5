from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import REPORT, match, rule
from osreach.baseline import apply_baseline, read_baseline, write_baseline
from osreach.finding import Finding, Report
from osreach.usage import UsageError

RULE = rule()


def report(*matches: tuple[str, int, str]) -> Report:
    return Report(
        tuple(Finding(RULE, match(path, line, resource=resource)) for path, line, resource in matches)
    )


def new(before: Report, after: Report) -> list[int]:
    """The lines of the findings in `after` that a baseline of `before` does not hold."""
    baseline = read_baseline(write_baseline(before), "baseline.json")
    applied = apply_baseline(after, baseline, "baseline.json")
    return [each.location.line for each in applied.findings if each.suppressed is None]


def test_moved_lines_are_nothing_new() -> None:
    before = report(("a.tf", 3, "aws_door.front"), ("b.tf", 9, "aws_door.back"))
    after = report(("a.tf", 30, "aws_door.front"), ("b.tf", 1, "aws_door.back"))
    assert new(before, after) == []


def test_another_resource_file_or_message_is_new() -> None:
    before = report(("a.tf", 3, "aws_door.front"))
    after = report(("a.tf", 3, "aws_door.front"), ("a.tf", 4, "aws_door.back"), ("b.tf", 5, "aws_door.front"))
    assert new(before, after) == [4, 5]


def test_a_second_finding_of_one_fingerprint_is_new() -> None:
    one, two = ("a.tf", 3, "aws_door.front"), ("a.tf", 7, "aws_door.front")
    assert new(report(one), report(one, two)) == [7]
    assert new(report(one, two), report(one, two)) == []


def test_a_renamed_file_brings_nothing_new_and_a_copied_one_does() -> None:
    before = report(("a.tf", 3, "aws_door.front"), ("a.tf", 7, "aws_door.back"))
    baseline = read_baseline(write_baseline(before), "baseline.json")
    after = report(("b.tf", 1, "aws_door.front"), ("b.tf", 2, "aws_door.back"), ("b.tf", 3, "aws_door.side"))

    def shown(report: Report, gone: set[str]) -> list[int]:
        applied = apply_baseline(report, baseline, "baseline.json", gone.__contains__)
        return [each.location.line for each in applied.findings if each.suppressed is None]

    assert shown(after, {"a.tf"}) == [3]
    assert shown(after, set()) == [1, 2, 3]
    copied = report(("b.tf", 1, "aws_door.front"), ("c.tf", 2, "aws_door.front"))
    assert shown(copied, {"a.tf"}) == [2]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3), st.sampled_from("xy"))))
def test_a_baseline_holds_everything_it_was_written_from(matches: list[tuple[str, int, str]]) -> None:
    assert new(report(*matches), report(*matches)) == []
    assert new(Report(()), report(*matches)) == [line for _, line, _ in matches]


def test_suppressed_findings_stay_out_and_keep_their_reason() -> None:
    text = write_baseline(REPORT)
    assert [entry["rule"] for entry in json.loads(text)["findings"]] == ["open-door"]
    applied = apply_baseline(REPORT, read_baseline(text, "b.json"), "b.json")
    assert [
        each.suppressed and (each.suppressed.kind, each.suppressed.reason) for each in applied.findings
    ] == [
        ("baseline", "is in `b.json`"),
        ("comment", "dust is harmless"),
    ]


def test_a_baseline_is_sorted_and_can_be_read_by_people() -> None:
    text = write_baseline(report(("b.tf", 1, "aws_door.front"), ("a.tf", 2, "z"), ("a.tf", 9, "y")))
    entries = json.loads(text)["findings"]
    assert [(entry["path"], entry["resource"]) for entry in entries] == [
        ("a.tf", "y"),
        ("a.tf", "z"),
        ("b.tf", "aws_door.front"),
    ]
    assert entries[0] == {
        "fingerprint": report(("a.tf", 1, "y")).findings[0].fingerprint,
        "count": 1,
        "rule": "open-door",
        "path": "a.tf",
        "resource": "y",
        "message": "`door` is open",
    }
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "findings": []}',
        '{"version": 1}',
        '{"version": 1, "findings": {}}',
        '{"version": 1, "findings": [{"rule": "x"}]}',
        '{"version": 1, "findings": [{"fingerprint": "x", "count": 0}]}',
        '{"version": 1, "findings": [{"fingerprint": "x", "count": "1"}]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_baseline_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(UsageError, match=r"^`b\.json` is not a baseline"):
        read_baseline(text, "b.json")
