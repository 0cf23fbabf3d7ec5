from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from osreach.iac.cloudformation.load import load
from osreach.location import Location
from osreach.value import Object, Text, TextPart, Value
from templates import plain


def loaded(text: str) -> Value:
    found = load(text, "t.yaml")
    assert found.problems == ()
    assert found.value is not None
    return found.value


def at(value: Value, *path: str | int) -> Value:
    for step in path:
        match value.data:
            case Object(entries):
                value = entries[str(step)]
            case tuple() as items:
                value = items[int(step)]
            case _:
                raise AssertionError(path)
    return value


def place(value: Value) -> tuple[int, int, int, int]:
    where = value.location
    return where.line, where.column, where.end_line, where.end_column


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2012-10-17", "2012-10-17"),
        ("012345670123", "012345670123"),
        ("012345678901", "012345678901"),
        ("123456789012", 123456789012),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("12:30:45", "12:30:45"),
        ("7.10", 7.1),
        ("1e3", 1000.0),
        ("-1", -1),
        ("-x", "-x"),
        ("443", 443),
        ("yes", True),
        ("Off", False),
        ("true", True),
        ('"true"', "true"),
        ("'443'", "443"),
        ("y", "y"),
        ("~", None),
        ("", None),
        ("null", None),
        (".5", ".5"),
        ("arn:aws:es:*:*:domain/x/*", "arn:aws:es:*:*:domain/x/*"),
        ("!!str 443", "443"),
        ("!!int 443", 443),
        ('"*"', "*"),
    ],
)
def test_scalars_mean_what_templates_mean_by_them(written: str, meant: object) -> None:
    found = at(loaded(f"a: {written}\n"), "a").data
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Sub '${A}'", {"Fn::Sub": "${A}"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!If [C, 1, !Ref X]", {"Fn::If": ["C", 1, {"Ref": "X"}]}),
        ("!Condition C", {"Condition": "C"}),
        ("!Join [',', [a, b]]", {"Fn::Join": [",", ["a", "b"]]}),
        ("!ToJsonString {a: 1}", {"Fn::ToJsonString": {"a": 1}}),
        ("!ImportValue 5", {"Fn::ImportValue": "5"}),
        ("!Other x", {"Fn::Other": "x"}),
    ],
)
def test_short_forms_become_long_ones(short: str, long: object) -> None:
    assert plain(at(loaded(f"a: {short}\n"), "a")) == long


def test_places_begin_at_the_key_for_collections_and_at_the_text_for_scalars() -> None:
    value = loaded("A:\n  B: text\n  C:\n    - x\n    - {y: 1}\n  D: !Sub 'v'\n# end\n")
    assert place(at(value, "A")) == (1, 1, 6, 14)
    assert place(at(value, "A", "B")) == (2, 6, 2, 10)
    assert place(at(value, "A", "C")) == (3, 3, 5, 13)
    assert place(at(value, "A", "C", 0)) == (4, 7, 4, 8)
    assert place(at(value, "A", "C", 1)) == (5, 7, 5, 13)
    assert place(at(value, "A", "D", "Fn::Sub")) == (6, 11, 6, 14)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a: |\n  {\n    x\n  }\n", [("{\n  ", 2, 3), ("x\n", 3, 5), ("}\n", 4, 3)]),
        ("a: >-\n  one\n  two\n\n  three\n", [("one ", 2, 3), ("two\n", 3, 3), ("three", 5, 3)]),
        ("a: |2-\n    x\n  y", [("  ", 1, 4), ("x\n", 2, 5), ("y", 3, 3)]),
        ('a: "one\n  two"\n', [("one ", 1, 5), ("two", 2, 3)]),
        ("a: one\n  two\n", [("one ", 1, 4), ("two", 2, 3)]),
        ("a: !Sub |-\r\n  one\r\n  two\r\n", [("one\n", 2, 3), ("two", 3, 3)]),
    ],
)
def test_a_text_over_several_lines_knows_where_each_stands(
    text: str, parts: list[tuple[str, int, int]]
) -> None:
    value = at(loaded(text), "a")
    if isinstance(value.data, Object):
        value = at(value, "Fn::Sub")
    assert isinstance(value.data, Text)
    found = [(part.text, part.location.line, part.location.column) for part in value.data.parts]
    assert found == parts


def source_at(lines: list[str], part: TextPart) -> str:
    here = part.location
    return lines[here.line - 1][here.column - 1 :]


