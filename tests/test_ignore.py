from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import at, match, rule
from osreach.finding import Finding
from osreach.iac.cloudformation.load import load
from osreach.iac.resource import Resource
from osreach.ignore import ConfiguredIgnore, Ignore, read_files, read_ignores, read_remarks, suppress
from osreach.location import Location, Place
from osreach.problem import Problem
from osreach.rule import Match
from osreach.value import Value

TODAY = date(2027, 1, 15)
OPEN = rule("OSR901", "open-door")
DUSTY = rule("OSR902", "dusty-floor")


def ignored(text: str, *findings: Finding, path: str = "main.tf") -> tuple[list[str | None], list[str]]:
    """The reason for which each finding is ignored, and the problems."""
    comments, wrong = read_ignores(path, text)
    marked, useless = suppress(findings, comments, (), known=(OPEN, DUSTY), judged=(OPEN, DUSTY), today=TODAY)
    reasons = [each.suppressed.reason if each.suppressed else None for each in marked]
    return reasons, [problem.message for problem in (*wrong, *useless)]


def finding(line: int, path: str = "main.tf", *trail: Location) -> Finding:
    places = (Place(at(path, line, 5, 20)), *(Place(location) for location in trail))
    return Finding(OPEN, Match("open", "aws_door.front", places))


@pytest.mark.parametrize(
    "text",
    [
        'a\npolicy = "*" # osreach: ignore[open-door] the front door\nb\n',
        'a\npolicy = "*" // osreach: ignore[open-door] the front door\nb\n',
        'a\npolicy = "*" #osreach:ignore[open-door]   the   front door  \nb\n',
        'a\npolicy = "*" # osreach: ignore[OSR901] the front door\nb\n',
        'a\npolicy = "*" # osreach: ignore[ OSR901 ] - the front door\r\nb\r\n',
        '# osreach: ignore[open-door] the front door\npolicy = "*"\n',
        '    // osreach: ignore[open-door] until=2027-01-15 the front door\npolicy = "*"\n',
        'a\npolicy = "x # \\" y" # osreach: ignore[open-door] the front door until=2027-01-16\n',
        'a\npolicy = "http://x" # osreach: ignore[open-door] the front door\n',
        'a\npolicy = "x\\\\" # osreach: ignore[open-door] the front door\n',
    ],
)
def test_a_comment_on_the_line_or_alone_above_it_ignores(text: str) -> None:
    assert ignored(text, finding(2)) == (["the front door"], [])


def test_several_lone_comments_speak_about_the_line_below_them() -> None:
    text = "# osreach: ignore[open-door] first\n# osreach: ignore[dusty-floor] second\nx\n"
    dust = Finding(DUSTY, match(line=3))
    assert ignored(text, finding(3), dust) == (["first", "second"], [])


def test_a_comment_that_stands_behind_code_does_not_speak_about_the_next_line() -> None:
    text = "x # osreach: ignore[open-door] the front door\ny\n"
    reasons, problems = ignored(text, finding(2))
    assert reasons == [None]
    assert problems == ["the ignore of `open-door` matches no finding and can be removed"]


def test_every_place_of_the_trail_counts_with_its_first_and_last_line() -> None:
    trail = Location("main.tf", 3, 1, 6, 1)
    for line in range(1, 8):
        text = "\n" * (line - 1) + "x # osreach: ignore[open-door] because\n"
        reasons, _ = ignored(text, finding(1, "other.tf", trail))
        # A place that ends in column 1 of line 6 ends with line 5.
        assert (reasons == ["because"]) == (line in {3, 5}), line


def test_a_comment_in_another_file_does_not_count() -> None:
    reasons, _ = ignored("x # osreach: ignore[open-door] because\n", finding(1, "other.tf"))
    assert reasons == [None]


def test_one_comment_can_ignore_two_rules() -> None:
    text = "x # osreach: ignore[open-door, dusty-floor] both\n"
    assert ignored(text, finding(1), Finding(DUSTY, match(line=1))) == (["both", "both"], [])


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("ignore[open-door]", "the ignore of `open-door` gives no reason and does not count"),
        (
            "ignore[open-door] until=2028-01-01",
            "the ignore of `open-door` gives no reason and does not count",
        ),
        (
            "ignore[open-door] until=soon x",
            "the ignore's `until=soon` is not a date such as `until=2027-01-31`",
        ),
        (
            "ignore[open-door] until=2027-01-14 a demo",
            "the ignore of `open-door` counted until 2027-01-14 and counts no longer",
        ),
        ("ignore[open-dor] why", "the ignore names the unknown rule `open-dor`, did you mean `open-door`?"),
        ("ignore open-door why", "an ignore comment is written `# osreach: ignore[rule-name] reason`"),
        (
            "ignore[] why",
            "the ignore names no rule: an ignore comment is written `# osreach: ignore[rule-name] reason`",
        ),
        ("ignore[dusty-floor] why", "the ignore of `dusty-floor` matches no finding and can be removed"),
    ],
)
def test_a_comment_that_does_not_count_is_a_problem(comment: str, message: str) -> None:
    assert ignored(f"x # osreach: {comment}\n", finding(1)) == ([None], [message])


