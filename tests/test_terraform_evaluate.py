"""Expressions: places, what stays unknown, and that nothing is claimed that may be otherwise."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osreach.iac.terraform.equality import is_many
from osreach.iac.terraform.evaluate import evaluate
from osreach.iac.terraform.module import ModuleInstance
from osreach.iac.terraform.parse import parse_expression
from osreach.iac.terraform.rendering import expression_text, json_parts, json_text, known_text, wholly_known
from osreach.iac.terraform.scope import EvaluationError, SetOfValues, Unordered
from osreach.json_text import read_json
from osreach.value import Json, Object, Text, TextPart, Unknown, Value
from terraform_expressions import Generator, written
from terraform_project import NOWHERE, problems_of, read, root_module, value_of

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "terraform"
VARIABLES = 'variable "u" {}\nvariable "list" {}\nvariable "flag" {}\n'


def _value(folder: Path, expression: str) -> Value:
    module = root_module(folder, f"{VARIABLES}locals {{\n  x = {expression}\n}}\n")
    found = value_of(module, "x")
    assert problems_of(module) == []
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("var.u", "var.u"),
        ("var.u.a[0]", "var.u.a[0]"),
        ('var.u["k"]', 'var.u["k"]'),
        ('"a${var.u}b"', '"a${var.u}b"'),
        ('"${var.u}"', "var.u"),
        ("{ a = var.u, b = 1 }", '{"a" = var.u, "b" = 1}'),
        ("{ (var.u) = 1, b = 2 }", '{"b" = 2, var.u...}'),
        ("{ b = 2, (var.u) = 1 }.b", "2 or 1"),
        ('{ b = 2, "x${var.u}" = 1 }.b', "2"),
        ("[1, var.u][0]", "1"),
        ("[1, var.u][var.u]", "[1, var.u][var.u]"),
        ("[1, 1][var.u]", "1"),
        ("{ a = 1, b = 1 }[var.u]", "1"),
        ("{ a = 1, b = 2 }[var.u]", '{"a" = 1, "b" = 2}[var.u]'),
        ("var.list[*]", "[var.list[*]]"),
        ("var.list[*].id", "[var.list[*].id]"),
        ('[for a in var.list : "arn:${a}:root"]', '["arn:${var.list[*]}:root"]'),
        ("[for a in var.list : a.id]", "[var.list[*].id]"),
        ('[for a in var.list : "*"]', '["*"]'),
        ("[for a in var.list : { p = a }]", '[{"p" = var.list[*]}]'),
        ('[for a in ["x", var.u] : "${a}!"]', '["x!", "${var.u}!"]'),
        ('[for a in ["x", "y"] : a if a == "x" || var.flag]', '["x", "y" if var.flag]'),
        ('[for a in ["x", "y"] : a if a == "x" && var.flag]', '["x" if var.flag]'),
        ('{ for a in ["x"] : a => var.u }', '{"x" = var.u}'),
        ("{ for a in var.list : a => 1 }", "{for a in var.list...}"),
        ("{ for a in [var.u] : a => 1 }", "{var.u...}"),
        ("var.flag ? 1 : 1", "1"),
        ("var.flag ? 1 : 2", "var.flag ? 1 : 2"),
        ("var.flag ? { a = 1, b = 2 } : { a = 1, b = 3 }", '{"a" = 1, "b" = var.flag ? 2 : 3}'),
        ('var.flag ? ["a", "b"] : ["a", "c"]', '["a", var.flag ? "b" : "c"]'),
        ('var.flag ? ["a"] : []', 'var.flag ? ["a"] : []'),
        ("var.flag ? [1][0] : [][0]", "var.flag ? ... : ..."),
        ("jsonencode(var.flag ? { a = 1 } : { a = 2 })", 'jsonencode({"a" = var.flag ? 1 : 2})'),
        ("var.flag && false", "false"),
        ("false && var.flag", "false"),
        ("var.flag || true", "true"),
        ("var.flag && true", "var.flag"),
        ("!var.flag", "!var.flag"),
        ("var.u == 1", "var.u == 1"),
        ("var.u == var.u", "true"),
        ("var.u == null", "var.u == null"),
        ('"a${var.u}" == null', "false"),
        ('"a${var.u}" == "b"', "false"),
        ('"a${var.u}" == "ab"', '"a${var.u}" == "ab"'),
        ('"a${var.u}" == "a${var.u}"', "true"),
        ('"a${var.u}" != "b${var.u}"', "true"),
        ("[var.u] == [1, 2]", "false"),
        ("var.u + 1", "var.u + 1"),
        ("var.u > 1 ? 2 : 2", "2"),
        ('"%{ if var.flag }a%{ else }b%{ endif }"', 'var.flag ? "a" : "b"'),
        ('"x%{ if var.flag }a%{ else }a%{ endif }"', '"xa"'),
        ('"x%{ for a in var.list }${a}%{ endfor }"', '"x${%{ for a in var.list }}"'),
        ("terraform.workspace", "terraform.workspace"),
        ("path.module", '"."'),
        ("local.none", "local.none"),
        ("var.none", "var.none"),
        ("provider::aws::arn_parse(var.u)", "provider::aws::arn_parse(var.u)"),
    ],
)  # fmt: skip
def test_only_what_is_not_known_is_unknown(expression: str, expected: str, tmp_path: Path) -> None:
    assert expression_text(_value(tmp_path, expression)) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("var.u", "no default and no value given"),
        ("terraform.workspace", "it is chosen when Terraform runs"),
        ("lower(var.u)", "no default and no value given"),
        ("var.flag ? 1 : 2", "depends on `var.flag`: no default and no value given"),
        ("local.none", "it is not declared"),
        ("aws_iam_role.none.arn", "it is not declared in the scanned files"),
        ("provider::aws::f()", "`provider::aws::f` is a function of a provider"),
        ("path.cwd", "it depends on the machine that Terraform runs on"),
    ],
)
def test_an_unknown_says_why(expression: str, reason: str, tmp_path: Path) -> None:
    data = _value(tmp_path, expression).data
    assert isinstance(data, Unknown)
    assert data.reason == reason


def test_a_value_keeps_the_place_where_it_is_written(tmp_path: Path) -> None:
    text = (
        'locals {\n  arn = "arn:x"\n  policy = {\n    Statement = [\n      { Resource = local.arn },\n'
        '      merge({ Effect = "Allow" }, { Sid = "s" }),\n    ]\n  }\n  x = local.policy\n}\n'
    )
    module = root_module(tmp_path, text)
    policy = value_of(module, "x")
    assert (policy.location.line, policy.location.column) == (3, 12)
    statements = _entry(policy, "Statement").items
    assert _entry(statements[0], "Resource").location.line == 2
    assert _entry(statements[1], "Sid").location.column == 43


def _entry(value: Value, name: str) -> Value:
    assert isinstance(value.data, Object)
    return value.data.entries[name]


def test_a_heredoc_keeps_its_pieces_so_that_places_inside_can_be_told(tmp_path: Path) -> None:
    text = (
        f'{VARIABLES}locals {{\n  p = <<-EOT\n    {{\n      "Statement": [\n        {{"Sid": "a"}},\n'
        '        {"Sid": "${var.u}"}\n      ]\n    }\n  EOT\n}\n'
    )
    module = root_module(tmp_path, text)
    found = value_of(module, "p")
    assert isinstance(found.data, Text)
    policy = read_json(found, "policy").value
    places = [
        (_entry(item, "Sid").location.line, _entry(item, "Sid").location.column)
        for item in _entry(policy, "Statement").items
    ]
    assert places == [(8, 17), (9, 17)]
    assert expression_text(policy) == '{"Statement" = [{"Sid" = "a"}, {"Sid" = "${var.u}"}]}'


def test_a_heredoc_around_one_json_value_is_that_value(tmp_path: Path) -> None:
    found = _value(tmp_path, "<<EOT\n  ${jsonencode({ a = var.u })}\nEOT\n")
    assert expression_text(found) == 'jsonencode({"a" = var.u})'


def test_json_inside_a_text_is_written_out_in_pieces(tmp_path: Path) -> None:
    found = _value(tmp_path, '"x${jsonencode({ b = var.u, a = "<" })}"')
    assert expression_text(found) == '"x{\\"a\\":\\"\\\\u003c\\",\\"b\\":${var.u}}"'


# Nothing is claimed that may be otherwise


@cache
def _module() -> ModuleInstance:
    import tempfile  # noqa: PLC0415  a folder for all examples of one test

    folder = Path(tempfile.mkdtemp())
    return root_module(folder, 'variable "u" {}\n')


def _result(text: str) -> Value | None:
    """The value of an expression, None where it is refused."""
    module = _module()
    module.run.problems.clear()
    module.run.budget.left = 250_000
    expression, problems = parse_expression(text, NOWHERE)
    assert expression is not None, (text, problems)
    try:
        value = evaluate(expression, module.scope)
    except EvaluationError:
        return None
    return None if module.run.problems else value


def _pieces(value: Value) -> tuple[TextPart, ...] | None:
    match value.data:
        case Text(parts):
            return parts
        case Json(inner):
            return json_parts(inner)
        case _:
            return None


def allows(claim: Value, truth: Value) -> bool:
    """Whether a partly known value admits the wholly known one."""
    if isinstance(claim.data, Unknown):
        return True
    if isinstance(claim.data, Json) and isinstance(truth.data, Json):
        return allows(claim.data.value, truth.data.value)
    parts = _pieces(claim)
    if parts is not None:
        text = known_text(truth)
        pattern = "".join(
            "(?s:.*)" if isinstance(part.text, Unknown) else re.escape(part.text) for part in parts
        )
        return text is not None and re.fullmatch(pattern, text) is not None
    match claim.data, truth.data:
        case tuple() as claims, tuple() as truths:
            if isinstance(claims, SetOfValues | Unordered):
                # Each claimed element is there; an unknown one may be equal to another.
                return all(any(allows(one, other) for other in truths) for one in claims if not is_many(one))
            return _lists(claims, truths)
        case Object(entries, rest), Object(truths_by_name):
            there = all(
                name in truths_by_name and allows(entries[name], truths_by_name[name]) for name in entries
            )
            return there and (bool(rest) or entries.keys() == truths_by_name.keys())
        case (int() | float() as one, int() | float() as other):
            return one == other  # zero has a sign in Terraform, which no comparison sees
        case _:
            # The type of what is unknown is not known: a number beside it may become a string.
            return known_text(claim) == known_text(truth) and (claim.data is None) == (truth.data is None)


def _lists(claims: tuple[Value, ...], truths: tuple[Value, ...]) -> bool:
    if not claims:
        return not truths
    first, rest = claims[0], claims[1:]
    if is_many(first):
        return any(
            all(allows(first, other) for other in truths[:size]) and _lists(rest, truths[size:])
            for size in range(len(truths) + 1)
        )
    return bool(truths) and allows(first, truths[0]) and _lists(rest, truths[1:])


@settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_an_unknown_leaf_never_changes_what_is_claimed(seed: int, depth: int) -> None:
    random = Random(seed)
    generator = Generator(random)
    text = generator.any(depth)
    if not generator.leaves:
        return
    full = written(text, generator.leaves)
    truth = _result(full)
    if truth is None:
        return
    assert wholly_known(truth), full
    partly = written(text, generator.leaves, random.randrange(len(generator.leaves)))
    claim = _result(partly)
    assert claim is not None, f"{partly} is refused, {full} is not"
    assert allows(claim, truth), f"{partly}: {expression_text(claim)}; {full}: {expression_text(truth)}"


# Terraform itself as the judge


def _disagreements(answers: dict[str, str | None]) -> dict[str, tuple[str | None, str | None]]:
    """The expressions to which Terraform gives a value and we another one."""
    found: dict[str, tuple[str | None, str | None]] = {}
    for text, answer in answers.items():
        value = _result(text)
        ours = None if value is None else json_text(value)
        if answer is not None and ours != answer:
            found[text] = (answer, ours)
    return found


def test_made_up_expressions_give_what_terraform_gave() -> None:
    answers = json.loads((FIXTURES / "generated.json").read_text())
    assert len(answers) > 400
    assert _disagreements(answers) == {}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs the terraform binary")
def test_fresh_made_up_expressions_give_what_terraform_gives() -> None:
    script = "import json, sys; sys.path.insert(0, 'bench'); import record_terraform as recorder; "
    script += "print(json.dumps(recorder.record(recorder.generated(20260721, 800), '')))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert _disagreements(json.loads(done.stdout)) == {}


def test_references_to_what_is_not_written_stay_with_their_resource(tmp_path: Path) -> None:
    text = 'resource "aws_security_group" "g" {}\nresource "aws_opensearch_domain" "x" {\n  a = [aws_security_group.g.id]\n}\n'
    found = read(tmp_path, text).resources[1].get("a")
    assert found is not None
    unknown = found.items[0].data
    assert isinstance(unknown, Unknown)
    assert (unknown.expression, unknown.resource) == ("aws_security_group.g.id", "aws_security_group.g")