@given(st.lists(st.text(st.sampled_from("ab c{}$:\"'\\#é"), min_size=1, max_size=8), min_size=1, max_size=6))
def test_every_piece_of_a_block_stands_in_the_source(content: list[str]) -> None:
    text = "k:\n  a: |2-\n" + "".join(f"    {line}\n" for line in content)
    found = load(text, "t.yaml")
    assert found.value is not None
    value = at(found.value, "k", "a")
    expected = yaml.safe_load(text)["k"]["a"]
    assert value.text == expected
    if isinstance(value.data, Text):
        lines = text.split("\n")
        for part in value.data.parts:
            assert isinstance(part.text, str)
            if part.verbatim:
                assert source_at(lines, part).startswith(part.text.rstrip(" \n"))


def trees(characters: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(characters, max_size=12)
    names = st.text(characters, max_size=6).filter(lambda key: key != "<<")
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
        max_leaves=20,
    )


# PyYAML writes the line breaks of Unicode as they are and does not read them back itself
YAML_TREES = trees(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")))
JSON_TREES = trees(st.characters(exclude_categories=["Cs"]))


@settings(deadline=None)
@given(YAML_TREES)
def test_what_yaml_writes_is_read_back(tree: Any) -> None:
    text = yaml.safe_dump({"a": tree}, allow_unicode=True)
    assert plain(load(text, "t.yaml").value) == {"a": tree}


@settings(deadline=None)
@example(tree="\x85", indent=None, ascii_only=False)
@given(tree=JSON_TREES, indent=st.sampled_from([None, 2, "\t"]), ascii_only=st.booleans())
def test_what_json_writes_is_read_back(tree: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps({"a": tree}, indent=indent, ensure_ascii=ascii_only)
    assert plain(load(text, "t.json").value) == {"a": tree}


def test_a_name_twice_is_a_problem_and_the_last_one_counts() -> None:
    found = load("a: 1\nb: 2\na: 3\n", "t.yaml")
    assert plain(found.value) == {"a": 3, "b": 2}
    (problem,) = found.problems
    assert problem.location == Location("t.yaml", 3, 1, 3, 2)
    assert problem.message == "`a` is written twice in one mapping; the last one counts"


def test_aliases_and_merged_mappings_are_followed() -> None:
    text = "base: &b {x: 1, y: 2}\nlist: &l [1]\na:\n  <<: *b\n  y: 3\nc: *l\nd:\n  <<: [*b, {z: 4}]\n"
    assert plain(loaded(text)) == {
        "base": {"x": 1, "y": 2},
        "list": [1],
        "a": {"x": 1, "y": 3},
        "c": [1],
        "d": {"x": 1, "y": 2, "z": 4},
    }


@pytest.mark.parametrize("text", ["", "# only a comment\n", "a: 1\n---\nb: 2\n", "---\n...\n---\n"])
def test_no_document_or_several_are_quietly_nothing(text: str) -> None:
    found = load(text, "t.yaml")
    assert (found.value, found.problems) == (None, ())


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: [1,\n", 2, "the file is not valid YAML: did not find expected node content"),
        ("a:\n\tb: 1\n", 2, "the file is not valid YAML: found character that cannot start any token"),
        ("a: \x01\n", 1, "the file is not valid YAML: control characters are not allowed"),
        ("a: *b\n", 1, "the alias `*b` has no anchor before it"),
        ("a: &a [*a]\n", 1, "the alias `*a` has no anchor before it"),
        (LAUGHS, 6, "the file stands for more than 120,000 values and is not read"),
        ("[" * 100_000, 1, "the file nests deeper than 100 levels and is not read"),
        ("- " * 100_000, 1, "the file nests deeper than 100 levels and is not read"),
        ("? " * 100_000, 1, "the file nests deeper than 100 levels and is not read"),
        ("a:\n" + "- b\n" * 200_000, 119_999, "the file stands for more than 120,000 values and is not read"),
        ("x" * 4_000_001, 1, "the file is longer than 4,000,000 characters and is not read"),
        ("? [a, b]\n: 1\n", 1, "a name in a template must be a text"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_text_is_a_problem_with_its_place(text: str, line: int, message: str) -> None:
    found = load(text, "t.yaml")
    assert [(problem.location.line, problem.message) for problem in found.problems] == [(line, message)]


def test_json_that_is_no_yaml_is_read_all_the_same() -> None:
    value = loaded('{"a": "\\ud83d\\ude00",\n\t"b": [1.5, true]}')
    assert plain(value) == {"a": "\U0001f600", "b": [1.5, True]}
    assert place(at(value, "b", 0))[:2] == (2, 8)


def test_nothing_in_a_file_is_executed() -> None:
    value = loaded("a: !!python/object/apply:os.system [exit]\nb: !<tag:yaml.org,2002:binary> YQ==\n")
    assert plain(value) == {"a": ["exit"], "b": "YQ=="}
