"""The syntax tree: exact nodes and places, and the same structure as two other parsers find."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import hcl2.api
import pytest
import tree_sitter
import tree_sitter_hcl
from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.iac.terraform.lines import SourceText, source_text
from osreach.iac.terraform.parse import (
    Header,
    parse_assignments,
    parse_block,
    parse_expression,
    split_file,
)
from osreach.iac.terraform.syntax import (
    Assignment,
    Attribute,
    Binary,
    Block,
    Call,
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    Index,
    Literal,
    Name,
    ObjectExpression,
    Operator,
    Splat,
    Template,
    TemplateExpression,
    TemplateFor,
    TemplateIf,
    TemplateText,
    TupleExpression,
    Unary,
)
from osreach.location import Location

TOP = Location("main.tf", 1, 1, 1, 1)


def parsed(text: str) -> Expression:
    expression, problems = parse_expression(text, TOP)
    assert problems == ()
    assert expression is not None
    return expression


def only_block(text: str) -> Block:
    file = split_file("main.tf", text)
    assert file.problems == ()
    (header,) = file.headers
    block, problems = parse_block(file, header)
    assert problems == ()
    assert block is not None
    return block


def show(node: object) -> str:
    """The structure of a tree, one short text a node."""
    match node:
        case Literal(value):
            return repr(value)
        case Name(name):
            return name
        case Attribute(target, name):
            return f"{show(target)}.{name}"
        case Index(target, key):
            return f"{show(target)}[{show(key)}]"
        case Splat(target, each, full):
            return f"{show(target)}{'[*]' if full else '.*'}({show(each)})"
        case Call(name, arguments, expand):
            return f"{name}({', '.join(map(show, arguments))}{'...' if expand else ''})"
        case Unary(operator, operand):
            return f"({'-' if operator is Operator.NEGATE else operator}{show(operand)})"
        case Binary(operator, left, right):
            return f"({show(left)} {operator} {show(right)})"
        case Conditional(condition, then, otherwise):
            return f"({show(condition)} ? {show(then)} : {show(otherwise)})"
        case TupleExpression(items):
            return f"[{', '.join(map(show, items))}]"
        case ObjectExpression(items):
            return f"{{{', '.join(f'{show(item.key)} = {show(item.value)}' for item in items)}}}"
        case ForTuple(key, value, collection, result, condition):
            return f"[for {key} {value} in {show(collection)} : {show(result)} if {show(condition)}]"
        case ForObject(key, value, collection, result_key, result, grouped, condition):
            return (
                f"{{for {key} {value} in {show(collection)} : {show(result_key)} => {show(result)}"
                f"{'...' if grouped else ''} if {show(condition)}}}"
            )
        case Template(parts, _, heredoc):
            return f"{'<<' if heredoc else 't'}{''.join(map(show, parts))!r}"
        case TemplateText(text):
            return text
        case TemplateExpression(expression):
            return f"${{{show(expression)}}}"
        case TemplateIf(condition, then, otherwise):
            return f"%if {show(condition)}:{''.join(map(show, then))}:{''.join(map(show, otherwise))}%"
        case TemplateFor(key, value, collection, body):
            return f"%for {key} {value} in {show(collection)}:{''.join(map(show, body))}%"
        case Assignment(name, expression):
            return f"{name} = {show(expression)}"
        case Block(kind, labels, assignments, blocks):
            return f"{kind} {labels} {{{'; '.join(map(show, (*assignments, *blocks)))}}}"
        case _:
            return repr(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5e3", "1500"),
        ("1.25", "1.25"),
        ("007", "7"),
        ("true", "True"),
        ("null", "None"),
        ('"a"', "'a'"),
        ("a-b_c", "a-b_c"),
        ("λ.x", "λ.x"),
        ("a.b.c", "a.b.c"),
        ("a.for.in", "a.for.in"),
        ("a.true", "a.true"),
        ("a.0.1.b", "a[0][1].b"),
        ('a["b"].c', "a['b'].c"),
        ("a[b[0]]", "a[b[0]]"),
        ("a[*].b.c", "a[*]($.b.c)"),
        ("a[ * ].b[0]", "a[*]($.b[0])"),
        ("a.*.b.c", "a.*($.b.c)"),
        ("a.*.b[0].c", "a.*($.b)[0].c"),
        ("a.*.0", "a.*($[0])"),
        ("a[*]", "a[*]($)"),
        ("a[*].b[*].c", "a[*]($.b[*]($.c))"),
        ("a[*].b.*.c", "a[*]($.b.*($.c))"),
        ("(a[*].b)[*].c", "a[*]($.b)[*]($.c)"),
        ("a.*.b[*].c", "a.*($.b)[*]($.c)"),
        ("f()", "f()"),
        ("f(\n  a,\n  b,\n)", "f(a, b)"),
        ("f(a...)", "f(a...)"),
        ("provider::aws::arn_parse(a)", "provider::aws::arn_parse(a)"),
        ("-a.b", "(-a.b)"),
        ("!!a", "(!(!a))"),
        ("- -1", "(-(-1))"),
        ("1 - -1", "(1 - (-1))"),
        ("!a == b", "((!a) == b)"),
        ("a || b && c", "(a || (b && c))"),
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("1 == 1 == true", "((1 == 1) == True)"),
        ("a > b ? c : d ? e : f", "((a > b) ? c : (d ? e : f))"),
        ("(\n  a\n  ? b\n  : c\n)", "(a ? b : c)"),
        ("(\n  1\n  - 2\n)", "(1 - 2)"),
        ("[]", "[]"),
        ("[1, # one\n 2, /* two */\n]", "[1, 2]"),
        ("[\n  a\n  || b\n]", "[(a || b)]"),
        ("{}", "{}"),
        ('{ a = 1, "b" : 2 }', "{'a' = 1, 'b' = 2}"),
        ("{\n  a = 1 // x\n  b = 2\n\n}", "{'a' = 1, 'b' = 2}"),
        (
            "{ (a) = 1, (true) = 0, a.b = 2, true = 3, for_each = 4, 5 = 6 }",
            "{a = 1, True = 0, a.b = 2, 'true' = 3, 'for_each' = 4, 5 = 6}",
        ),
        ("[for a in b : a]", "[for None a in b : a if None]"),
        ("[for k, v in b : v if k != null]", "[for k v in b : v if (k != None)]"),
        ("{ for a in b : a => f(a)... }", "{for None a in b : a => f(a)... if None}"),
        ("{ # c\n  for k, v in b : k => v\n  if c\n  || d }", "{for k v in b : k => v if (c || d)}"),
        ("{\n  for k, v in b :\n  k => v\n  if v\n}", "{for k v in b : k => v if v}"),
        ('"a ${b} c"', "t'a ${b} c'"),
        ('"${a ? "x" : "${b}"}"', "t\"${(a ? 'x' : t'${b}')}\""),
        ('"${~ a ~}"', "t'${a}'"),
        ('"$${a}"', "'${a}'"),
        ("<<E\na ${b}\nE", "<<'a ${b}\\n'"),
        ("f(<<E\na\nE\n, 1)", "f(<<'a\\n', 1)"),
    ],
)
def test_expressions_have_the_structure_of_the_language(text: str, expected: str) -> None:
    assert show(parsed(text)) == expected


def test_every_node_has_its_exact_place() -> None:
    def place(line: int, column: int, end_line: int, end_column: int) -> Location:
        return Location("main.tf", line, column, end_line, end_column)

    block = only_block('resource "aws_x" "y" {\n  a = f(var.b,\n    [1])\n\n  c {\n    d = "e"\n  }\n}\n')
    assert block == Block(
        "resource",
        ("aws_x", "y"),
        (
            Assignment(
                "a",
                Call(
                    "f",
                    (
                        Attribute(Name("var", place(2, 9, 2, 12)), "b", place(2, 9, 2, 14)),
                        TupleExpression((Literal(1, place(3, 6, 3, 7)),), place(3, 5, 3, 8)),
                    ),
                    expand=False,
                    location=place(2, 7, 3, 9),
                ),
                place(2, 3, 3, 9),
            ),
        ),
        (
            Block(
                "c",
                (),
                (Assignment("d", Literal("e", place(6, 9, 6, 12)), place(6, 5, 6, 12)),),
                (),
                place(5, 3, 5, 4),
            ),
        ),
        place(1, 1, 1, 21),
    )
    assert block.assignment("a") is block.assignments[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("locals {\n  λ = module.λ_x\n}", "locals () {λ = module.λ_x}"),
        ('variable"x"{}', "variable ('x',) {}"),
        ("a {\n  for_each = b\n  in = c\n  null = d\n}", "a () {for_each = b; in = c; null = d}"),
        ("a {\n  in {\n  }\n}", "a () {in () {}}"),
        ("a { b = 1 }", "a () {b = 1}"),
        ("a {\n  b = -1\n  c = -2\n}", "a () {b = (-1); c = (-2)}"),
        ("a {\n  b = c && d\n  e = 1\n}", "a () {b = (c && d); e = 1}"),
        ("a {\r\n  b = <<E\r\nx\r\nE\r\n  c = 1\r\n}\r\n", "a () {b = <<'x\\r\\n'; c = 1}"),
        ("a {\n  b = <<E\nx\nE  \n  c = 1\n}", "a () {b = <<'x\\n'; c = 1}"),
        ("a {\n  b = <<E\nE\n}", "a () {b = <<''}"),
        ('a {\n  b = !!c\n  d = "${~ e ~}"\n}', "a () {b = (!(!c)); d = t'${e}'}"),
        ('a "l" b {\n}', "a ('l', 'b') {}"),
        ('a "\\t\\"\\u00e9" {\n}', "a ('\\t\"é',) {}"),
        ("a {\n  b = 1\n} // no line break at the end", "a () {b = 1}"),
    ],
)
def test_what_python_hcl2_stumbles_over_is_read(text: str, expected: str) -> None:
    file = split_file("main.tf", text)
    block, problems = parse_block(file, file.headers[0])
    assert (show(block), problems) == (expected, ())


def test_two_domains_in_two_domains_out() -> None:
    domain = 'resource "aws_opensearch_domain" "{}" {{\n  access_policies = <<POLICY\n{{}}\nPOLICY {}\n  engine_version = "{}"\n}}\n'
    file = split_file("main.tf", domain.format("a", " ", "1") + domain.format("b", "", "2"))
    found = [parse_block(file, header) for header in file.headers]
    assert [(show(block), problems) for block, problems in found] == [
        (
            f"resource ('aws_opensearch_domain', '{name}') {{access_policies = <<'{{}}\\n'; engine_version = '{version}'}}",
            (),
        )
        for name, version in (("a", 1), ("b", 2))
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", (1, 1), "expected a value, found the end"),
        ("1 +", (1, 4), "expected a value, found the end"),
        ("[1 2]", (1, 4), "expected `,` or `]`, found `2`"),
        ("{ a 1 }", (1, 5), "expected `:` or `=`, found `1`"),
        ("{ a = 1 2 }", (1, 11), "expected `:` or `=`, found `}`"),
        ("f(a", (1, 2), "`(` is never closed"),
        ("[1)", (1, 1), "`[` is closed by `)`"),
        ("a)", (1, 2), "`)` closes nothing"),
        ("a b", (1, 3), "expected the end of the expression, found `b`"),
        ("a ? b", (1, 6), "expected `:`, found the end"),
        (".5", (1, 1), "expected a value, found `.`"),
        ("10.0.0.0", (1, 1), "`10.0.0` is no number"),
        ("0x1F", (1, 1), "`0x1` is no number"),
        ('"abc', (1, 1), "the string is not closed on its line"),
        ("<<E\nabc", (1, 1), "the heredoc `<<E` is never closed"),
        ("<< E\nE", (1, 1), "`<<` must be followed by a heredoc's marker and the end of the line"),
        ("/* a", (1, 1), "the comment `/*` is never closed"),
        ("a ~ b", (1, 3), "`~` stands only at the edge of a template sequence"),
        ("'a'", (1, 1), 'unexpected character "\'"'),
        ("a & b", (1, 3), "unexpected character '&'"),
        ("\0", (1, 1), r"unexpected character '\x00'"),
        ("[" * 400 + "]" * 400, (1, 101), "brackets are nested more than 100 levels deep"),
        ("+".join(["1"] * 2000), (1, 302), "expressions are nested more than 150 levels deep"),
        ("a" + "[0]" * 2000, (1, 452), "expressions are nested more than 150 levels deep"),
        ("!" * 2000 + "a", (1, 1), "more than 20 signs stand before one value"),
        ('"${' * 60 + "1" + '}"' * 60, (1, 79), "templates are nested more than 25 levels deep"),
        ("a ? b : " * 2000 + "c", (1, 16002), "expressions are nested more than 150 levels deep"),
    ],
)
def test_what_is_no_expression_is_a_problem_at_its_place(
    text: str, place: tuple[int, int], message: str
) -> None:
    expression, problems = parse_expression(text, TOP)
    assert expression is None
    assert [((p.location.line, p.location.column), p.message) for p in problems] == [(place, message)]


def test_the_place_of_an_expression_inside_another_text_is_shifted() -> None:
    expression, _ = parse_expression("a.b\n+ c", Location("--var x", 3, 5, 3, 5))
    assert expression is None
    expression, _ = parse_expression("[a,\n b]", Location("x", 3, 5, 3, 5))
    assert isinstance(expression, TupleExpression)
    assert [item.location for item in expression.items] == [
        Location("x", 3, 6, 3, 7),
        Location("x", 4, 2, 4, 3),
    ]


@pytest.mark.parametrize(
    ("text", "expected", "place", "message"),
    [
        (
            "a {\n  b = 1 c = 2\n}",
            "a () {b = 1; c = 2}",
            (2, 9),
            "a line break is missing before this argument or block",
        ),
        ("a {\n  b = 1\n  b = 2\n}", "a () {b = 1; b = 2}", (3, 3), "the argument `b` is set twice"),
        (
            "a {\n  b = { c = 1 d = 2 }\n}",
            "a () {b = {'c' = 1, 'd' = 2}}",
            (2, 15),
            "a comma or a line break is missing before this element of an object",
        ),
        ("a {\n  b =\n}", "None", (2, 6), "expected a value, found the end of the line"),
        ("a {\n  b = [\n}", "None", (2, 7), "`[` is closed by `}`"),
        ("a {\n  b = c\n  || d\n}", "None", (3, 3), "expected `}`, found `||`"),
        ("a {\n  b c\n}", "None", (3, 1), "expected `{`, found `}`"),
        ('a "${b}" {\n}', "None", (1, 3), "a block's label takes no template"),
    ],
)
def test_a_faulty_block_is_a_problem_at_its_place(
    text: str, expected: str, place: tuple[int, int], message: str
) -> None:
    file = split_file("main.tf", text)
    block, problems = parse_block(file, file.headers[0])
    assert show(block) == expected
    assert [((p.location.line, p.location.column), p.message) for p in problems] == [(place, message)]


def test_a_resource_inside_a_resource_means_a_missing_brace() -> None:
    text = 'resource "a" "b" {\n  c {\n}\nresource "d" "e" {\n}\n}\n'
    file = split_file("main.tf", text)
    _, problems = parse_block(file, file.headers[0])
    assert [(p.location.line, p.message) for p in problems] == [
        (4, "`resource.d.e` stands inside `resource.a.b`, so a brace is missing before it")
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"type": "data"}, "the parser and the splitter disagree: `data.b` is read as `a.b`"),
        ({"labels": ("c",)}, "the parser and the splitter disagree: `a.c` is read as `a.b`"),
        ({"end": 18}, "the parser and the splitter disagree: `a.b` is read as `a.b`, `c.d`"),
        ({"start": 9, "end": 9}, "the parser and the splitter disagree: `a.b` is read as nothing"),
        (
            {"body": 9},
            "the parser and the splitter disagree in `a.b`: 0 arguments and 1 blocks are parsed where 0 and 0 stand",
        ),
    ],
)
def test_a_difference_from_the_splitter_is_never_silent(header: dict[str, Any], message: str) -> None:
    text = 'a "b" {\n}\nc "d" {}' if "body" not in header else 'a "b" {e{}}'
    file = split_file("main.tf", text)
    wrong: Header = dataclasses.replace(file.headers[0], **header)
    _, problems = parse_block(file, wrong)
    assert message in [problem.message for problem in problems]


def test_values_of_variables_are_read_and_faults_lose_nothing_else() -> None:
    text = 'a = 1\nb = [\n  "x",\n]\nc = = 2\nd = "y"\ne {}\n'
    assignments, problems = parse_assignments("terraform.tfvars", text)
    assert [show(assignment) for assignment in assignments] == ["a = 1", "b = ['x']", "d = 'y'"]
    assert [(p.location.line, p.location.column, p.message) for p in problems] == [
        (5, 5, "expected a value, found `=`"),
        (7, 1, "a file of variable values takes no blocks, found `e`"),
    ]


# Structure as other parsers find it: (kind, word, offset).

HANDWRITTEN = [
    """
