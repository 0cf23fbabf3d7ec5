"""Input that cannot be read: a problem at its place, and nothing else lost.

Each case stands beside a domain that anyone can use; that finding has to be in
the report whatever stands beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from osreach.cli.main import main
from osreach.extract.domain import TYPES
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

OPEN = """
resource "aws_opensearch_domain" "open" {
  domain_name = "open"
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "es:ESHttpGet"
      Resource  = "arn:aws:es:eu-west-1:123456789012:domain/open/*"
    }]
  })
}
"""

DOMAIN = """resource "aws_opensearch_domain" "bad" {{
  domain_name     = "bad"
  access_policies = {policy}
  vpc_options {{
    subnet_ids = ["subnet-1"]
  }}
}}
"""


@dataclass(frozen=True)
class Case:
    name: str
    content: bytes
    problems: tuple[tuple[int, int, str], ...]


def domain(policy: str) -> bytes:
    return DOMAIN.format(policy=policy).encode()


CASES = (
    Case("an empty file", b"", ()),
    Case("a file of blanks and comments", b"# opensearch\n\n", ()),
    Case("a binary file", b"\x7fELF\x00\x01opensearch\x00", ((1, 1, "the file is binary"),)),
    Case("a file in another encoding", b"# opensearch\n# caf\xe9\n", ((2, 6, "the file is not UTF-8"),)),
    Case("a file of 10 MB", b"# opensearch\n" + b"#" * 10_000_000, ((1, 1, "the file is larger than"),)),
    Case(
        "a brace that is not closed",
        b'resource "aws_opensearch_domain" "bad" {\n  domain_name = "bad"\n',
        ((1, 40, "never closed"),),
    ),
    Case(
        "an expression that is none",
        b'resource "aws_opensearch_domain" "bad" {\n  domain_name = = "bad"\n}\n',
        ((2, 17, "="),),
    ),
    Case(
        "locals that refer to each other",
        b"locals {\n  one = local.two\n  two = local.one\n}\n" + domain("local.one"),
        ((3, 9, "refers to itself"),),
    ),
    Case(
        "a variable that refers to itself",
        b'variable "name" {\n  default = var.name\n}\n' + domain("var.name"),
        ((2, 13, "var.name"),),
    ),
    Case(
        "JSON in a heredoc that is none",
        domain('<<-POLICY\n    {\n      "Version": "2012-10-17",\n      "Statement": [,]\n    }\n  POLICY'),
        ((6, 21, "`access_policies` is not valid JSON: expected a value, found `,`"),),
    ),
    Case("a policy that is a number", domain("42"), ((3, 21, "`access_policies`"),)),
    Case("a policy that is a list", domain("jsonencode([1])"), ((3, 32, "`access_policies`"),)),
    Case(
        "a statement with an operator that does not exist",
        domain(
            'jsonencode({ Version = "2012-10-17", Statement = [\n'
            '    { Effect = "Allow", Principal = "*", Action = "es:*", Resource = "*",\n'
            '      Condition = { IpAddres = { "aws:SourceIp" = "203.0.113.0/24" } } }] })'
        ),
        ((5, 32, "`access_policies`"),),
    ),
    Case(
        "lists nested five hundred times",
        b'resource "aws_opensearch_domain" "bad" {\n  domain_name = ' + b"[" * 500 + b"]" * 500 + b"\n}\n",
        ((2, 116, "nest"),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_a_problem_at_its_place_and_nothing_else_is_lost(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "open.tf").write_text(OPEN)
    (tmp_path / "bad.tf").write_bytes(case.content)
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "--format", "json", "--no-cache"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert "aws_opensearch_domain.open" in {
        finding["resource"] for finding in report["findings"] if finding["rule"] == "open-domain"
    }
    found = [(one["line"], one["column"]) for one in report["problems"] if one["path"] == "bad.tf"]
    assert found == [(line, column) for line, column, _ in case.problems]
    for (_, _, words), problem in zip(case.problems, report["problems"], strict=True):
        assert words in problem["message"]


@pytest.mark.parametrize("case", [case for case in CASES if case.problems], ids=lambda case: case.name)
def test_a_strict_scan_of_bad_input_fails(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.tf").write_bytes(case.content)
    monkeypatch.chdir(tmp_path)
    assert main(["scan", "--strict", "--format", "json", "--no-cache"]) == 2
    assert json.loads(capsys.readouterr().out)["problems"]


def test_a_path_that_does_not_exist_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(tmp_path / "nothing")]) == 2
    assert "nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    "expression",
    [
        "floor(var.huge)",
        "range(var.huge)",
        'format("%d", var.huge)',
        'substr("abc", 0, var.huge)',
        "var.huge % 3",
    ],
)
def test_a_number_beyond_all_measure_is_a_problem_and_not_a_crash(expression: str, tmp_path: Path) -> None:
    code = f"""
variable "huge" {{
  default = 1e999
}}
resource "aws_opensearch_domain" "this" {{
  domain_name = "a-${{jsonencode({expression})}}"
}}
"""
    (tmp_path / "main.tf").write_text(code, encoding="utf-8")
    reading = read_code([str(tmp_path)], Inputs(), TYPES)
    assert [one.address for one in reading.resources] == ["aws_opensearch_domain.this"]
    assert {one.message for one in reading.problems} == {"the number is too large"}
