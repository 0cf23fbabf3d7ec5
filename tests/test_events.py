from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.events.collect import LIMIT, collect, minute_of
from osreach.events.event import CallerKind, Event
from osreach.events.read import read_events
from osreach.problem import Problem
from osreach.usage import UsageError

COLUMNS = ("Event name", "Event time", "User name", "Event source", "Error code", "AWS region", "Resources")


def record(number: int = 0, **changes: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::123456789012:user/u{number}"},
        "eventTime": f"2026-03-02T08:{number % 60:02}:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::b/k"}, {"ARN": "arn:aws:s3:::b"}],
        **changes,
    }


def row(number: int = 0, error: str = "") -> list[str]:
    time = f"2026-03-02T08:{number % 60:02}:00Z"
    return ["Decrypt", time, f"u{number}", "kms.amazonaws.com", error, "eu-west-1", "[]"]


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = COLUMNS) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def read(folder: Path, data: str | bytes, name: str = "events") -> tuple[list[Event], list[tuple[int, str]]]:
    file = folder / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    found = list(read_events(str(file)))
    return (
        [one for one in found if isinstance(one, Event)],
        [(one.location.line, one.message) for one in found if isinstance(one, Problem)],
    )


def users(events: Sequence[Event]) -> list[str]:
    return [event.caller.name for event in events]


FORMS: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "records": lambda records: json.dumps({"Records": records}),
    "records, indented": lambda records: json.dumps({"Records": records}, indent=2),
    "a list": json.dumps,
    "one event a line": lambda records: "\n".join(map(json.dumps, records)),
    "one event a line, with blank lines": lambda records: "\n\n".join(map(json.dumps, records)) + "\n\n",
    "files behind each other": lambda records: "".join(json.dumps({"Records": [one]}) for one in records),
    "lookup-events": lambda records: json.dumps(
        {
            "Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(one)} for one in records],
            "NextToken": "t",
        },
        indent=4,
    ),
    "EventBridge": lambda records: "\n".join(
        json.dumps({"source": "aws.s3", "detail": one}) for one in records
    ),
    "with a byte order mark": lambda records: "\ufeff" + json.dumps({"Records": records}),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 3, 400])
def test_every_form_of_json_holds_the_same_events(tmp_path: Path, form: str, count: int) -> None:
    events, problems = read(tmp_path, FORMS[form]([record(number) for number in range(count)]))
    assert problems == []
    assert users(events) == [f"u{number}" for number in range(count)]


def test_one_event_over_many_lines_is_read(tmp_path: Path) -> None:
    events, problems = read(tmp_path, json.dumps(record(7), indent=2))
    assert (users(events), problems) == (["u7"], [])


def test_lines_are_told_for_each_event(tmp_path: Path) -> None:
    events, _ = read(tmp_path, "\n".join(json.dumps(record(number)) for number in range(4)))
    assert [event.location.line for event in events] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "broken",
    [
        '{"eventName": "GetObject", "eventSource": "s3',
        '{"eventName" "GetObject"}',
        '{"eventName": nothing}',
        "not JSON at all",
        "[" * 100_000,
    ],
)
def test_a_broken_line_costs_only_itself(tmp_path: Path, broken: str) -> None:
    lines = [
        json.dumps(record(0)),
        json.dumps(record(1)),
        broken,
        json.dumps(record(3)),
        json.dumps(record(4)),
    ]
    events, problems = read(tmp_path, "\n".join(lines))
    assert users(events) == ["u0", "u1", "u3", "u4"]
    assert problems
    assert {line for line, _ in problems} == {3}


def test_a_broken_event_of_a_list_costs_only_itself(tmp_path: Path) -> None:
    text = json.dumps({"Records": [record(number) for number in range(5)]}, indent=1)
    text = text.replace('"eventTime": "2026-03-02T08:02:00Z"', '"eventTime": ')
    events, problems = read(tmp_path, text)
    assert users(events) == ["u0", "u1", "u3", "u4"]
    assert problems == [(41, "the event is no JSON: expecting value")]


