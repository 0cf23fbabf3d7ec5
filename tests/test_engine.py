from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import ANALYSIS, at, match, rule
from osreach.analysis import Analysis
from osreach.engine import Options, choose, leave_out, run, scan
from osreach.finding import Report
from osreach.iac.resource import Inputs, Reading, Resource
from osreach.iam.hole import Holes
from osreach.iam.request import Request, User
from osreach.ignore import ConfiguredIgnore
from osreach.location import Place
from osreach.problem import Problem
from osreach.rule import Match, Rule, Severity
from osreach.usage import UsageError
from osreach.value import Object, Unknown, Value
from osreach.witness import Witness
from osreach_rules import RULES as ALL_RULES

TODAY = date(2027, 1, 15)


def crashing(_analysis: Analysis) -> Iterator[Match]:
    yield match(line=3)
    raise KeyError("no such\nthing")


def scan_with(
    rules: Sequence[Rule],
    options: Options,
    *,
    resources: tuple[Resource, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> Report:
    reading = Reading(resources, problems, files=2)

    def read(_paths: Sequence[str], _inputs: Inputs, _options: Options) -> Reading:
        return reading

    def analyse(
        found: Reading, inputs: Inputs | None = None, trusted_accounts: frozenset[str] = frozenset()
    ) -> Analysis:
        assert inputs == Inputs(region="eu-west-1")
        return replace(
            ANALYSIS,
            reading=found,
            problems=(Problem(at("main.tf", 1), "the policy is a number"),),
            unknowns=((Unknown("var.x", "not given"), at("main.tf", 2)),),
            access_resources=1,
            trusted_accounts=trusted_accounts,
        )

    return scan(["."], rules, Inputs(region="eu-west-1"), options, read=read, analyse=analyse)


def test_findings_come_by_path_line_and_code() -> None:
    late = rule("OSR902", "late", matches=[match("b.tf", 1), match("a.tf", 10), match("a.tf", 9)])
    early = rule("OSR901", "early", matches=[match("a.tf", 9), match("a.tf", 100)])
    findings = run(ANALYSIS, [late, early]).findings
    assert [(each.location.path, each.location.line, each.rule.code) for each in findings] == [
        ("a.tf", 9, "OSR901"),
        ("a.tf", 9, "OSR902"),
        ("a.tf", 10, "OSR902"),
        ("a.tf", 100, "OSR901"),
        ("b.tf", 1, "OSR902"),
    ]


@given(st.permutations([match("a.tf", 1), match("a.tf", 2), match("a.tf", 1, "other"), match("b.tf", 1)]))
def test_the_order_of_matches_does_not_show(matches: list[Match]) -> None:
    in_order = run(ANALYSIS, [rule(matches=sorted(matches, key=repr))])
    assert [each.match for each in run(ANALYSIS, [rule(matches=matches)]).findings] == [
        each.match for each in in_order.findings
    ]


def test_a_finding_that_says_the_same_at_the_same_place_comes_once() -> None:
    twice = rule(matches=[match(), match(), match(message="something else"), match(resource="aws_door.back")])
    messages = [(each.match.message, each.match.resource) for each in run(ANALYSIS, [twice]).findings]
    assert messages == [
        ("`door` is open", "aws_door.back"),
        ("`door` is open", "aws_door.front"),
        ("something else", "aws_door.front"),
    ]


def test_a_crashed_rule_is_named_and_the_others_run() -> None:
    broken = replace(rule("OSR901", "broken"), check=crashing)
    outcome = run(ANALYSIS, [broken, rule("OSR902", "whole", matches=[match(line=1)])])
    ((name, error),) = outcome.failures
    assert name == "broken"
    assert error.startswith("KeyError: 'no such\\nthing' (test_engine.py:")
    assert [(each.rule.name, each.location.line) for each in outcome.findings] == [
        ("whole", 1),
        ("broken", 3),
    ]


def test_a_match_without_a_place_is_a_crash() -> None:
    outcome = run(ANALYSIS, [rule(matches=[Match("nowhere", "aws_door.front", ())])])
    assert outcome.findings == ()
    assert outcome.failures[0][0] == "open-door"


def test_unknown_parts_are_written_as_their_expressions() -> None:
    holes = Holes()
    account = holes.hole("var.account")
    arn = f"arn:aws:iam::{account}:user/ann"
    found = Match(
        f"`{arn}` may",
        "aws_door.front",
        (Place(at("main.tf", 1), f"account {account}"),),
        witness=Witness(Request(User(arn), "es:ESHttpGet", arn, {"aws:PrincipalArn": (arn,)})),
        principal=arn,
    )
    (finding,) = run(replace(ANALYSIS, holes=holes), [rule(matches=[found])]).findings
    written = "arn:aws:iam::${var.account}:user/ann"
    assert finding.match.message == f"`{written}` may"
    assert finding.match.places[0].note == "account ${var.account}"
    assert finding.match.principal == written
    assert finding.match.witness is not None
    assert finding.match.witness.request == Request(
        User(written), "es:ESHttpGet", written, {"aws:PrincipalArn": (written,)}
    )


RULES = (
    rule("OSR901", "open-door", Severity.HIGH),
    rule("OSR902", "dusty-floor", Severity.LOW),
    rule("OSR903", "plain-wall", Severity.INFO),
)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (Options(TODAY), ["open-door", "dusty-floor"]),
        (Options(TODAY, profile="strict"), ["open-door", "dusty-floor", "plain-wall"]),
        (Options(TODAY, select=("OSR902",)), ["dusty-floor"]),
        (Options(TODAY, select=("plain-wall", "OSR901")), ["open-door", "plain-wall"]),
        (Options(TODAY, ignore=("open-door",)), ["dusty-floor"]),
        (Options(TODAY, select=("open-door", "dusty-floor"), ignore=("OSR901",)), ["dusty-floor"]),
        (Options(TODAY, severities={"plain-wall": Severity.LOW}), ["open-door", "dusty-floor", "plain-wall"]),
        (Options(TODAY, severities={"OSR901": Severity.INFO}), ["dusty-floor"]),
    ],
)
def test_rules_are_chosen_by_code_name_and_profile(options: Options, names: list[str]) -> None:
    assert [each.name for each in choose(RULES, options)] == names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            Options(TODAY, select=("open-dor",)),
            "--select names the unknown rule `open-dor`, did you mean `open-door`?",
        ),
        (Options(TODAY, ignore=("zzz",)), "--ignore names the unknown rule `zzz`"),
        (
            Options(TODAY, severities={"OSR999": Severity.LOW}),
            "`severity` of the configuration names the unknown rule `OSR999`, did you mean `OSR9",
        ),
    ],
)
def test_an_unknown_rule_is_an_error_with_the_nearest_name(options: Options, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        choose(RULES, options)
    assert str(raised.value).startswith(message)


def test_a_severity_of_the_user_beats_the_severity_of_a_match() -> None:
    worse = replace(match(), severity=Severity.CRITICAL)
    options = Options(TODAY, severities={"open-door": Severity.LOW})
    (finding,) = scan_with([rule(matches=[worse])], options).findings
    assert finding.severity is Severity.LOW


def test_a_report_holds_problems_of_reading_analysis_and_ignores_in_order() -> None:
    unused = ConfiguredIgnore("open-door", "aws_door.*", "nobody cares", None, at("osreach.toml", 4))
    report = scan_with(
        [rule()], Options(TODAY, ignores=(unused,)), problems=(Problem(at("a.tf", 2), "unclosed"),)
    )
    assert [(each.location.path, each.message) for each in report.problems] == [
        ("a.tf", "unclosed"),
        ("main.tf", "the policy is a number"),
        ("osreach.toml", "the ignore of `open-door` matches no finding and can be removed"),
    ]
    assert (report.coverage.files, report.coverage.resources, report.coverage.access_resources) == (2, 0, 1)
    assert report.coverage.unknowns == ((Unknown("var.x", "not given"), at("main.tf", 2)),)


def test_ignore_comments_are_read_from_files_with_resources_or_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text("a\nb # osreach: ignore[open-door] it is the front door\n")
    Path("quiet.tf").write_text("# osreach: ignore[open-door] nothing here\n")
    rules = [rule(matches=[match("main.tf", 2), match("gone.tf", 1)])]
    resource = Resource("aws_door.front", "aws_door", Value(Object(), at("quiet.tf", 1)), at("quiet.tf", 1))
    report = scan_with(rules, Options(TODAY), resources=(resource,))
    assert [(each.location.path, each.suppressed is not None) for each in report.findings] == [
        ("gone.tf", False),
        ("main.tf", True),
    ]
    assert [each.location.path for each in report.problems] == ["main.tf", "quiet.tf"]
    heedless = scan_with(rules, Options(TODAY, inline_ignores=False), resources=(resource,))
    assert [each.suppressed for each in heedless.findings] == [None, None]
    assert [each.location.path for each in heedless.problems] == ["main.tf"]


def test_ignores_of_a_crashed_rule_are_not_called_unused() -> None:
    kept = ConfiguredIgnore("broken", "aws_door.gone", "known", None, at("osreach.toml", 4))
    report = scan_with([replace(rule("OSR901", "broken"), check=crashing)], Options(TODAY, ignores=(kept,)))
    assert [each.location.path for each in report.problems] == ["main.tf"]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ((), ["old/a.tf", "old/sub/b.tf", "older.tf", "x/old/c.tf"]),
        (("old",), ["older.tf", "x/old/c.tf"]),
        (("old/",), ["older.tf", "x/old/c.tf"]),
        (("old/a.tf", "x"), ["old/sub/b.tf", "older.tf"]),
        (("*/old", "older.*"), ["old/a.tf", "old/sub/b.tf"]),
    ],
)
def test_excluded_paths_are_not_judged(exclude: tuple[str, ...], left: list[str]) -> None:
    paths = ("old/a.tf", "old/sub/b.tf", "older.tf", "x/old/c.tf")
    reading = Reading(
        resources=tuple(
            Resource(path, "aws_door", Value(Object(), at(path, 1)), at(path, 1)) for path in paths
        ),
        problems=tuple(Problem(at(path, 1), "unclosed") for path in paths),
        unknowns=tuple((Unknown("var.x", "not given"), at(path, 1)) for path in paths),
        files=4,
    )
    found = leave_out(reading, exclude)
    assert [each.location.path for each in found.resources] == left
    assert [each.location.path for each in found.problems] == left
    assert [where.path for _, where in found.unknowns] == left
    assert found.files == 4


