from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from osreach.analysis import Analysis, analyse
from osreach.cli import progress
from osreach.cli.main import main
from osreach.cli.who import answer, names_of, reach_object
from osreach.engine import Progress
from osreach.evaluate.effective import Outcome
from osreach.evaluate.standing import policies_for
from osreach.evaluate.target import TargetKind, targets_of
from osreach.extract.model import ALSO_NAMED, TYPES
from osreach.graph.who import Reachability
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from osreach.iam.decision import Verdict, decide
from template_twins import address_in_template, analysis_of_template

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
NAMES = ("encrypted-bucket", "logging-platform", "multi-account", "search-backend")
"""Those that have a twin in a template."""


@cache
def analysis_of(project: str) -> Analysis:
    reading = read_code([str(PROJECTS / project)], Inputs(), TYPES | ALSO_NAMED, every=True)
    return analyse(reading, Inputs())


def found_in(project: str) -> dict[str, Any]:
    """Who reaches each resource of a project, without the places."""
    return who_of(analysis_of(project))


def who_of(analysis: Analysis) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for target in targets_of(analysis.model):
        entries = []
        reaches = answer(target.address, None, analysis)[1]
        for reach in reaches:
            shown = reach_object(reach, names_of(reaches), analysis.holes)
            del shown["locations"]
            entries.append(shown)
        found[target.address] = entries
    return found


@pytest.mark.parametrize("project", [*NAMES, "movies-search"])
def test_the_golden_answer_is_given(project: str) -> None:
    golden = json.loads((PROJECTS / project / "who.json").read_text(encoding="utf-8"))
    assert found_in(project) == golden


@pytest.mark.parametrize("project", NAMES)
def test_a_template_gives_the_same_golden_answer(project: str) -> None:
    golden = json.loads((PROJECTS / project / "who.json").read_text(encoding="utf-8"))
    expected = {
        address_in_template(address, project): in_order(in_template(entry, project) for entry in entries)
        for address, entries in golden.items()
    }
    found = who_of(analysis_of_template(project))
    assert {address: in_order(entries) for address, entries in found.items()} == expected


def in_template(entry: dict[str, Any], project: str) -> dict[str, Any] | None:
    """An entry with the names that the twin in a template uses; None where it names what the twin cannot have."""
    principal, *path = [address_in_template(name, project) for name in (entry["principal"], *entry["path"])]
    return None if None in path else {**entry, "principal": principal, "path": path}


