"""The event history that the console of CloudTrail gives to download as CSV.

Columns are found by their names, whatever their order.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events-console.html
"""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from osreach.events.event import CallerKind, Event, EventCaller, EventResource
from osreach.location import Location
from osreach.problem import Problem

_COLUMNS: Mapping[str, str] = {
    "eventname": "name",
    "eventtime": "time",
    "username": "user",
    "eventsource": "source",
    "errorcode": "error",
    "errormessage": "message",
    "eventid": "event",
    "requestid": "request",
    "awsregion": "region",
    "awsaccesskey": "key",
    "accesskeyid": "key",
    "sourceipaddress": "ip",
    "resources": "resources",
    "resourcetype": "types",
    "resourcename": "names",
    "recipientaccountid": "account",
    "accountid": "account",
    "vpcendpointid": "endpoint",
}
"""What a column is, by its name in lower case without anything but letters."""

_NEEDED = {
    "name": "Event name",
    "source": "Event source",
    "user": "User name",
    "error": "Error code",
}
_LONGEST_RECORD = 20
"""How many lines a record with line breaks inside quotes may have."""

_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_ROOT = frozenset({"root", "<root_account>"})


def looks_like_history(line: str) -> bool:
    """Whether the first line of a file is that of a table rather than of JSON."""
    return not line.lstrip().startswith(("{", "[")) and ("," in line or "event" in line.lower())


def read_history(lines: Iterator[str], path: str) -> Iterator[Event | Problem]:
    """The events of a CSV file, and a problem for each line that cannot be understood."""
    rest = _Lines(lines)
    header: Sequence[str] | None = None
    while header is None:
        if rest.peek(0) is None:
            yield Problem(_at(path, 1), "the file is empty")
            return
        if (rest.peek(0) or "").strip():
            header = _cells(rest.peek(0) or "")
            if header is None:
                yield Problem(_at(path, rest.number), "the first line is no line of column names")
                return
        rest.take(1)
    columns = {_COLUMNS[name]: index for index, name in _named(header)}
    missing = [title for column, title in _NEEDED.items() if column not in columns]
    if missing:
        listed = ", ".join(f"`{title}`" for title in missing)
        word = "column" if len(missing) == 1 else "columns"
        yield Problem(
            _at(path, 1),
            f"this is no event history of CloudTrail with errors: the {word} {listed} is missing"
            if len(missing) == 1
            else f"this is no event history of CloudTrail with errors: the {word} {listed} are missing",
        )
        return
    while rest.peek(0) is not None:
        number = rest.number
        if not (rest.peek(0) or "").strip():
            rest.take(1)
            continue
        cells, count = _record(rest, len(header))
        rest.take(count)
        if cells is None:
            yield Problem(_at(path, number), "the line cannot be read as CSV, a quote may be missing")
        elif len(cells) != len(header):
            message = f"the line has {len(cells)} columns where the first line names {len(header)}"
            yield Problem(_at(path, number), message)
        else:
            yield _event(cells, columns, _at(path, number))


def _at(path: str, line: int) -> Location:
    return Location(path, line, 1, line, 1)


def _named(header: Sequence[str]) -> Iterator[tuple[int, str]]:
    for index, title in enumerate(header):
        name = re.sub(r"[^a-z]", "", title.lower())
        if name in _COLUMNS:
            yield index, name


class _Lines:
    """Lines with a look ahead of a bounded number of them."""

    __slots__ = ("_held", "_source", "number")

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._held: deque[str] = deque()
        self.number = 1

    def peek(self, ahead: int) -> str | None:
        """The line `ahead` of the next one, None behind the end."""
        while len(self._held) <= ahead:
            line = next(self._source, None)
            if line is None:
                return None
            self._held.append(line)
        return self._held[ahead]

    def take(self, count: int) -> None:
        """Go on behind so many lines."""
        for _ in range(count):
            self._held.popleft()
        self.number += count


def _record(rest: _Lines, columns: int) -> tuple[Sequence[str] | None, int]:
    """The cells of the next record and its number of lines.

    Where a quote stays open over too many lines or the cells of several lines do
    not fit the header, only the first line is given up: the next ones may be well.
    """
    text = rest.peek(0) or ""
    if text.count('"') % 2 == 0:
        return _cells(text), 1
    parts = [text]
    for ahead in range(1, _LONGEST_RECORD):
        line = rest.peek(ahead)
        if line is None:
            break
        parts.append(line)
        if line.count('"') % 2:
            cells = _cells("\n".join(parts))
            return (cells, len(parts)) if cells is not None and len(cells) == columns else (None, 1)
    return None, 1


def _cells(text: str) -> Sequence[str] | None:
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _event(cells: Sequence[str], columns: Mapping[str, int], location: Location) -> Event:
    def cell(column: str) -> str:
        index = columns.get(column)
        return "" if index is None else cells[index].strip()

    return Event(
        location,
        time=cell("time"),
        source=cell("source"),
        name=cell("name"),
        caller=_caller(cell("user"), cell("key")),
        error_code=cell("error"),
        error_message=cell("message"),
        region=cell("region"),
        account=cell("account"),
        request_id=cell("request"),
        event_id=cell("event"),
        source_ip=cell("ip"),
        vpc_endpoint=cell("endpoint"),
        resources=tuple(_resources(cell("resources"), cell("types"), cell("names"))),
    )


def _caller(user: str, access_key: str) -> EventCaller:
    """The caller behind a name: long-term keys begin with `AKIA`, those of sessions with `ASIA`.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    if user.lower() in _ROOT:
        return EventCaller(CallerKind.ROOT, name=user)
    if _SERVICE.fullmatch(user):
        return EventCaller(CallerKind.SERVICE, name=user)
    if not user:
        return EventCaller(CallerKind.OTHER)
    kind = CallerKind.USER if access_key.startswith("AKIA") else CallerKind.NAMED
    return EventCaller(kind, name=user)


def _resources(listed: str, types: str, names: str) -> Iterator[EventResource]:
    """The resources of a row: a column with JSON, or two columns with lists."""
    if listed.startswith(("[", "{")):
        try:
            found = json.loads(listed)
        except ValueError:
            found = []
        for each in found if isinstance(found, list) else [found]:
            if isinstance(each, dict):
                lower = {str(key).lower(): value for key, value in each.items()}
                name = lower.get("resourcename") or lower.get("arn")
                if isinstance(name, str) and name:
                    yield EventResource(str(lower.get("resourcetype") or lower.get("type") or ""), name)
        return
    for kind, name in zip(_split(types), _split(names), strict=False):
        yield EventResource(kind, name)
    if not names and listed and listed != "-":
        for name in _split(listed):
            yield EventResource("", name)


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;]\s*", text) if part.strip()]
