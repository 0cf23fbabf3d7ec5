from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.json_text import read_json
from osreach.location import Location
from osreach.value import Data, Json, Object, Text, TextPart, Unknown, Value

HERE = Location("main.tf", 4, 7, 4, 20)
ACCOUNT = Unknown("var.account", "no default and no value given")


def plain(value: Value) -> object:
    match value.data:
        case Object(entries):
            return {name: plain(entry) for name, entry in entries.items()}
        case tuple() as items:
            return [plain(item) for item in items]
        case Text() | Unknown():
            return value.data
        case _:
            return value.data


def heredoc(*pieces: str | Unknown, indent: int = 0) -> Value:
    """A heredoc that begins at line 4, with each unknown written as `${u}`."""
    parts = []
    line, column = 4, 1 + indent
    for piece in pieces:
        parts.append(
            TextPart(piece, Location("main.tf", line, column, line, column), verbatim=True, indent=indent)
        )
        written = "${u}" if isinstance(piece, Unknown) else piece
        line += written.count("\n")
        column = len(written) - written.rfind("\n") + indent if "\n" in written else column + len(written)
    return Value(Text(tuple(parts)), HERE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.sampled_from([None, 2]), st.booleans())
def test_reads_what_the_standard_library_writes(
    written: object, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(written, indent=indent, ensure_ascii=ascii_only)
    try:
        expected = json.loads(text)
    except ValueError:
        return
    reading = read_json(Value(text, HERE), "policy")
    assert reading.problem is None
    assert plain(reading.value) == expected


@given(st.text(alphabet='{}[]",:\\u0aetrufalsn1-. \n', max_size=30))
def test_accepts_just_what_the_standard_library_accepts(text: str) -> None:
    try:
        json.loads(text)
        valid = True
    except ValueError:
        valid = False
    reading = read_json(Value(text, HERE), "policy")
    assert (reading.problem is None) == valid


def test_places_inside_a_heredoc_are_those_of_the_source() -> None:
    reading = read_json(heredoc('{\n  "Statement": [\n    {"Effect": "Allow"}\n  ]\n}\n', indent=4), "policy")
    statement = reading.value.get("Statement")
    assert statement is not None
    first = statement.items[0]
    assert (first.location.line, first.location.column) == (6, 9)
    effect = first.get("Effect")
    assert effect is not None
    assert (effect.location.line, effect.location.column, effect.location.end_column) == (6, 20, 27)


def test_an_unknown_part_leaves_the_rest_known() -> None:
    reading = read_json(
        heredoc('{"Resource": "arn:aws:es:eu-west-1:', ACCOUNT, ':domain/x/*", "Effect": "Deny"}'), "policy"
    )
    resource, effect = reading.value.get("Resource"), reading.value.get("Effect")
    assert resource is not None
    assert effect is not None
    assert isinstance(resource.data, Text)
    assert [part.text for part in resource.data.parts] == ["arn:aws:es:eu-west-1:", ACCOUNT, ":domain/x/*"]
    assert effect.data == "Deny"
    assert effect.location.column == 64


@pytest.mark.parametrize(
    ("pieces", "name", "expected"),
    [
        (('{"a": ', ACCOUNT, "}"), "a", ACCOUNT),
        (('{"a": [', ACCOUNT, "]}"), "a", (Unknown("var.account", ACCOUNT.reason, many=True),)),
        (('{"a": ["x", ', ACCOUNT, "]}"), "a", ("x", Unknown("var.account", ACCOUNT.reason, many=True))),
        (('{"b": 1, ', ACCOUNT, "}"), "a", ACCOUNT),
    ],
)
def test_an_unknown_outside_of_a_text_is_an_unknown_value(
    pieces: tuple[str | Unknown, ...], name: str, expected: Data
) -> None:
    reading = read_json(heredoc(*pieces), "policy")
    found = reading.value.get(name)
    assert found is not None
    data = tuple(item.data for item in found.data) if isinstance(found.data, tuple) else found.data
    assert data == expected


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{\n  "a": 1,\n}', 6, 1, "a `,` stands before the closing `}`"),
        ('{\n  "a" 1\n}', 5, 7, "expected `:`, found `1`"),
        ('{\n  "a": "b\n}', 5, 10, "a text holds a line break or control character"),
        ("", 4, 1, "it is empty"),
        ("{} {}", 4, 4, "`{` stands behind its end"),
        ('{"a": nul}', 4, 7, "expected a value, found `n`"),
        ('["\\x"]', 4, 3, "`\\x` is no escape"),
        ("[" * 200, 4, 102, "it nests deeper than 100 levels"),
    ],
)
def test_text_that_is_no_json_is_a_problem_at_its_place(
    text: str, line: int, column: int, message: str
) -> None:
    reading = read_json(heredoc(text), "access_policies")
    assert reading.problem is not None
    assert reading.problem.message == f"`access_policies` is not valid JSON: {message}"
    assert (reading.problem.location.line, reading.problem.location.column) == (line, column)
    assert isinstance(reading.value.data, Unknown)


def test_a_name_written_twice_is_told() -> None:
    reading = read_json(heredoc('{"a": 1, "a": 2}'), "policy")
    assert [problem.location.column for problem in reading.duplicates] == [10]
    assert plain(reading.value) == {"a": 2}


def test_values_that_are_no_text_pass() -> None:
    inner = Value(Object({"a": Value(1, HERE)}), HERE)
    assert read_json(inner, "policy").value is inner
    assert read_json(Value(Json(inner), HERE), "policy").value is inner
    assert read_json(Value(Text((TextPart(ACCOUNT, HERE),)), HERE), "policy").value.data == ACCOUNT


@pytest.mark.parametrize("digits", [400, 5_000, 200_000])
def test_a_number_of_any_length_is_read(digits: int) -> None:
    """Python refuses to make an integer of more than 4,300 digits."""
    reading = read_json(Value("9" * digits, HERE), "policy")
    assert reading.problem is None
    assert reading.value.data == (int("9" * digits) if digits <= 400 else float("inf"))