resource "aws_opensearch_domain" this {
  count       = var.create ? 1 : 0
  domain_name = lower("${var.prefix}-${var.names[0].first}")
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [for s in local.statements : merge(s, { Effect = "Allow", (var.key) = s.value }) if s != null]
  })
  tags = merge(var.tags, { Name : "x" }, var.more...)
  dynamic "cluster_config" {
    for_each = length(keys(var.cluster)) > 0 ? [var.cluster] : []
    content {
      instance_count = try(cluster_config.value.count, -1 + 2 * 3)
      zones          = aws_subnet.all[*].availability_zone
      others         = aws_subnet.all.*.id
    }
  }
}

data "aws_iam_policy_document" "p" {
  statement {
    actions = ["es:ESHttp*", # comment
      "es:Describe*",
    ]
    resources = [ aws_opensearch_domain.this[0].arn, "${aws_opensearch_domain.this[0].arn}/*" ]
  }
}
""",
    'locals {\n  a = (1 + 2) * 3 == b && !c || d\n  e = {for k, v in f : k => v.x...}\n  g = h["i"].j\n}\n',
    'module "m" {\n  source = "./m" // local\n  providers = {\n    aws = aws.x\n  }\n}\noutput "o" { value = m.n }\n',
]


def ours(text: str) -> list[tuple[str, str, int]]:
    file = split_file("main.tf", text)
    assert file.problems == ()
    found: list[tuple[str, str, int]] = []
    for header in file.headers:
        block, problems = parse_block(file, header)
        assert problems == ()
        found.extend(_facts(block, file.source))
    return sorted(found)


def _facts(node: object, source: SourceText) -> Iterator[tuple[str, str, int]]:
    def start(location: Location) -> int:
        return source.offset(location.line, location.column)

    match node:
        case Block(kind, labels, _, _, location):
            yield "block", " ".join((kind, *labels)), start(location)
        case Assignment(name, _, location):
            yield "attribute", name, start(location)
        case Call(name, _, _, location):
            yield "call", name, source.text.index(name, start(location))
        case Name(name, location) if name != "$":
            # The place of what stands in parentheses is that of the parentheses.
            yield "name", name, source.text.index(name, start(location))
        case Attribute(_, name, location):
            end = source.offset(location.end_line, location.end_column)
            yield "get", name, source.text.rindex(name, 0, end)
        case ObjectExpression(items):
            for item in items:
                bare = source.text[start(item.key.location)] not in '"('
                if isinstance(item.key, Literal) and isinstance(item.key.value, str) and bare:
                    yield "name", item.key.value, start(item.key.location)
        case _:
            pass
    for inner in _children(node):
        yield from _facts(inner, source)


def _children(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        yield from node
    elif dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            value = getattr(node, field.name)
            if isinstance(value, tuple) or (
                dataclasses.is_dataclass(value) and not isinstance(value, Location)
            ):
                yield value


def of_tree_sitter(text: str) -> list[tuple[str, str, int]]:
    data = text.encode()
    root = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language())).parse(data).root_node
    assert not root.has_error

    def word(node: tree_sitter.Node) -> str:
        return data[node.start_byte : node.end_byte].decode()

    def facts(node: tree_sitter.Node) -> Iterator[tuple[str, str, int]]:
        children = node.children
        match node.type:
            case "block":
                words = [
                    word(child).strip('"') for child in children if child.type in {"identifier", "string_lit"}
                ]
                yield "block", " ".join(words), node.start_byte
            case "attribute":
                yield "attribute", word(children[0]), node.start_byte
            case "function_call":
                yield "call", word(children[0]), node.start_byte
            case "variable_expr":
                yield "name", word(children[0]), node.start_byte
            case "get_attr":
                yield "get", word(children[1]), children[1].start_byte
            case _:
                pass
        for child in children:
            yield from facts(child)

    return sorted(facts(root))


def of_python_hcl2(text: str) -> list[tuple[str, str, int]]:
    def word(node: Any) -> str:
        return text[node.meta.start_pos : node.meta.end_pos]

    def facts(node: Any) -> Iterator[tuple[str, str, int]]:
        if not hasattr(node, "data"):
            return
        children = node.children
        match str(node.data):
            case "block":
                words = []
                for child in children:
                    if not hasattr(child, "data"):
                        break
                    words.append(word(child).strip('"'))
                yield "block", " ".join(words), node.meta.start_pos
            case "attribute":
                yield "attribute", word(children[0]), node.meta.start_pos
            case "function_call":
                yield "call", word(children[0]), node.meta.start_pos
            case "expr_term" if getattr(children[0], "data", "") == "identifier":
                yield "name", word(children[0]), node.meta.start_pos
            case "get_attr":
                yield "get", word(children[1]), children[1].meta.start_pos
            case _:
                pass
        for child in children:
            yield from facts(child)

    return sorted(facts(hcl2.api.parses_to_tree(text)))


@pytest.mark.parametrize("text", HANDWRITTEN)
def test_the_structure_is_that_of_tree_sitter_and_python_hcl2(text: str) -> None:
    found = ours(text)
    assert found == of_tree_sitter(text)
    assert found == of_python_hcl2(text)


def test_the_inside_of_a_heredoc_is_that_of_tree_sitter() -> None:
    text = 'a {\n  b = <<-E\n    x ${f(c.d)} %{ if g ~} ${h["i"]} %{ endif }\n  E\n  j = k\n}\n'
    assert ours(text) == of_tree_sitter(text)


NAMES = ["var", "local", "x", "a-b", "each", "aws_opensearch_domain"]
LEAVES = [*NAMES, "0", "12", "1.5", "2.0", '"s"', '""', '"a b"', '"es:*"', "true", "null", '"$x"']
# `E` stands for any expression, `T` for one that may stand before a sign or behind an operator.
FORMS = [
    "[]",
    "[E, E]",
    "[\n  E, # c\n  E\n]",
    "{}",
    '{ k = E, "l" : E }',
    '{\n  "k" = E\n  l = E\n}',
    "{ (E) = E }",
    "f()",
    "max(E, E)",
    "f(E...)",
    "T.name",
    "T[E]",
    "T[*].id.x",
    "T.*.id",
    "-T",
    "!T",
    *(f"T {operator} T" for operator in ("+", "-", "*", "/", "%", "&&", "||", "==", "!=", "<", ">=")),
    "T ? E : E",
    "[for k, v in E : E if k]",
    "{ for v in E : v => E... }",
    '"p ${E} s"',
]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if not depth or draw(st.booleans()):
        return draw(st.sampled_from(LEAVES))
    form = draw(st.sampled_from(FORMS))
    flat = form.startswith('"')  # a string stands on one line

    def filled(found: re.Match[str]) -> str:
        if found[0] == "T":
            text = draw(st.one_of(st.sampled_from(NAMES), expressions(depth - 1).map("({})".format)))
        else:
            text = draw(expressions(depth - 1))
        return "x" if flat and "\n" in text else text

    return re.sub("[ET]", filled, form)


def _block_of(texts: list[str]) -> str:
    body = "".join(f"  a{number} = {text}\n" for number, text in enumerate(texts))
    return f'resource "t" "n" {{\n{body}  b {{\n  }}\n}}\n'


@given(st.lists(expressions(), min_size=1, max_size=3))
def test_any_structure_is_that_of_tree_sitter(texts: list[str]) -> None:
    text = _block_of(texts)
    assert ours(text) == of_tree_sitter(text)


@settings(max_examples=25)  # python-hcl2 is slow
@given(st.lists(expressions(), min_size=1, max_size=3))
def test_any_structure_is_that_of_python_hcl2(texts: list[str]) -> None:
    text = _block_of(texts)
    assert ours(text) == of_python_hcl2(text)


def _expressions_in(node: object) -> Iterator[Expression]:
    if isinstance(node, Splat):
        # What is taken of each element begins at the splat sign and is no text of its own.
        yield node
        yield from _expressions_in(node.target)
        return
    if isinstance(
        node,
        Literal
        | Template
        | TupleExpression
        | ObjectExpression
        | Name
        | Attribute
        | Index
        | Call
        | Unary
        | Binary
        | Conditional
        | ForTuple
        | ForObject,
    ):
        yield node
    for inner in _children(node):
        yield from _expressions_in(inner)


@given(expressions())
def test_the_text_at_the_place_of_a_node_is_that_node(text: str) -> None:
    source = source_text("main.tf", text)
    for node in _expressions_in(parsed(text)):
        place = node.location
        start = source.offset(place.line, place.column)
        end = source.offset(place.end_line, place.end_column)
        again = parsed(text[start:end])
        if isinstance(node, Literal) and isinstance(again, Name):  # a bare key of an object
            assert node.value == again.name
        else:
            assert show(again) == show(node)
