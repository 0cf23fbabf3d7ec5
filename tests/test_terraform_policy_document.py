"""`data.aws_iam_policy_document`, held to what the real AWS provider renders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osreach.iac.terraform.rendering import json_text
from osreach.value import Json, Object, Value
from terraform_project import read, shown

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "terraform"
RECORDED: dict[str, object] = json.loads((FIXTURES / "policy_documents.json").read_text())


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("policies")
    reading = read(folder, (FIXTURES / "policy_documents.tf").read_text())
    assert reading.problems == ()
    found: dict[str, object] = {}
    for resource in reading.resources:
        policy = resource.get("json")
        assert policy is not None
        assert isinstance(policy.data, Json)
        text = json_text(policy.data.value)
        assert text is not None, resource.address
        found[resource.address] = json.loads(text)
    return found


@pytest.mark.parametrize("address", sorted(RECORDED))
def test_document_is_what_the_provider_renders(address: str, ours: dict[str, object]) -> None:
    assert _sorted_principals(ours[address]) == _sorted_principals(RECORDED[address])


def _sorted_principals(policy: object) -> object:
    """The provider writes principals of several blocks in the order of a hash."""
    match policy:
        case dict():
            return {
                name: sorted(map(str, entry))
                if name == "AWS" and isinstance(entry, list)
                else _sorted_principals(entry)
                for name, entry in policy.items()
            }
        case list():
            return [_sorted_principals(entry) for entry in policy]
        case _:
            return policy


def test_no_document_is_left_out(ours: dict[str, object]) -> None:
    assert ours.keys() == RECORDED.keys()


HEAD = 'variable "u" {}\n'
STATEMENT = """
  statement {
    actions   = ["es:*"]
    resources = ["*"]
    %s
  }
"""


def _document(folder: Path, body: str) -> str:
    text = f'{HEAD}data "aws_iam_policy_document" "d" {{\n{body}\n}}\n'
    return shown(read(folder, text), "data.aws_iam_policy_document.d", "json")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (
            'principals {\n type = "AWS"\n identifiers = [var.u]\n}',
            '"Principal" = {"AWS" = var.u}',
        ),
        (
            'principals {\n type = "AWS"\n identifiers = var.u\n}',
            '"Principal" = {"AWS" = var.u}',
        ),
        (
            'principals {\n type = "AWS"\n identifiers = ["arn:aws:iam::${var.u}:root", "a"]\n}',
            '"Principal" = {"AWS" = ["a", "arn:aws:iam::${var.u}:root"]}',
        ),
        ('principals {\n type = var.u\n identifiers = ["a"]\n}', '"Principal" = {var.u...}'),
        ('principals {\n type = "*"\n identifiers = var.u\n}', '"Principal" = var.u'),
        (
            'condition {\n test = "IpAddress"\n variable = "aws:SourceIp"\n values = var.u\n}',
            '"Condition" = {"IpAddress" = {"aws:SourceIp" = var.u}}',
        ),
        (
            'condition {\n test = "StringEquals"\n variable = "${var.u}:sub"\n values = ["x"]\n}',
            '"Condition" = {"StringEquals" = {var.u...}}',
        ),
        ("effect = var.u", '"Effect" = var.u'),
        (
            'dynamic "principals" {\n for_each = var.u\n content {\n type = "AWS"\n identifiers = [principals.value]\n}\n}',
            '"Principal" = {data.aws_iam_policy_document.d.statement.principals for each of var.u...}',
        ),
    ],
)
def test_unknown_parts_leave_the_rest_of_the_statement_known(
    inside: str, expected: str, tmp_path: Path
) -> None:
    found = _document(tmp_path, STATEMENT % inside)
    assert expected in found
    assert '"Action" = "es:*"' in found
    assert '"Resource" = "*"' in found


def test_unknown_source_document_stands_for_any_number_of_statements(tmp_path: Path) -> None:
    found = _document(tmp_path, "source_policy_documents = [var.u]" + STATEMENT % "")
    assert '"Statement" = [var.u, {"Effect" = "Allow"' in found


def test_unknown_override_may_replace_statements_with_a_sid_only(tmp_path: Path) -> None:
    body = "override_policy_documents = [var.u]" + STATEMENT % 'sid = "named"' + STATEMENT % ""
    found = _document(tmp_path, body)
    assert '"Statement" = [statement "named", {"Effect" = "Allow"' in found


def test_unknown_dynamic_statement_stands_beside_the_known_ones(tmp_path: Path) -> None:
    body = 'dynamic "statement" {\n for_each = var.u\n content {\n actions = ["es:*"]\n }\n}' + STATEMENT % ""
    found = _document(tmp_path, body)
    assert "[data.aws_iam_policy_document.d.statement for each of var.u, {" in found


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        (
            STATEMENT % 'sid = "a"' + STATEMENT % 'sid = "a"',
            10,
            "the sid `a` occurs twice, which the provider refuses",
        ),
        (
            "source_policy_documents = [" + 2 * '\n"{\\"Statement\\": [{\\"Sid\\": \\"a\\"}]}",' + "\n]",
            5,
            "the sid `a` occurs twice in `source_policy_documents`, which the provider refuses",
        ),
    ],
)
def test_a_sid_that_occurs_twice_is_a_problem(body: str, line: int, message: str, tmp_path: Path) -> None:
    reading = read(tmp_path, f'{HEAD}data "aws_iam_policy_document" "d" {{\n{body}\n}}\n')
    assert [(problem.location.line, problem.message) for problem in reading.problems] == [(line, message)]


def test_every_statement_keeps_its_place(tmp_path: Path) -> None:
    text = (
        'locals {\n  p = jsonencode({\n    Statement = [\n      { Sid = "a" },\n    ]\n  })\n}\n'
        'data "aws_iam_policy_document" "d" {\n  source_policy_documents = [local.p]\n'
        '  statement {\n    actions = [\n      "es:*",\n    ]\n  }\n}\n'
    )
    reading = read(tmp_path, text)
    policy = reading.resources[0].get("json")
    assert policy is not None
    assert isinstance(policy.data, Json)
    statements = _entry(policy.data.value, "Statement").items
    assert [statement.location.line for statement in statements] == [4, 10]
    assert _entry(statements[1], "Action").location.line == 12


def _entry(value: Value, name: str) -> Value:
    assert isinstance(value.data, Object)
    return value.data.entries[name]