@pytest.mark.parametrize(
    "value", [{}, {"eventName": "x"}, {"eventName": 1, "eventSource": "s3"}, 7, "text", None]
)
def test_what_is_no_event_is_said_to_be_none(tmp_path: Path, value: object) -> None:
    events, problems = read(tmp_path, json.dumps({"Records": [value, record(1)]}))
    assert users(events) == ["u1"]
    assert problems == [(1, "this is no event of CloudTrail: `eventName` or `eventSource` is missing")]


@pytest.mark.parametrize(
    "field", ["userIdentity", "requestParameters", "resources", "eventTime", "errorCode"]
)
@pytest.mark.parametrize("value", [None, 7, "text", [], {}, [None, 7], {"encryptionContext": 3}])
def test_fields_of_another_shape_count_as_not_told(tmp_path: Path, field: str, value: object) -> None:
    events, problems = read(tmp_path, json.dumps(record(1, **{field: value})))
    assert (len(events), problems) == (1, [])


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(JUNK, max_size=4), st.sampled_from(("Records", "Events")))
def test_no_json_stops_the_reading(values: list[object], name: str) -> None:
    from osreach.events.json_log import read_log  # noqa: PLC0415 - only here the part is tried by itself

    text = json.dumps({name: [*values, record(1)]}) + "\n" + json.dumps(record(2))
    found = list(read_log(iter(text[at : at + 7] for at in range(0, len(text), 7)), "x"))
    assert [one.caller.name for one in found if isinstance(one, Event)][-2:] == ["u1", "u2"]


@pytest.mark.parametrize("form", ["records", "one event a line"])
def test_gzip_is_read_as_what_is_in_it(tmp_path: Path, form: str) -> None:
    data = gzip.compress(FORMS[form]([record(number) for number in range(50)]).encode())
    events, problems = read(tmp_path, data, "log.json.gz")
    assert (len(events), problems) == (50, [])


@pytest.mark.parametrize("form", ["records", "one event a line"])
@pytest.mark.parametrize("cut", [9, 400, 4000])
def test_a_truncated_gzip_gives_what_came_before(tmp_path: Path, form: str, cut: int) -> None:
    whole = [record(number, requestID=f"{number * 7919:x}") for number in range(3000)]
    data = gzip.compress(FORMS[form](whole).encode())
    events, problems = read(tmp_path, data[:-cut], "log.json.gz")
    assert 1000 < len(events) <= 3000
    assert users(events) == [f"u{number}" for number in range(len(events))]
    assert [message for _, message in problems] == [
        "the compressed data is damaged or ends early; what came before it was read"
    ]


def test_the_event_history_is_read(tmp_path: Path) -> None:
    events, problems = read(tmp_path, table([row(1, "AccessDenied"), row(2)]))
    assert problems == []
    assert [(one.name, one.source, one.error_code, one.location.line) for one in events] == [
        ("Decrypt", "kms.amazonaws.com", "AccessDenied", 2),
        ("Decrypt", "kms.amazonaws.com", "", 3),
    ]
    assert users(events) == ["u1", "u2"]


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(len(COLUMNS))))
def test_the_order_of_columns_does_not_matter(order: list[int]) -> None:
    from osreach.events.csv_history import read_history  # noqa: PLC0415 - only here the part is tried by itself

    cells = row(1, "AccessDenied")
    text = table([[cells[index] for index in order]], [COLUMNS[index] for index in order])
    (event,) = read_history(iter(text.split("\n")), "x")
    assert isinstance(event, Event)
    assert (event.name, event.caller.name, event.error_code, event.region, event.time) == (
        "Decrypt",
        "u1",
        "AccessDenied",
        "eu-west-1",
        "2026-03-02T08:01:00Z",
    )


