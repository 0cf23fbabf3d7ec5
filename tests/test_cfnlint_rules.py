"""The rules inside cfn-lint, through the real command: the same findings at the same places."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from cfnlint.rules import Rules

from osreach.cfnlint_rules import code_of, judgement_of, rule_classes
from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach.rule import Severity
from osreach_rules import RULES

ROOT = Path(__file__).parent.parent
CFN_LINT = str(Path(sys.executable).with_name("cfn-lint"))
# Every fourth: the plugin treats all rules alike.
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("fixtures/rules/*/bad.yaml"))[::4]

OPEN = """\
Parameters:
  Who:
    Type: String
    Default: arn:aws:iam::123456789012:role/reader
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: logs
      AccessPolicies:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref Who
            Action: es:ESHttp*
            Resource: arn:aws:es:eu-west-1:123456789012:domain/logs/*
"""
ANYONE = OPEN.replace("arn:aws:iam::123456789012:role/reader", '"*"')
OF_THE_DOMAIN = {("E9133", 6), ("W9201", 6), ("W9701", 6), ("W9702", 6), ("W9703", 6), ("W9704", 6)}
OF_THE_STATEMENT = {("E9101", 13)}
# Rules to come may have more to say about these templates.
WATCHED = {code for code, _ in OF_THE_DOMAIN | OF_THE_STATEMENT} | {"E9000", "W9000"}


class Found(NamedTuple):
    code: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int


def cfn_lint(*arguments: str, folder: Path = ROOT) -> list[dict[str, object]]:
    """What the command prints as JSON."""
    done = subprocess.run(
        [CFN_LINT, "--format", "json", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.stderr == ""
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def ours(matches: list[dict[str, object]]) -> Iterator[tuple[Found, str]]:
    """Those of osreach, with their messages."""
    for match in matches:
        where, rule, message = match["Location"], match["Rule"], match["Message"]
        assert isinstance(where, dict)
        assert isinstance(rule, dict)
        start, end = where["Start"], where["End"]
        if rule["Id"][1] == "9":
            place = (start["LineNumber"], start["ColumnNumber"], end["LineNumber"], end["ColumnNumber"])
            yield Found(rule["Id"], str(match["Filename"]), *place), str(message)


def test_cfn_lint_reports_what_osreach_reports_at_the_same_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    options = Options(today=date(2026, 1, 1), profile="strict")
    found: dict[str, set[Found]] = {path: set() for path in TEMPLATES}
    # cfn-lint's own rules would take most of the time.
    own = [f"{letter}{digit}" for letter in "EWI" for digit in range(9)]
    for one, _ in ours(cfn_lint("-c", "I", "-i", *own, "-a", "osreach.cfnlint_rules", "--", *TEMPLATES)):
        found[one.path].add(one)
    for path in TEMPLATES:
        expected = set()
        for finding in scan([path], RULES, Inputs(), options).findings:
            where = finding.location
            place = (where.line, where.column, where.end_line, where.end_column)
            expected.add(Found(code_of(finding.rule), path, *place))
        assert found[path] == expected, path


def _with_metadata(text: str, checks: str) -> str:
    metadata = f"    Metadata: {{cfn-lint: {{config: {{ignore_checks: [{checks}]}}}}}}\n"
    return text.replace("    Properties:\n", f"{metadata}    Properties:\n", 1)


_SECOND = ANYONE.replace("Logs:", "Search:").replace("logs", "search").partition("Resources:\n")[2]
_REPEATED = """\
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Domains:
    - Name
    - [Alpha, Beta]
    - ${Name}:
        Type: AWS::OpenSearchService::Domain
        Metadata: {cfn-lint: {config: {ignore_checks: [E9133, W9201, W9701, W9702, W9703, W9704]}}}
        Properties:
          DomainName: !Sub search-${Name}
          AccessPolicies:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Principal: "*"
                Action: es:ESHttp*
                Resource: !Sub arn:aws:es:eu-west-1:123456789012:domain/search-${Name}/*
"""
CASES = {
    "repeated": _REPEATED,
    "repeated-ignored": _REPEATED.replace("[E9133", "[E9101, E9133"),
    "reader": OPEN,
    "anyone": ANYONE,
    "resource-metadata": _with_metadata(ANYONE, "E9101, E9133, W9201, W97") + _SECOND,
    "template-metadata": ANYONE + "Metadata: {cfn-lint: {config: {ignore_checks: [E9101, W97]}}}\n",
    "comment": ANYONE.replace("- Effect: Allow", "- Effect: Allow # osreach: ignore[open-domain] a demo"),
    "comment-without-reason": ANYONE.replace(
        "- Effect: Allow", "- Effect: Allow # osreach: ignore[open-domain]"
    ),
    "configured-parameter": OPEN,
    "configured-ignore": ANYONE,
    "configured-wrong": ANYONE,
    "queue": "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n",
    "every-action": ANYONE.replace("es:ESHttp*", "es:*"),
}
CONFIGURATIONS = {
    "configured-parameter": '[parameters]\nWho = "*"\n',
    "configured-ignore": '[[ignores]]\nrule = "open-domain"\nresource = "Logs"\nreason = "a demo"\n'
    '[[ignores]]\nrule = "old-tls"\nresource = "Other"\nreason = "a demo"\n',
    "configured-wrong": "nonsense = 1\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each case, with its template and configuration."""
    top = tmp_path_factory.mktemp("cases")
    for name, text in CASES.items():
        (top / name).mkdir()
        (top / name / "template.yaml").write_text(text)
        if name in CONFIGURATIONS:
            (top / name / "osreach.toml").write_text(CONFIGURATIONS[name])
    return top


Cases = dict[str, list[tuple[str, int, str]]]


def _run(folder: Path, *arguments: str) -> Cases:
    """Code, line and message of what osreach says about each case."""
    paths = [f"{name}/template.yaml" for name in CASES]
    found: Cases = {name: [] for name in CASES}
    for one, message in ours(
        cfn_lint(*arguments, "-a", "osreach.cfnlint_rules", "--", *paths, folder=folder)
    ):
        if one.code in WATCHED or one.code.startswith("I"):
            found[one.path.partition("/")[0]].append((one.code, one.line, message))
    return found


def _watched(matches: list[dict[str, object]]) -> list[tuple[str, int, str]]:
    return [(one.code, one.line, message) for one, message in ours(matches) if one.code in WATCHED]


@pytest.fixture(scope="module")
def plain(folder: Path) -> Cases:
    return _run(folder)


@pytest.fixture(scope="module")
def asked(folder: Path) -> Cases:
    return _run(folder, "--mandatory-checks", "E9101", "--include-checks", "I")


def _places(found: list[tuple[str, int, str]]) -> set[tuple[str, int]]:
    return {(code, line) for code, line, _ in found}


def test_metadata_of_a_resource_ignores_what_stands_in_it_and_nothing_else(plain: Cases) -> None:
    # Its own lines are 6 to 18; W97 is no code, so that the resource ignores only the other three.
    others = {("W9701", 6), ("W9702", 6), ("W9703", 6), ("W9704", 6)}
    moved = {(code, line + 13) for code, line in OF_THE_DOMAIN | OF_THE_STATEMENT}
    assert _places(plain["resource-metadata"]) == others | moved


def test_metadata_of_the_template_ignores_everywhere(plain: Cases) -> None:
    assert _places(plain["template-metadata"]) == {("E9133", 6), ("W9201", 6)}


def test_metadata_counts_for_resources_that_a_transform_makes(plain: Cases) -> None:
    assert [(code, line) for code, line, _ in plain["repeated"]] == [("E9101", 14), ("E9101", 14)]
    assert plain["repeated-ignored"] == []


def test_a_mandatory_check_cannot_be_ignored_in_a_resource(asked: Cases) -> None:
    assert {place for place in _places(asked["resource-metadata"]) if place[0] == "E9101"} == {
        ("E9101", 14),
        ("E9101", 26),
    }


def test_an_ignore_comment_counts_where_it_gives_a_reason(plain: Cases) -> None:
    assert _places(plain["comment"]) == OF_THE_DOMAIN
    found = plain["comment-without-reason"]
    assert _places(found) == OF_THE_DOMAIN | OF_THE_STATEMENT | {("W9000", 13)}
    assert ("W9000", 13, "the ignore of `open-domain` gives no reason and does not count") in found


def test_osreach_toml_counts(plain: Cases) -> None:
    assert _places(plain["configured-parameter"]) == OF_THE_DOMAIN | OF_THE_STATEMENT
    assert _places(plain["configured-ignore"]) == OF_THE_DOMAIN


def test_a_wrong_osreach_toml_is_one_failure(plain: Cases) -> None:
    assert plain["configured-wrong"] == [
        (
            "E9000",
            1,
            "osreach could not judge this template: `configured-wrong/osreach.toml`: unknown key `nonsense`",
        )
    ]


def test_a_template_of_something_else_is_left_to_cfn_lint(plain: Cases) -> None:
    assert plain["queue"] == []


def test_informational_rules_run_only_where_cfn_lint_is_asked_for_them(plain: Cases, asked: Cases) -> None:
    code = next(code_of(rule) for rule in RULES if rule.name == "service-wildcard")
    further = _places(asked["every-action"]) - _places(plain["every-action"])
    assert (code, 16) in further
    assert all(name.startswith("I") for name, _ in further)


def test_a_parameter_given_to_cfn_lint_counts(folder: Path, plain: Cases) -> None:
    assert _places(plain["reader"]) == OF_THE_DOMAIN
    assert _places(plain["anyone"]) == OF_THE_DOMAIN | OF_THE_STATEMENT
    template = str(folder / "reader" / "template.yaml")
    matches = cfn_lint("--parameters", "Who=*", "-a", "osreach.cfnlint_rules", "-t", template)
    assert _watched(matches) == plain["anyone"]


def test_the_module_may_be_named_behind_the_template(folder: Path, plain: Cases) -> None:
    matches = cfn_lint(str(folder / "anyone" / "template.yaml"), "-a", "osreach.cfnlint_rules")
    assert _watched(matches) == plain["anyone"]


def test_the_configuration_of_cfn_lint_can_name_the_rules(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(ANYONE)
    (tmp_path / ".cfnlintrc").write_text(
        "append_rules: [osreach.cfnlint_rules]\nignore_checks: [W97]\ntemplates: ['*.yaml']\n"
    )
    found = _places(_watched(cfn_lint(folder=tmp_path)))
    assert found == {("E9101", 13), ("E9133", 6), ("W9201", 6)}


class _Template:
    """As much of cfn-lint's template as osreach asks for."""

    def __init__(self, path: Path | None) -> None:
        self.filename = None if path is None else str(path)
        self.template: dict[str, object] = {}
        self.context = None


def test_a_template_is_judged_once_for_all_rules(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(ANYONE)
    template = _Template(tmp_path / "template.yaml")
    first = judgement_of(template)
    (tmp_path / "template.yaml").unlink()
    for one in rule_classes().values():
        one().match(template)
    assert judgement_of(template) is first
    assert {code for code, _ in OF_THE_DOMAIN | OF_THE_STATEMENT} <= set(first.matches)


def test_a_template_from_standard_input_is_said_not_to_be_read() -> None:
    found = judgement_of(_Template(None)).matches
    assert {code: [match.message for match in listed] for code, listed in found.items()} == {
        "W9000": ["osreach reads templates from files, not from standard input"]
    }


def test_a_failure_of_osreach_is_one_match_and_not_one_of_every_rule(tmp_path: Path) -> None:
    template = _Template(tmp_path / "gone.yaml")
    found = [match for one in rule_classes().values() for match in one().match(template)]
    assert len(found) == 1
    assert found[0].message.startswith("osreach could not judge this template: FileNotFoundError: ")


def test_every_rule_has_one_class_with_all_that_cfn_lint_shows() -> None:
    classes = {one.id: one for one in rule_classes().values()}
    assert set(classes) == {code_of(rule) for rule in RULES} | {"E9000", "W9000"}
    letters = {Severity.CRITICAL: "E", Severity.HIGH: "E", Severity.MEDIUM: "W", Severity.LOW: "W"}
    for rule in RULES:
        shown = classes[code_of(rule)]
        assert shown.id == f"{letters.get(rule.severity, 'I')}9{rule.code[3:]}"
        assert (shown.shortdesc, shown.source_url) == (rule.summary, rule.references[0])
        assert shown.description == rule.documentation
        assert {"osreach", rule.name, rule.code} <= set(shown.tags)


def test_cfn_lint_finds_the_rules_in_the_module() -> None:
    found = Rules.create_from_module("osreach.cfnlint_rules")
    assert {rule.id for rule in found.values()} == {one.id for one in rule_classes().values()}
    for rule in RULES:
        assert f"{code_of(rule)}: {rule.summary}" in repr(found)
