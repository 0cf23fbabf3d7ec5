from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from osreach.cli.main import main

DOMAIN = "arn:aws:es:eu-west-1:123456789012:domain/movies"
USER = "arn:aws:iam::123456789012:user/ann"
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "es:ESHttpGet", "Resource": f"{DOMAIN}/*"}],
}
LIMIT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "es:ESHttpGet", "Resource": f"{DOMAIN}/films/*"}],
}
OFFICE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Office",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "es:*",
            "Resource": f"{DOMAIN}/*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        }
    ],
}


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    for name, policy in (("read", READ), ("limit", LIMIT), ("office", OFFICE), ("all", [READ, LIMIT])):
        (tmp_path / f"{name}.json").write_text(json.dumps(policy))
    return tmp_path


def ask(policies: Path, *options: str, resource: str = f"{DOMAIN}/films/_search") -> list[str]:
    given = [str(policies / word) if word.endswith(".json") else word for word in options]
    return ["simulate", "--principal", USER, "--action", "es:ESHttpGet", "--resource", resource, *given]


@pytest.mark.parametrize(
    ("options", "code", "decision", "because"),
    [
        (("--identity-policy", "read.json"), 0, "allowed", [("identityPolicies[0]", "Read")]),
        ((), 1, "implicit_deny", []),
        (
            ("--identity-policy", "read.json", "--resource-policy", "office.json"),
            1,
            "explicit_deny",
            [("resourcePolicy", "Office")],
        ),
        (
            (
                "--identity-policy",
                "read.json",
                "--resource-policy",
                "office.json",
                "--context",
                "aws:SourceIp=203.0.113.7",
            ),
            0,
            "allowed",
            [("identityPolicies[0]", "Read")],
        ),
        (
            ("--identity-policy", "read.json", "--scp", "all.json"),
            0,
            "allowed",
            [("identityPolicies[0]", "Read")],
        ),
    ],
)
def test_one_request_is_decided(
    policies: Path,
    options: tuple[str, ...],
    code: int,
    decision: str,
    because: list[tuple[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*ask(policies, *options), "--format", "json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert found["decision"] == decision
    assert [(one["policy"], one["sid"]) for one in found["because"]] == because


def test_each_level_of_an_organization_has_to_allow(
    policies: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = ask(
        policies,
        "--identity-policy",
        "read.json",
        "--scp",
        "read.json",
        "--scp",
        "limit.json",
        resource=f"{DOMAIN}/x",
    )
    assert main(question) == 1
    assert capsys.readouterr().out == "implicit deny\n  refused by: service control policy\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--identity-policy", "nothing.json"], "cannot read"),
        (["--context", "aws:SourceIp"], "is not of the form KEY=VALUE"),
        (
            ["--identity-policy", "broken.json"],
            "is not valid JSON: expecting property name enclosed in double quotes at line 2, column 3",
        ),
        (["--batch", "x.jsonl"], "has no place beside it"),
    ],
)
def test_a_request_that_cannot_be_carried_out_says_why(
    policies: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (policies / "broken.json").write_text("{\n  ,")
    assert main(ask(policies, *options)) == 2
    assert message in capsys.readouterr().err


def test_a_batch_answers_line_by_line_in_order(policies: Path) -> None:
    lines = [
        {
            "id": "1",
            "principal": USER,
            "action": "es:ESHttpGet",
            "resource": f"{DOMAIN}/a",
            "identityPolicies": [READ],
        },
        "this is no JSON",
        {
            "id": "3",
            "principal": USER,
            "action": "es:ESHttpPut",
            "resource": f"{DOMAIN}/a",
            "identityPolicies": [READ],
        },
        {"id": "4", "principal": "nobody", "action": "es:ESHttpPut", "resource": f"{DOMAIN}/a"},
    ]
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    done = subprocess.run(
        [sys.executable, "-I", "-m", "osreach", "simulate", "--batch", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=policies,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in answers] == ["1", None, "3", "4"]
    assert [one.get("decision") for one in answers] == ["allowed", None, "implicit_deny", None]
    assert "not valid JSON" in answers[1]["error"]
    assert "principal" in answers[3]["error"]


def test_a_batch_is_written_to_a_file(policies: Path) -> None:
    request = {"id": 7, "principal": USER, "action": "es:ESHttpGet", "resource": f"{DOMAIN}/a"}
    (policies / "requests.jsonl").write_text(json.dumps(request) + "\n")
    output = policies / "answers.jsonl"
    assert main(["simulate", "--batch", str(policies / "requests.jsonl"), "--output", str(output)]) == 0
    assert json.loads(output.read_text())["decision"] == "implicit_deny"
