"""Functions and operators, held to what the real terraform binary answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osreach.iac.terraform import functions
from osreach.iac.terraform.functions.expression import RegexError, compiled
from osreach.iac.terraform.rendering import described, json_text
from terraform_project import problems_of, root_module, value_of

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "terraform"

# Where we give an answer that Terraform 1.11 refuses to give, and why.
LENIENT = {
    'element(["a", "b"], -1)': "later releases count from the end",
    "one(null)": "nothing is gained by refusing it",
    "parseint(10, 2)": "nothing is gained by refusing it",
    'templatestring("Hello, $${name}!", { name = "x" })': "Terraform wants a reference as the template",
    'list("a", "b")': "Terraform 0.11 had it",
    'map("a", "b")': "Terraform 0.11 had it",
    "true ? { a = 1 } : { b = true }": "only the chosen side matters to us",
}


def recorded() -> dict[str, str | None]:
    found: dict[str, str | None] = json.loads((FIXTURES / "expressions.json").read_text())
    return found


def test_every_recorded_expression_gives_what_terraform_gives(tmp_path: Path) -> None:
    answers = recorded()
    expressions = list(answers)
    blocks = [f"locals {{\n  e{number} = {expression}\n}}\n" for number, expression in enumerate(expressions)]
    files = {"context.tf": (FIXTURES / "context.tf").read_text(), "main.tf": "".join(blocks)}
    module = root_module(tmp_path, files)
    ours: dict[str, str | None] = {}
    for number, expression in enumerate(expressions):
        module.run.problems.clear()
        text = json_text(value_of(module, f"e{number}"))
        ours[expression] = None if problems_of(module) else text
    expected = {key: value for key, value in answers.items() if key not in LENIENT}
    assert {key: value for key, value in ours.items() if key not in LENIENT} == expected
    assert {key for key in LENIENT if answers[key] is None and ours[key] is not None} == set(LENIENT)


def test_the_recording_has_an_expression_for_every_pure_function() -> None:
    text = "\n".join(recorded())
    beside = {
        # They read files, hide values, or depend on the machine; other tests have them.
        "abspath", "ephemeralasnull", "file", "filebase64", "filebase64sha256", "filebase64sha512",
        "fileexists", "filemd5", "fileset", "filesha1", "filesha256", "filesha512", "issensitive",
        "pathexpand", "sensitive", "templatefile",
    }  # fmt: skip
    pure = functions.table().keys() - beside - {"list", "map"}
    assert {name for name in pure if f"{name}(" not in text} == set()


def test_every_function_of_terraform_is_known() -> None:
    names = json.loads((FIXTURES / "functions.json").read_text())
    ours = functions.table().keys() | functions.IMPURE | {"try", "can"}
    assert set(names) - ours == set()


@pytest.mark.parametrize("name", sorted(functions.IMPURE))
def test_impure_function_is_unknown_by_its_name_and_no_problem(name: str, tmp_path: Path) -> None:
    module = root_module(tmp_path, f'locals {{ x = {name}("a") }}')
    assert described(value_of(module, "x")) == f'{name}("a")'
    assert problems_of(module) == []


def test_unknown_function_is_a_problem_and_an_unknown(tmp_path: Path) -> None:
    module = root_module(tmp_path, 'locals { x = [nofunction("a"), "b"] }')
    assert described(value_of(module, "x")) == '[nofunction("a"), "b"]'
    assert [problem.message for problem in problems_of(module)] == ["there is no function `nofunction`"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("lower(var.u)", "lower(var.u)"),
        ('lower("A${var.u}B")', '"a${lower(var.u)}b"'),
        ('format("%s-%s", "a", var.u)', '"a-${var.u}"'),
        ('format("%s", var.u)', "var.u"),
        ('format("%5s", var.u)', 'format("%5s", var.u)'),
        ('formatlist("arn:%s", var.list)', '["arn:${var.list[*]}"]'),
        ('formatlist("arn:%s", ["a", var.u])', '["arn:a", "arn:${var.u}"]'),
        ('join(",", ["a", var.u, "b"])', '"a,${var.u},b"'),
        ('join(",", concat(["a"], var.list, ["b"]))', '"a${join(",", var.list[*])}b"'),
        ('join("", [jsonencode({ a = var.u })])', 'jsonencode({"a" = var.u})'),
        ('concat(["a"], var.list)', '["a", var.list[*]]'),
        ("merge({ a = 1 }, var.u)", '{"a" = var.u.a, var.u...}'),
        ("merge(var.u, { a = 1 })", '{"a" = 1, var.u...}'),
        ("merge(var.u, { a = 1 }).a", "1"),
        ('contains(["a", var.u], "a")', "true"),
        ('contains(["a", var.u], "b")', 'contains(["a", var.u], "b")'),
        ('contains(["x${var.u}"], "b")', "false"),
        ("length([1, var.u])", "2"),
        ("length(var.list)", "length(var.list)"),
        ("length(concat([1], var.list))", "length([1, var.list[*]])"),
        ('startswith("arn:${var.u}", "arn:")', "true"),
        ('startswith("arn:${var.u}", "x")', "false"),
        ('startswith("arn:${var.u}", "arn:aws")', 'startswith("arn:${var.u}", "arn:aws")'),
        ('endswith("${var.u}/*", "/*")', "true"),
        ('trimsuffix("${var.u}/*", "/*")', "var.u"),
        ('trimprefix("https://${var.u}", "https://")', "var.u"),
        ('split(":", "arn:aws:${var.u}:x")[1]', '"aws"'),
        ('split(":", "arn:aws:${var.u}:x")[3]', None),
        ('element(["a", var.u], 0)', '"a"'),
        ('element(concat(["a"], var.list), 0)', '"a"'),
        ('coalesce(null, "a", var.u)', '"a"'),
        ('coalesce(var.u, "a")', 'coalesce(var.u, "a")'),
        ('coalesce("x${var.u}", "a")', '"x${var.u}"'),
        ("one([var.u])", "var.u"),
        ("one(var.list)", "one(var.list)"),
        ('compact(["a", "", var.u])', '["a", var.u]'),
        ('toset(["b", var.u, "a"])', '["a", "b", var.u]'),
        ("keys({ a = var.u })", '["a"]'),
        ("values(merge(var.u, { a = 1 }))", "[1, values(var.u)[*]]"),
        ('lookup(var.u, "a", 1)', 'lookup(var.u, "a", 1)'),
        ('lookup({ a = var.u }, "a", 1)', "var.u"),
        ('lookup({ a = var.u }, "b", 1)', "1"),
        ('flatten([["a"], var.list, [[var.u]]])', '["a", var.list, var.u]'),
        ("try(var.u.x, 1)", "var.u.x"),
        ('try("x${var.u}", 1)', '"x${var.u}"'),
        ("can(var.u.x)", "can(var.u.x)"),
        ("can([var.u.x])", "can([var.u.x])"),
        ("can([var.u])", "true"),
        ("try([var.u.x], 1)", "try([var.u.x])"),
        ("try([var.u], 1)", "[var.u]"),
        ("try([{ a = [1] }][*].a[0], 1)", "[1]"),
        ('replace(var.u, "a", "b")', 'replace(var.u, "a", "b")'),
        ("jsondecode(jsonencode({ a = var.u })).a", "var.u"),
        ('jsondecode("{\\"a\\": \\"x${var.u}\\"}").a', '"x${var.u}"'),
        ("alltrue([false, var.u])", "false"),
        ("alltrue([true, var.u])", "alltrue([true, var.u])"),
        ("anytrue([true, var.u])", "true"),
        ('sort(["b", var.u])[0]', None),
        ('distinct(["a", var.u])[0]', '"a"'),
        ('length(distinct(["a", var.u]))', None),
        ('slice(["a", var.u, "c"], 0, 1)', '["a"]'),
        ("range(var.u)[0]", None),
        ("nonsensitive(sensitive(var.u))", "var.u"),
        ("merge(var.list...)", "{var.list[*]...}"),
    ],
)  # fmt: skip
def test_only_what_is_not_known_stays_unknown(expression: str, expected: str | None, tmp_path: Path) -> None:
    text = f'variable "u" {{}}\nvariable "list" {{}}\nlocals {{\n  x = {expression}\n}}\n'
    module = root_module(tmp_path, text)
    found = value_of(module, "x")
    assert problems_of(module) == []
    if expected is None:
        assert json_text(found) is None
    else:
        assert described(found) == expected


def test_elements_keep_their_own_places_through_functions(tmp_path: Path) -> None:
    module = root_module(
        tmp_path,
        'locals {\n  a = [\n    "one",\n  ]\n  b = ["two"]\n  x = distinct(flatten([concat(local.a, local.b)]))\n}',
    )
    lines = [(item.data, item.location.line) for item in value_of(module, "x").items]
    assert lines == [("one", 3), ("two", 5)]


@pytest.mark.parametrize(
    ("files", "expression", "expected"),
    [
        ({"p.json": '{"a": 1}'}, 'file("${path.module}/p.json")', '"{\\"a\\": 1}"'),
        ({"p.json": '{"a": 1}'}, 'jsondecode(file("p.json")).a', "1"),
        ({"t.tpl": "x${n}y%{ if f }!%{ endif }"}, 'templatefile("t.tpl", { n = 1, f = true })', '"x1y!"'),
        ({"t.tpl": "x${n}"}, 'templatefile("t.tpl", { n = var.u })', '"x${var.u}"'),
        ({"t.tpl": "%{ for a in l ~}\n<${a}>\n%{ endfor ~}\n"}, 'templatefile("t.tpl", { l = ["a", "b"] })',
         '"<a>\\n<b>\\n"'),
        ({"a.txt": "a"}, 'fileexists("a.txt")', "true"),
        ({}, 'fileexists("b.txt")', "false"),
        ({"d/a.json": "", "d/e/b.json": "", "d/c.txt": ""}, 'fileset("d", "*.json")', '["a.json"]'),
        ({"d/a.json": "", "d/e/b.json": "", "d/c.txt": ""}, 'fileset("d", "**/*.json")',
         '["a.json", "e/b.json"]'),
        ({"d/a.json": "", "d/c.txt": ""}, 'fileset("d", "{a,c}.*")', '["a.json", "c.txt"]'),
        ({"a.txt": "abc"}, 'filemd5("a.txt") == md5("abc")', "true"),
        ({"a.yaml": "a:\n  - b: 1\n"}, 'yamldecode(file("a.yaml")).a[0].b', "1"),
    ],
)  # fmt: skip
def test_files_inside_the_tree_are_read(
    files: dict[str, str], expression: str, expected: str, tmp_path: Path
) -> None:
    module = root_module(
        tmp_path, {"main.tf": f'variable "u" {{}}\nlocals {{\n  x = {expression}\n}}', **files}
    )
    assert described(value_of(module, "x")) == expected
    assert problems_of(module) == []


def test_files_outside_the_tree_are_unknown_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    inside = tmp_path / "repository"
    inside.mkdir()
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    for path in ("../secret.txt", "link.txt", "/etc/hostname"):
        module = root_module(inside, f'locals {{ x = file("{path}") }}')
        assert json_text(value_of(module, "x")) is None, path
        assert "outside" in described_reason(module), path


def described_reason(module: object) -> str:
    from osreach.iac.terraform.module import ModuleInstance  # noqa: PLC0415  a helper of one test
    from osreach.iac.terraform.rendering import first_unknown  # noqa: PLC0415  likewise

    assert isinstance(module, ModuleInstance)
    unknown = first_unknown(value_of(module, "x"))
    return "" if unknown is None else unknown.reason


def test_a_file_that_is_missing_is_a_problem_where_it_is_asked_for(tmp_path: Path) -> None:
    module = root_module(tmp_path, 'locals {\n  x = file("missing.json")\n}')
    assert json_text(value_of(module, "x")) is None
    assert [(problem.location.line, problem.message) for problem in problems_of(module)] == [
        (2, "there is no file `missing.json`")
    ]


def test_an_archive_that_is_not_built_yet_is_unknown_and_no_problem(tmp_path: Path) -> None:
    module = root_module(tmp_path, 'locals { x = filebase64sha256("function.zip") }')
    assert described(value_of(module, "x")) == 'filebase64sha256("function.zip")'
    assert problems_of(module) == []


def test_a_template_sees_only_what_it_is_given(tmp_path: Path) -> None:
    module = root_module(
        tmp_path, {"main.tf": 'locals {\n y = 1\n x = templatefile("t.tpl", {})\n}', "t.tpl": "${local.y}"}
    )
    value_of(module, "x")
    assert [(problem.location.path, problem.message) for problem in problems_of(module)] == [
        ("t.tpl", "`local` is not among the values given to this template")
    ]


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)*b", "(x*)*", "((a{2,})b)+"], ids=["plus", "choice", "star", "counted"]
)
def test_patterns_that_may_explode_are_refused_on_long_texts(pattern: str) -> None:
    with pytest.raises(RegexError, match="too long"):
        compiled(pattern, "a" * 5000)
