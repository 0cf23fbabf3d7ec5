"""Templates as Terraform understands them; the texts expected here were given by Terraform 1.11."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.iac.terraform.parse import parse_expression, parse_template
from osreach.iac.terraform.syntax import (
    Expression,
    Literal,
    Name,
    Template,
    TemplateExpression,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    TemplateText,
    TupleExpression,
)
from osreach.location import Location

TOP = Location("main.tf", 1, 1, 1, 1)


def parsed(text: str) -> Expression:
    expression, problems = parse_expression(text, TOP)
    assert problems == ()
    assert expression is not None
    return expression


def value(expression: Expression, names: Mapping[str, object]) -> object:
    match expression:
        case Literal(literal):
            return literal
        case Name(name):
            return names[name]
        case TupleExpression(items):
            return [value(item, names) for item in items]
        case Template(parts):
            return render(parts, names)
        case _:
            raise AssertionError(expression)


def render(parts: tuple[TemplatePart, ...], names: Mapping[str, object]) -> str:
    result = []
    for part in parts:
        match part:
            case TemplateText(text):
                result.append(text)
            case TemplateExpression(expression):
                result.append(str(value(expression, names)))
            case TemplateIf(condition, then, otherwise):
                result.append(render(then if value(condition, names) else otherwise, names))
            case TemplateFor(_, name, collection, body):
                items = value(collection, names)
                assert isinstance(items, list)
                result.extend(render(body, {**names, name: item}) for item in items)
    return "".join(result)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '<<EOT\n%{ for x in ["a", "b"] ~}\n   server ${x}\n%{ endfor ~}\nend\nEOT',
            "   server a\n   server b\nend\n",
        ),
        (
            (
                '<<-EOT\n    first\n      ${"x"} second\n    \n      %{ if true ~}\n    yes\n'
                "    %{ else ~}\n    no\n    %{ endif ~}\n   third\n    EOT"
            ),
            "first\n  x second\n    \n      yes\n   third\n",
        ),
        ('"a  ${~ "b" ~}  \\n  c"', "abc"),
        (
            '<<-EOT\n    a $${b} %%{c} \\n "q"\n\ttab\n    EOT',
            '   a ${b} %{c} \\n "q"\ntab\n',
        ),
        ('<<-EOT\n    a ${~ "x" ~} \n      b\n    EOT', "ax      b\n"),
        ('"$${a} %%{b} $$x %%y $ %  $$$${z}"', "${a} %{b} $$x %%y $ %  $$${z}"),
        ('"\\u00e9\\U0001F600\\t\\\\\\""', 'é😀\t\\"'),
        ("<<-EOT\n    a\n\n      b\n  \n    EOT", "a\n\n  b\n  \n"),
        ("<<EOT\nEOT", ""),
        ('<<EOT\n${"x"}\nEOT', "x\n"),
        ('<<-EOT\n  ${"x"}\n    y\n  EOT', "x\n  y\n"),
        ('"a ${"x"} %{ if true }z%{ else }w%{ endif }"', "a x z"),
        ('"%{ for v in [1, 2] }${v},%{ endfor }"', "1,2,"),
        ("<<-EOT\n    $${x}\n      %%{y}\n    EOT", "${x}\n  %{y}\n"),
        ('"%{ for a in [1] ~} ${a} %{~ endfor }"', "1"),
        ('"$"', "$"),
        ('""', ""),
    ],
)
def test_a_template_says_what_terraform_says(text: str, expected: str) -> None:
    assert value(parsed(text), {}) == expected


def test_a_template_file_says_what_terraform_says() -> None:
    text = '%{ for x in l ~}\n   server ${x}\n%{ endfor ~}\n  end\n  ${~ "q" }\n'
    template, problems = parse_template(text, Location("t.tmpl", 1, 1, 1, 1))
    assert problems == ()
    assert template is not None
    assert value(template, {"l": ["a", "b"]}) == "   server a\n   server b\n  end\nq\n"


def test_the_parts_of_a_quoted_template_have_their_places() -> None:
    template = parsed('"a-${var}\\n%{ if c }b%{ endif }"')
    assert isinstance(template, Template)
    assert [(part.location.column, part.location.end_column) for part in template.parts] == [
        (2, 4),
        (4, 10),
        (10, 12),
        (12, 32),
    ]
    text, expression, escape, choice = template.parts
    assert text == TemplateText("a-", Location("main.tf", 1, 2, 1, 4), verbatim=True)
    assert isinstance(expression, TemplateExpression)
    assert expression.expression == Name("var", Location("main.tf", 1, 6, 1, 9))
    assert escape == TemplateText("\n", Location("main.tf", 1, 10, 1, 12), verbatim=False)
    assert isinstance(choice, TemplateIf)
    assert choice.condition == Name("c", Location("main.tf", 1, 18, 1, 19))
    assert choice.then == (TemplateText("b", Location("main.tf", 1, 21, 1, 22), verbatim=True),)


def test_a_flush_heredoc_is_one_text_with_its_indentation() -> None:
    template = parsed('<<-EOT\n    {\n      "a": 1\n    }\n  EOT')
    assert template == Template(
        (TemplateText('{\n  "a": 1\n}\n', Location("main.tf", 2, 5, 5, 1), verbatim=True, indent=4),),
        Location("main.tf", 1, 1, 5, 6),
        heredoc=True,
    )


def test_a_directive_inside_a_flush_heredoc_keeps_both_names() -> None:
    template = parsed("<<-EOT\n  %{ for k, v in m }\n  x\n  %{ endfor }\n  EOT")
    assert isinstance(template, Template)
    loop = template.parts[0]
    assert isinstance(loop, TemplateFor)
    assert (loop.key, loop.value) == ("k", "v")
    assert loop.collection == Name("m", Location("main.tf", 2, 18, 2, 19))


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('"${a"', (1, 5), "the string is not closed on its line"),
        ('"${a', (1, 2), "the template sequence `${` is never closed"),
        ('"%{ if a }b"', (1, 2), "`%{ if }` is never closed"),
        ('"%{ for a in b }c%{ endif }"', (1, 18), "`%{ endif }` ends nothing"),
        ('"x%{ endif }"', (1, 3), "`%{ endif }` ends nothing"),
        ('"%{ when a }"', (1, 2), "`%{` must be followed by `if`, `else`, `endif`, `for` or `endfor`"),
        ('"%{ for in b }"', (1, 2), "`%{ for` must be followed by a name, `in` and a collection"),
        ('"%{ endif x }"', (1, 2), "the template sequence `%{` is never closed"),
        ('"${a b}"', (1, 6), "expected the end of the expression, found `b`"),
        ('"${}"', (1, 4), "expected a value, found the end"),
        ("<<E\n${a\nE", (2, 1), "the template sequence `${` is never closed"),
    ],
)
def test_a_broken_template_is_a_problem_at_its_place(text: str, place: tuple[int, int], message: str) -> None:
    expression, problems = parse_expression(text, TOP)
    assert expression is None
    assert [((p.location.line, p.location.column), p.message) for p in problems] == [(place, message)]


def test_an_unknown_escape_is_a_problem_and_the_string_stays() -> None:
    expression, problems = parse_expression('"a\\q"', TOP)
    assert isinstance(expression, Literal)
    assert expression.value == "a\\q"
    assert [(p.location.column, p.message) for p in problems] == [(3, "`\\q` is no escape sequence")]


def texts(parts: tuple[TemplatePart, ...]) -> Iterator[TemplateText]:
    for part in parts:
        match part:
            case TemplateText():
                yield part
            case TemplateIf(_, then, otherwise):
                yield from texts(then)
                yield from texts(otherwise)
            case TemplateFor(_, _, _, body):
                yield from texts(body)
            case _:
                pass


line = st.tuples(
    st.sampled_from(["", " ", "  ", "    ", "\t"]),
    st.sampled_from(
        [
            "",
            "x",
            '{"a": 1}',
            "$${e}",
            "%%{e} é",
            "${v}",
            "${~ v ~} y",
            "%{ if c ~}",
            "%{~ endif }",
            "a ${v} b ${v}",
            "$ %",
        ]
    ),
)


@given(st.lists(line, max_size=8), st.booleans())
def test_every_verbatim_character_stands_where_its_part_says(
    lines: list[tuple[str, str]], flush: bool
) -> None:
    depth = 0
    body = []
    for indent, content in lines:
        if "endif" in content:
            if not depth:
                continue
            depth -= 1
        depth += "if c" in content
        body.append(indent + content)
    body.extend(["%{ endif }"] * depth)
    source = "\n".join([f"<<{'-' if flush else ''}END", *body, "  END"])
    rows = source.split("\n")
    template = parsed(source)
    assert isinstance(template, Template)
    for part in texts(template.parts):
        if not part.verbatim:
            continue
        row, column = part.location.line, part.location.column
        for character in part.text:
            if character == "\n":
                assert column == len(rows[row - 1]) + 1
                row, column = row + 1, 1 + part.indent
            else:
                assert rows[row - 1][column - 1] == character
                column += 1