@pytest.mark.parametrize("header", [["event_name", "EVENT TIME", "username", "Event Source", "errorCode"]])
def test_columns_are_known_in_other_spellings(tmp_path: Path, header: list[str]) -> None:
    events, problems = read(
        tmp_path, table([["Decrypt", "t", "ann", "kms.amazonaws.com", "AccessDenied"]], header)
    )
    assert problems == []
    assert [(one.name, one.caller.name, one.error_code) for one in events] == [
        ("Decrypt", "ann", "AccessDenied")
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            ["Event name", "User name", "Event source"],
            "this is no event history of CloudTrail with errors: the column `Error code` is missing",
        ),
        (
            ["Name", "Amount", "Error code"],
            (
                "this is no event history of CloudTrail with errors: "
                "the columns `Event name`, `Event source`, `User name` are missing"
            ),
        ),
    ],
)
def test_a_table_with_other_columns_is_refused(tmp_path: Path, header: list[str], message: str) -> None:
    assert read(tmp_path, table([["x"] * len(header)], header)) == ([], [(1, message)])


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("a,b,c", "the line has 3 columns where the first line names 7"),
        (",".join("abcdefgh"), "the line has 8 columns where the first line names 7"),
        (
            'Decrypt,"2026-03-02,u,kms.amazonaws.com,,,',
            "the line cannot be read as CSV, a quote may be missing",
        ),
        ('Decrypt,"a"b",u,kms.amazonaws.com,,,', "the line cannot be read as CSV, a quote may be missing"),
    ],
)
def test_a_broken_line_of_a_table_costs_only_itself(tmp_path: Path, broken: str, message: str) -> None:
    lines = table([row(number) for number in range(60)]).splitlines()
    lines[5] = broken
    lines[31] = broken
    events, problems = read(tmp_path, "\n".join(lines))
    assert problems == [(6, message), (32, message)]
    assert users(events) == [f"u{number}" for number in range(60) if number not in {4, 30}]


def test_line_breaks_inside_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    listed = json.dumps([{"resourceType": "AWS::S3::Bucket", "resourceName": "b"}], indent=1)
    events, problems = read(tmp_path, table([[*row(1)[:-1], listed], row(2)]))
    assert problems == []
    assert [[(one.type, one.name) for one in event.resources] for event in events] == [
        [("AWS::S3::Bucket", "b")],
        [],
    ]
    assert [event.location.line for event in events] == [2, 8]


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (["Resource type", "Resource name"], ["AWS::S3::Bucket, AWS::KMS::Key", "b, k"]),
        (
            ["Resources"],
            [
                '[{"ResourceType": "AWS::S3::Bucket", "ResourceName": "b"}, {"type": "AWS::KMS::Key", "ARN": "k"}]'
            ],
        ),
    ],
)
def test_resources_of_a_table_are_read(tmp_path: Path, columns: list[str], cells: list[str]) -> None:
    header = [*COLUMNS[:-1], *columns]
    ((event,), problems) = read(tmp_path, table([[*row(1)[:-1], *cells]], header))
    assert problems == []
    assert [(one.type, one.name) for one in event.resources] == [
        ("AWS::S3::Bucket", "b"),
        ("AWS::KMS::Key", "k"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_tables_that_a_spreadsheet_saved_are_read(tmp_path: Path, encoding: str) -> None:
    text = table([row(1)]).replace("\n", "\r\n")
    events, problems = read(tmp_path, text.encode(encoding))
    assert (users(events), problems) == (["u1"], [])


@pytest.mark.parametrize(
    ("name", "key", "kind"),
    [
        ("ann", "AKIAEXAMPLE", CallerKind.USER),
        ("ann", "ASIAEXAMPLE", CallerKind.NAMED),
        ("ann", "", CallerKind.NAMED),
        ("root", "", CallerKind.ROOT),
        ("lambda.amazonaws.com", "", CallerKind.SERVICE),
        ("", "", CallerKind.OTHER),
    ],
)
def test_a_table_names_callers(tmp_path: Path, name: str, key: str, kind: CallerKind) -> None:
    header = [*COLUMNS, "AWS access key"]
    ((event,), _) = read(tmp_path, table([[*row(1)[:2], name, *row(1)[3:], key]], header))
    assert event.caller.kind is kind


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"hello\nworld\n", "the file is neither an event history (CSV) nor a log of CloudTrail (JSON)"),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            "the file is neither an event history (CSV) nor a log of CloudTrail (JSON)",
        ),
        (gzip.compress(b"", mtime=0), "the file is empty"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, data: bytes, message: str) -> None:
    events, problems = read(tmp_path, data)
    assert (events, [text for _, text in problems]) == ([], [message])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (str(tmp_path / "gone.json"), ""):
        with pytest.raises(UsageError, match="does not exist"):
            list(read_events(path))
    with pytest.raises(UsageError, match="holds no file of events"):
        list(read_events(str(tmp_path)))


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    inner = tmp_path / "2026" / "03"
    inner.mkdir(parents=True)
    (inner / "b.json.gz").write_bytes(gzip.compress(json.dumps({"Records": [record(2)]}).encode()))
    (tmp_path / "a.csv").write_text(table([row(3)]))
    (inner / "a.json").write_text("{}")
    (tmp_path / "readme.md").write_text("nothing")
    found = list(read_events(str(tmp_path)))
    assert [one.caller.name if isinstance(one, Event) else one.location.path for one in found] == [
        (inner / "a.json").as_posix(),
        "u2",
        "u3",
    ]