def test_the_same_domain_of_two_deployments_is_told_apart(tmp_path: Path) -> None:
    module = (
        'variable "enforce" {}\nresource "aws_opensearch_domain" "d" {\n  domain_name = "logs"\n'
        "  domain_endpoint_options {\n    enforce_https = var.enforce\n  }\n}\n"
    )
    call = 'module "m" {\n  source = "../../module"\n  enforce = %s\n}\n'
    files = {
        "module/main.tf": module,
        "envs/dev/main.tf": call % "false",
        "envs/prod/main.tf": call % "false",
        "envs/test/main.tf": call % "true",
        "envs/own/main.tf": module.replace("var.enforce", "false"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    options = Options(TODAY, select=("plain-http", "unencrypted-at-rest"))
    report = scan([str(tmp_path)], ALL_RULES, Inputs(), options)
    place = os.path.relpath(tmp_path).replace(os.sep, "/")
    found = {(one.rule.name, one.match.resource.replace(f"{place}/", "")) for one in report.findings}
    address = "module.m.aws_opensearch_domain.d"
    assert found == {
        ("plain-http", "aws_opensearch_domain.d"),
        ("plain-http", f"{address} (in envs/dev)"),
        ("plain-http", f"{address} (in envs/prod)"),
        ("unencrypted-at-rest", "aws_opensearch_domain.d"),
        ("unencrypted-at-rest", f"{address} (in envs/dev)"),
        ("unencrypted-at-rest", f"{address} (in envs/prod)"),
        ("unencrypted-at-rest", f"{address} (in envs/test)"),
    }
    assert len({one.fingerprint for one in report.findings}) == len(found)


BROKEN_POLICY = """\
resource "aws_iam_user" "u" {
  name = "u"
}

resource "aws_iam_user_policy" "broken" {
  user   = aws_iam_user.u.name
  policy = "{"
}
"""


def asking_who_is_there(analysis: Analysis) -> Iterator[Match]:
    assert [one.address for one in analysis.model.identities.values()] == ["aws_iam_user.u"]
    yield from ()


@pytest.mark.parametrize(
    ("check", "places"), [(asking_who_is_there, [("main.tf", 7)]), (lambda _analysis: (), [])]
)
def test_what_a_rule_could_not_read_of_identities_is_a_problem(
    check: Callable[[Analysis], Iterable[Match]],
    places: list[tuple[str, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(BROKEN_POLICY)
    report = scan(["main.tf"], [replace(rule(), check=check)], Inputs(), Options(TODAY))
    assert [(each.location.path, each.location.line) for each in report.problems] == places
    assert all("JSON" in each.message for each in report.problems)


def test_all_rules_together_leave_no_broken_identity_policy_unsaid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(BROKEN_POLICY)
    report = scan(["main.tf"], ALL_RULES, Inputs(), Options(TODAY))
    assert [(each.location.path, each.location.line) for each in report.problems] == [("main.tf", 7)]