def test_half_a_comment_that_matches_nothing_is_a_problem() -> None:
    text = "x # osreach: ignore[open-door, dusty-floor] both\n"
    assert ignored(text, finding(1)) == (
        ["both"],
        ["the ignore of `dusty-floor` matches no finding and can be removed"],
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("main.tf", 'text = "# osreach: ignore[open-door] why"'),
        ("main.tf", 'text = "\\" // osreach: ignore[open-door] why"'),
        ("a.yaml", "text: '# osreach: ignore[open-door] why'"),
        ("main.tf", "# osreach: this folder is about doors"),
        ("main.tf", "# see the manual of osreach: ignore[open-door] why"),
    ],
)
def test_what_is_no_ignore_comment_is_left_alone(path: str, line: str) -> None:
    assert read_ignores(path, line) == ((), ())


def test_an_apostrophe_in_yaml_opens_no_string() -> None:
    (ignore,), problems = read_ignores("a.yaml", "text: it's # osreach: ignore[open-door] why")
    assert (ignore.rules, problems) == (("open-door",), ())


def test_the_place_of_a_comment_is_the_comment() -> None:
    assert read_ignores("main.tf", "\n  x  # osreach: ignore[a, b] until=2027-02-01 why not\n") == (
        (Ignore(("a", "b"), "why not", date(2027, 2, 1), 2, Location("main.tf", 2, 6, 2, 54)),),
        (),
    )


def test_only_files_with_the_marker_are_searched() -> None:
    texts = {"a.tf": "x # osreach: ignore[open-door] why", "b.tf": "x", "gone.tf": None}
    comments, problems = read_files(["b.tf", "gone.tf", "a.tf", "a.tf"], texts.get)
    assert ([each.location.path for each in comments], problems) == (["a.tf"], ())


@given(st.text(), st.sampled_from(["main.tf", "a.yaml"]))
def test_any_text_can_be_searched(text: str, path: str) -> None:
    comments, problems = read_ignores(path, f"# osreach: ignore{text}")
    lines = [*(each.location.line for each in comments), *(each.location.line for each in problems)]
    assert len(lines) <= 1
    assert lines in ([], [1])


def configured(
    ignore: ConfiguredIgnore, *addresses: str, judged: bool = True
) -> tuple[list[bool], tuple[Problem, ...]]:
    findings = [Finding(OPEN, match(resource=address)) for address in addresses]
    marked, problems = suppress(
        findings, (), (ignore,), known=(OPEN, DUSTY), judged=(OPEN,) if judged else (), today=TODAY
    )
    return [each.suppressed is not None for each in marked], problems


HERE = at("osreach.toml", 4)


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("aws_door.front", [True, False, False]),
        ("aws_door.*", [True, True, False]),
        ('module.a["x"].aws_door.front[0]', [False, False, True]),
        ("module.*.aws_door.front[*]", [False, False, True]),
        ("*", [True, True, True]),
    ],
)
def test_a_configured_ignore_goes_by_address(pattern: str, covered: list[bool]) -> None:
    ignore = ConfiguredIgnore("open-door", pattern, "known", None, HERE)
    addresses = ("aws_door.front", "aws_door.back", 'module.a["x"].aws_door.front[0]')
    assert configured(ignore, *addresses) == (covered, ())


def test_a_configured_ignore_that_does_nothing_is_a_problem() -> None:
    unused = ConfiguredIgnore("OSR901", "aws_door.gone", "known", None, HERE)
    message = "the ignore of `open-door` matches no finding and can be removed"
    assert configured(unused, "aws_door.front") == ([False], (Problem(HERE, message),))
    expired = ConfiguredIgnore("OSR901", "aws_door.front", "known", date(2027, 1, 14), HERE)
    message = "the ignore of `OSR901` counted until 2027-01-14 and counts no longer"
    assert configured(expired, "aws_door.front") == ([False], (Problem(HERE, message),))


def test_an_ignore_of_a_rule_that_did_not_run_is_not_called_unused() -> None:
    unused = ConfiguredIgnore("open-door", "aws_door.gone", "known", None, HERE)
    assert configured(unused, judged=False) == ([], ())