def test_identical_denials_are_counted_once() -> None:
    from osreach.events.json_log import event_of  # noqa: PLC0415 - only here
    from osreach.location import Location  # noqa: PLC0415 - only here

    place = Location("x", 1, 1, 1, 1)
    denied = [
        event_of(record(1, errorCode="AccessDenied", eventTime=f"2026-03-02T08:0{n}:00Z"), place)
        for n in (5, 3, 9)
    ]
    collected = collect(
        [*denied, event_of(record(1), place), event_of(record(2, errorCode="NoSuchKey"), place)]
    )
    assert collected.events == 5
    assert [(one.count, one.first, one.last) for one in collected.denials] == [
        (3, "2026-03-02T08:03:00Z", "2026-03-02T08:09:00Z")
    ]


def test_many_objects_of_one_bucket_stay_few_denials() -> None:
    from osreach.events.json_log import event_of  # noqa: PLC0415 - only here
    from osreach.location import Location  # noqa: PLC0415 - only here

    place = Location("x", 1, 1, 1, 1)
    events = [
        event_of(
            record(1, errorCode="AccessDenied", requestParameters={"bucketName": "b", "key": f"k{number}"}),
            place,
        )
        for number in range(5000)
    ]
    collected = collect(events)
    assert len(collected.denials) < 100
    assert sum(one.count for one in collected.denials) == 5000
    assert len(collected.denials) - 1 + sum(one.others for one in collected.denials) + 1 == 5000


def test_denials_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from osreach.events import collect as module  # noqa: PLC0415 - only here
    from osreach.events.json_log import event_of  # noqa: PLC0415 - only here
    from osreach.location import Location  # noqa: PLC0415 - only here

    assert LIMIT > 10
    monkeypatch.setattr(module, "LIMIT", 10)
    place = Location("x", 1, 1, 1, 1)
    collected = collect(event_of(record(number, errorCode="AccessDenied"), place) for number in range(25))
    assert (len(collected.denials), collected.uncounted) == (10, 15)


@pytest.mark.parametrize(
    ("time", "other", "near"),
    [
        ("2026-03-02T08:00:59Z", "2026-03-02T08:02:01Z", True),
        ("2026-03-02T08:00:00Z", "2026-03-02T09:00:00+01:00", True),
        ("2026-03-02T08:00:00Z", "2026-03-02T08:10:00Z", False),
    ],
)
def test_times_are_compared_by_the_minute(time: str, other: str, near: bool) -> None:
    first, second = minute_of(time), minute_of(other)
    assert first is not None
    assert second is not None
    assert (abs(first - second) <= 2) is near
    assert minute_of("yesterday") is None
