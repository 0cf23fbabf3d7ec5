"""What stands at the top level of a Terraform file, also of a broken one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.iac.terraform.parse import parse_block, split_file
from osreach.iac.terraform.split import count_items


def blocks(text: str) -> list[tuple[str, ...]]:
    return [(header.type, *header.labels) for header in split_file("main.tf", text).headers]


def problems(text: str) -> list[tuple[int, int, str]]:
    return [(p.location.line, p.location.column, p.message) for p in split_file("main.tf", text).problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# only a comment", []),
        ("/* a\n b */ locals {}", [("locals",)]),
        ('resource "a" "b" {}', [("resource", "a", "b")]),
        ("resource a b {}", [("resource", "a", "b")]),
        ('variable"x"{}', [("variable", "x")]),
        ('resource "a" "b"\n{\n}', [("resource", "a", "b")]),
        ("locals {\n  λ = 1\n}\nlocals {}", [("locals",), ("locals",)]),
        ("locals {\r\n  a = 1\r\n}\r\nlocals {}\r\n", [("locals",), ("locals",)]),
        ('a {\n  b = "}"\n}\nc {}', [("a",), ("c",)]),
        ('a {\n  b = "${"}"}"\n}\nc {}', [("a",), ("c",)]),
        ('a {\n  b = "$${"\n}\nc {}', [("a",), ("c",)]),
        ('a {\n  b = "\\"}"\n}\nc {}', [("a",), ("c",)]),
        ("a {\n  # }\n  // }\n  /* } */\n}\nc {}", [("a",), ("c",)]),
        ("a {\n  b = <<E\n}\nE\n}\nc {}", [("a",), ("c",)]),
        ("a {\n  b = <<-E\n  }\n  E  \n}\nc {}", [("a",), ("c",)]),
        ("a {\n  b = <<E\n${<<F\nE\nF\n}\nE\n}\nc {}", [("a",), ("c",)]),
        ("a {\n  b = 1 < 2\n  c = 4 / 2\n}\nc {}", [("a",), ("c",)]),
        ("a {\n  b = c[0]\n  d { e {} }\n}\nc {}", [("a",), ("c",)]),
    ],
)
def test_blocks_are_found(text: str, expected: list[tuple[str, ...]]) -> None:
    assert blocks(text) == expected
    assert problems(text) == []


def test_a_heredoc_whose_end_marker_has_blanks_swallows_no_block() -> None:
    domain = 'resource "aws_opensearch_domain" "{}" {{\n  access_policies = <<POLICY\n{{}}\nPOLICY{}\n}}\n'
    text = domain.format("a", "  ") + domain.format("b", "\t") + domain.format("c", "")
    assert blocks(text) == [("resource", "aws_opensearch_domain", name) for name in "abc"]


def test_the_offsets_of_a_block_are_exact() -> None:
    text = '\n# x\nresource "a" "b" {\n  c = 1\n}\n'
    (header,) = split_file("main.tf", text).headers
    assert text[header.start : header.end] == 'resource "a" "b" {\n  c = 1\n}'
    assert text[header.body : header.end - 1] == "\n  c = 1\n"
    location = header.location
    assert (location.line, location.column, location.end_line, location.end_column) == (3, 1, 3, 17)


def test_assignments_at_the_top_level_are_found_with_their_ends() -> None:
    text = 'a = "x"\nb = [\n  1,\n]\n# c\nd = { e = 1 } # f\ng = <<E\nh = 1\nE\n'
    file = split_file("terraform.tfvars", text)
    found = [(entry.name, text[entry.start : entry.end]) for entry in file.assignments]
    assert found == [
        ("a", 'a = "x"'),
        ("b", "b = [\n  1,\n]"),
        ("d", "d = { e = 1 } # f"),
        ("g", "g = <<E\nh = 1\nE"),
    ]
    assert file.problems == ()


@pytest.mark.parametrize(
    ("text", "expected", "problem"),
    [
        (
            "a {}\nb {\n  x = 1\nc {}\nd {}\n",
            [("a",), ("c",), ("d",)],
            (2, 3, "the block that is opened here is never closed"),
        ),
        (
            "a {\n  x = <<EOT\ntext\n}\nb {}\n",
            [("b",)],
            (2, 7, "the heredoc `<<EOT` is never closed"),
        ),
        (
            'a {\n  x = "open\n}\nb {}\n',
            [("b",)],
            (2, 7, "the string is not closed on its line"),
        ),
        (
            'a {\n  x = "${b\n\nb {}\n',
            [("b",)],
            (2, 8, "the template sequence `${` is never closed"),
        ),
        ("a {}\n}\nb {}\n", [("a",), ("b",)], (2, 1, "`}` closes nothing")),
        ("a {\n/* x\n}\nb {}\n", [("b",)], (2, 1, "the comment `/*` is never closed")),
        ("a {}\nplain text\nb {}\n", [("a",), ("b",)], (2, 1, "expected a block or an argument")),
        ("a {}\nx = [1\nb {}\n", [("a",), ("b",)], (2, 4, "a bracket of this value is never closed")),
        ("\0\0\0", [], (1, 1, "expected a block or an argument")),
    ],
)
def test_a_broken_part_is_a_problem_where_it_opens_and_the_rest_survives(
    text: str, expected: list[tuple[str, ...]], problem: tuple[int, int, str]
) -> None:
    assert blocks(text) == expected
    assert problems(text) == [problem]


MIDDLE = """locals {
  a = "x ${f("y", { b = 1 })} %{ if c }d%{ endif }" # e
  g = [for k, v in h : "${k}=${v}" if v != null]
  i = <<-E
    ${j}
  E
}
"""
PIECES = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    '"',
    "${",
    "%{",
    "<<E\n",
    "<<-X\n",
    "/*",
    "*/",
    "#",
    "\\",
    "\n",
    "~",
    "$",
    "=",
    "é",
]


@given(
    st.lists(st.tuples(st.integers(0, len(MIDDLE)), st.integers(0, 2), st.sampled_from(PIECES)), max_size=3)
)
def test_no_fault_of_a_block_loses_its_neighbours_or_goes_unnoticed(
    changes: list[tuple[int, int, str]],
) -> None:
    middle = MIDDLE
    for position, removed, added in changes:
        middle = middle[:position] + added + middle[position + removed :]
    file = split_file("main.tf", f"before {{\n  a = 1\n}}\n{middle}\nafter {{\n  b = 2\n}}\n")
    found = [header.type for header in file.headers]
    faults = [
        *file.problems,
        *(problem for header in file.headers for problem in parse_block(file, header)[1]),
    ]
    assert found[0] == "before"
    assert found[-1] == "after" or faults


def test_ten_megabytes_are_split_without_delay_or_loss() -> None:
    lines = '  name = "value ${var.x} more"\n  tags = { a = "some plain text", b = var.other_text }\n' * 50
    block = f'resource "aws_x" "a" {{\n{lines}}}\n'
    count = 10_000_000 // len(block)
    file = split_file("main.tf", block * count)
    assert len(file.headers) == count
    assert file.headers[-1].location.line == 102 * (count - 1) + 1
    assert file.problems == ()


def test_a_file_of_many_faults_is_not_searched_to_its_end_for_each() -> None:
    file = split_file("main.tf", "a {\n  b {\n}\n" * 20_000 + "c {}\n")
    assert [header.type for header in file.headers] == ["c"]
    assert [problem.location.line for problem in file.problems] == list(range(1, 60_000, 3))


def test_templates_nested_without_measure_are_a_problem() -> None:
    text = 'a {\n  b = "' + '${"' * 5000 + '"}' * 5000 + '"\n}\nc {}\n'
    assert blocks(text) == [("c",)]
    assert problems(text) == [(1, 1, "this is nested too deeply to be read")]


def test_an_unclosed_heredoc_of_many_blank_lines_ends() -> None:
    assert problems("a {\n  b = <<E\n" + "   \n" * 100_000) == [(2, 7, "the heredoc `<<E` is never closed")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", (0, 0)),
        ("a = 1", (1, 0)),
        ("\na = 1\nb = { c = 2\n d = 3 }\n", (2, 0)),
        ("\na {\n b = 1\n}\nc {}\n", (0, 2)),
        ('\nx "l" {\n}\ny = [\n{ a = 1 },\n{ b = 2 }\n]\n', (1, 1)),
        ("\na = b == c ? d : e\nf = { for k, v in x : k => v }\n", (2, 0)),
        ("\na = b >= c\nd = e <= f\ng = h != i\n", (3, 0)),
        ("\na = <<E\nb = 1\nc {\n}\nE\n", (1, 0)),
        ('\na = "b = ${c == "d = {"}"\n# e = 1\n', (1, 0)),
        ("\na = (\nb\n== c)\nd = 1\n", (2, 0)),
    ],
)
def test_the_items_of_a_body_are_counted(body: str, expected: tuple[int, int]) -> None:
    assert count_items(body, 0, len(body)) == expected