def in_order(entries: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    """The entries by their paths: in which order a file has its resources does not matter."""
    return sorted((entry for entry in entries if entry is not None), key=lambda entry: list(entry["path"]))


@pytest.mark.parametrize("project", NAMES)
def test_every_allowed_is_confirmed_by_the_concrete_decision(project: str) -> None:
    analysis = analysis_of(project)
    reachability = Reachability(analysis.access)
    confirmed = 0
    for target in targets_of(analysis.model):
        for reach in reachability.direct(target):
            for access in reach.levels.values():
                if access.outcome in {Outcome.ALLOWED, Outcome.CONDITIONAL}:
                    assert access.witness is not None
                    request = access.witness.request
                    policies = policies_for(reach.caller, target, request.action, analysis.model)
                    assert decide(request, policies).verdict is Verdict.ALLOWED
                    confirmed += 1
    assert confirmed > 5


def test_a_chain_of_three_roles_over_two_accounts_is_found() -> None:
    analysis = analysis_of("multi-account")
    _, found = answer("aws_opensearch_domain.orders", "es:UpdateDomainConfig", analysis)
    chains = [[one.name for one in reach.chain] for reach in found]
    assert ["aws_iam_user.ci", "aws_iam_role.deploy", "aws_iam_role.hub", "aws_iam_role.reader"] in chains
    assert not [chain for chain in chains if chain[0] == "aws_iam_user.intern"]


def test_an_action_narrows_the_answer_to_its_level() -> None:
    analysis = analysis_of("logging-platform")
    target, found = answer("aws_opensearch_domain.logs", "DELETE /app-1", analysis)
    assert target.kind is TargetKind.DOMAIN
    shown = [
        (reach.caller.name, {level.value: access.outcome.value for level, access in reach.levels.items()})
        for reach in found
    ]
    assert shown == [("aws_iam_role.operator", {"delete": "allowed"})]


def test_a_path_narrows_the_answer_to_what_has_paths() -> None:
    analysis = analysis_of("logging-platform")
    _, found = answer("aws_opensearch_domain.logs/app-secret/_search", None, analysis)
    chains = {tuple(one.name for one in reach.chain) for reach in found}
    assert ("aws_iam_user.dana",) not in chains
    assert ("aws_iam_user.dana", "aws_iam_role.analyst") in chains
    assert ("aws_iam_user.auditor",) in chains
    assert all({level.value for level in reach.levels} <= {"read", "write", "delete"} for reach in found)


def test_the_table_shows_chains_and_conditions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["who", "aws_opensearch_domain.orders", str(PROJECTS / "multi-account")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "who can reach `aws_opensearch_domain.orders`"
    assert lines[2].split() == ["read", "write", "delete", "configure", "administer"]
    row = next(line for line in lines if line.startswith("aws_iam_user.ci > ") and "reader" in line)
    assert row.split("aws_iam_role.reader")[1].split() == ["yes", "-", "yes", "yes", "yes"]


def test_the_places_are_those_of_the_statements(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["who", "alias/reports", str(PROJECTS / "encrypted-bucket"), "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    admin = shown["access"][0]
    assert shown["resource"] == "aws_kms_key.reports"
    assert admin["principal"] == "aws_iam_role.key_admin"
    lines = (PROJECTS / "encrypted-bucket" / "main.tf").read_text().splitlines()
    place = admin["locations"][0]
    assert "Administrators" in lines[place["line"]]


def test_a_long_answer_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, int, int]] = []

    @contextmanager
    def watched() -> Iterator[Progress]:
        yield lambda doing, done, total: heard.append((doing, done, total))

    monkeypatch.setattr(progress, "shown_progress", watched)
    assert main(["who", "aws_kms_key.orders", str(PROJECTS / "multi-account")]) == 0
    callers = [step for step in heard if step[0] == "working out access"]
    assert callers == [("working out access", number, len(callers)) for number in range(len(callers))]
    roles = [
        (done, total) for doing, done, total in heard if doing == "working out who may assume which role"
    ]
    assert roles == [(0, 5), (1, 5), (2, 5), (3, 5), (4, 5)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["aws_kms_key.report"],
            "no file defines the resource `aws_kms_key.report`; did you mean `aws_kms_key.reports`",
        ),
        (["arn:aws:es"], "`arn:aws:es` is not an ARN: it needs six parts between colons"),
        (["aws_kms_key.reports", "--action", "decrypt"], "`decrypt` is neither an action"),
        (["*"], "`*` is of a kind whose levels of access are not known; name an `--action`"),
    ],
)
def test_a_question_that_means_nothing_is_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    resource, *others = arguments
    assert main(["who", resource, str(PROJECTS / "encrypted-bucket"), *others]) == 2
    assert message in capsys.readouterr().err


def test_roles_of_one_address_are_told_apart_by_their_deployments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    role = """
resource "aws_iam_role" "reader" {
  name               = "reader-%s"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  inline_policy {
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "es:ESHttpGet", Resource = "*" }]
    })
  }
}
"""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(role % name)
    domain = 'resource "aws_opensearch_domain" "logs" {\n  domain_name = "logs"\n}\n'
    (tmp_path / "one" / "domain.tf").write_text(domain)
    monkeypatch.chdir(tmp_path)
    assert main(["who", "aws_opensearch_domain.logs", "."]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("aws_iam_role")]
    assert [row.partition("  ")[0] for row in rows] == [
        "aws_iam_role.reader (in one)",
        "aws_iam_role.reader (in two)",
    ]


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("", "allowed"),
        ('NotPrincipal = { AWS = "arn:aws:iam::111122223333:role/other" }', "allowed"),
        ('Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1234567890" } }', "conditional"),
        ('Condition = { StringEquals = { "aws:PrincipalAccount" = "111122223333" } }', None),
    ],
)
def test_a_role_that_trusts_everyone_is_there_for_strangers(
    condition: str, outcome: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"""
resource "aws_iam_role" "open" {{
  name               = "open"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = "*" }}
      Action    = "sts:AssumeRole"
      {condition}
    }}]
  }})
  inline_policy {{
    policy = jsonencode({{
      Version   = "2012-10-17"
      Statement = [{{ Effect = "Allow", Action = "es:ESHttpGet", Resource = "*" }}]
    }})
  }}
}}
resource "aws_opensearch_domain" "logs" {{
  domain_name = "logs"
}}
"""
    if condition.startswith("NotPrincipal"):
        text = text.replace('Principal = { AWS = "*" }\n', "", 1)
    (tmp_path / "main.tf").write_text(text)
    assert main(["who", "aws_opensearch_domain.logs", str(tmp_path), "--format", "json"]) == 0
    access = json.loads(capsys.readouterr().out)["access"]
    found = {entry["principal"]: entry["levels"]["read"] for entry in access}
    assert found.get("anyone with an AWS account") == outcome
    assert found["aws_iam_role.open"] == "allowed"