def test_an_ignore_of_what_is_not_scanned_is_not_called_unused() -> None:
    unused = ConfiguredIgnore("open-door", "aws_door.elsewhere", "known", None, HERE)
    comments, _ = read_ignores("main.tf", "x # osreach: ignore[open-door] in the code\n")
    _, problems = suppress((), comments, [unused], known=(OPEN,), judged=(OPEN,), today=TODAY, is_part=True)
    assert [problem.location.path for problem in problems] == ["main.tf"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [(1, None), (2, "why"), (3, "why"), (4, "why"), (5, None), (6, None)],
)
def test_a_comment_within_the_statement_that_a_finding_is_about_ignores_it(
    line: int, reason: str | None
) -> None:
    lines = ["a", "statement {", "  actions = []", "}", "b", "c"]
    lines[line - 1] += " # osreach: ignore[open-door] why"
    statement = Place(Location("main.tf", 2, 1, 4, 2))
    found = Finding(OPEN, Match("open", "aws_door.front", (statement, Place(at("main.tf", 9)))))
    assert ignored("\n".join(lines), found)[0] == [reason]


def test_a_comment_comes_before_the_configuration_and_both_count_as_used() -> None:
    comments, _ = read_ignores("main.tf", "x # osreach: ignore[open-door] in the code\n")
    ignore = ConfiguredIgnore("open-door", "*", "in the file", None, HERE)
    marked, problems = suppress([finding(1)], comments, [ignore], known=(OPEN,), judged=(OPEN,), today=TODAY)
    assert problems == ()
    assert marked[0].suppressed is not None
    assert (marked[0].suppressed.kind, marked[0].suppressed.reason) == ("comment", "in the code")


def remarked(written: str, *findings: Finding) -> tuple[list[str | None], list[str]]:
    """As `ignored`, for an ignore in the metadata of the resource `Door` of `t.yaml`."""
    value = load(written, "t.yaml").value
    assert value is not None
    header = at("t.yaml", 3)
    remarks, wrong = read_remarks([Resource("Door", "AWS::Door", Value(None, header), header, remarks=value)])
    marked, useless = suppress(
        findings, (), (), known=(OPEN, DUSTY), judged=(OPEN, DUSTY), today=TODAY, remarks=remarks
    )
    reasons = [each.suppressed.reason if each.suppressed else None for each in marked]
    return reasons, [problem.message for problem in (*wrong, *useless)]


def at_door(address: str, path: str = "t.yaml") -> Finding:
    return Finding(OPEN, Match("open", address, (Place(at(path, 3)),)))


@pytest.mark.parametrize(
    "written",
    [
        "ignore: [{rule: open-door, reason: the  front door}]",
        '{"ignore": [{"rule": "OSR901", "reason": "the front door", "until": "2027-01-15"}]}',
        "ignore: {rule: open-door, reason: the front door, until: 2027-02-01}",
    ],
)
def test_metadata_of_a_resource_ignores_findings_about_it(written: str) -> None:
    findings = [at_door("Door"), at_door("Door (if IsPublic)"), at_door("Window"), at_door("Door", "u.yaml")]
    assert remarked(written, *findings) == (["the front door", "the front door", None, None], [])


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            "ignore: [{reason: x}]",
            "the ignore names no rule: an entry is written `{rule: rule-name, reason: why}`",
        ),
        ("ignore: [text]", "the ignore names no rule: an entry is written `{rule: rule-name, reason: why}`"),
        ("ignore: [{rule: open-door}]", "the ignore of `open-door` gives no reason and does not count"),
        (
            "ignore: [{rule: open-door, reason: x, until: soon}]",
            "the ignore's `until: soon` is not a date such as `2027-01-31`",
        ),
        (
            "ignore: [{rule: open-door, reason: x, until: 2027-01-14}]",
            "the ignore of `open-door` counted until 2027-01-14 and counts no longer",
        ),
        (
            "ignore: [{rule: dusty-floor, reason: x}]",
            "the ignore of `dusty-floor` matches no finding and can be removed",
        ),
    ],
)
def test_metadata_that_does_not_count_is_a_problem(written: str, message: str) -> None:
    assert remarked(written, at_door("Door")) == ([None], [message])


def test_an_ignore_of_the_configuration_covers_a_resource_under_all_circumstances() -> None:
    item = ConfiguredIgnore("open-door", "Door", "x", None, at("osreach.toml", 1))
    assert item.covers("Door (if IsPublic)")
    assert item.covers("Door (in envs/dev)")
    assert not item.covers("Doors")
