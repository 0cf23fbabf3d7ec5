"""Log files of CloudTrail and other JSON with its events, read as a stream of values.

`{"Records": [...]}` as in a trail's files, an array, one event a line, one event,
what `aws cloudtrail lookup-events` prints (`Events`, the event as text in
`CloudTrailEvent`), and what EventBridge wraps around an event (`detail`).
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from osreach.events.caller import caller_of
from osreach.events.event import Event, EventResource
from osreach.events.text_file import EndsEarlyError
from osreach.location import Location
from osreach.problem import Problem

_LARGEST = 1 << 21
"""The longest text of one value, in characters; an event has at most 256 KB."""

_LISTS = re.compile(r'\{\s*"(?:Records|Events|events|logEvents)"\s*:\s*\[')
_MEMBER = re.compile(r'"[^"\\]*"\s*:\s*')
_BETWEEN = re.compile(r"[\s,]*")
_NEXT_EVENT = re.compile(r"\}\s*,?\s*(?=\{)|\n\s*(?=\{)")
_HELD_BACK = 20
_SHALLOW = 100
"""How far ahead a list's name may stand."""

_DECODER = json.JSONDecoder(strict=False)


class _Stream:
    """A text that arrives in pieces, of which only what is still needed is held."""

    __slots__ = ("_pieces", "damage", "ended", "line", "position", "text")

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self.text = ""
        self.position = 0
        self.line = 1
        self.ended = False
        self.damage: EndsEarlyError | None = None

    def more(self) -> None:
        """Read at least as much again as is held."""
        rest = self.text[self.position :]
        parts = [rest]
        wanted = max(len(rest), 1)
        while wanted > 0:
            try:
                piece = next(self._pieces, None)
            except EndsEarlyError as damage:
                # What is held comes first.
                piece, self.damage = None, damage
            if piece is None:
                self.ended = True
                break
            parts.append(piece)
            wanted -= len(piece)
        self.text = "".join(parts)
        self.position = 0

    def go(self, position: int) -> None:
        """Go on at `position` of the held text."""
        self.line += self.text.count("\n", self.position, position)
        self.position = position

    @property
    def held(self) -> int:
        """How much of the text is held."""
        return len(self.text) - self.position


def read_log(pieces: Iterator[str], path: str) -> Iterator[Event | Problem]:
    """The events of a file, and a problem for each piece of it that is none.

    Raises `EndsEarlyError` where compressed data ends early, after all events
    before that.
    """
    lost: list[Problem] = []
    try:
        for line, value in _values(_Stream(pieces)):
            location = Location(path, line, 1, line, 1)
            if isinstance(value, _Broken):
                # Held back until something follows: the end of damaged data is no broken event.
                lost.append(Problem(location, value.reason))
                if len(lost) > _HELD_BACK:
                    yield lost.pop(0)
                continue
            for event in _unwrapped(value):
                if (
                    isinstance(event, dict)
                    and _is_text(event, "eventName")
                    and _is_text(event, "eventSource")
                ):
                    yield from lost
                    lost.clear()
                    yield event_of(event, location)
                elif not lost:
                    # What stands directly behind a broken event may be a part of it.
                    yield Problem(
                        location, "this is no event of CloudTrail: `eventName` or `eventSource` is missing"
                    )
    except EndsEarlyError:
        yield from lost[:-1]
        raise
    yield from lost


def _is_text(record: Mapping[str, Any], name: str) -> bool:
    value = record.get(name)
    return isinstance(value, str) and bool(value)


class _Broken:
    """A value that is no JSON."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


def _values(stream: _Stream) -> Iterator[tuple[int, Any]]:
    """Each event-like value with its line; lists are opened, so that none is held whole."""
    depth = 0
    while True:
        _skip(stream)
        if stream.held < _SHALLOW and not stream.ended:
            stream.more()
            continue
        if not stream.held:
            if stream.damage is not None:
                raise stream.damage
            if depth:
                yield stream.line, _Broken("the file ends in the middle of a list of events")
            return
        first = stream.text[stream.position]
        opened = _LISTS.match(stream.text, stream.position)
        if opened or (first == "[" and depth == 0):
            stream.go(opened.end() if opened else stream.position + 1)
            depth += 1
        elif first in "]}":
            depth = max(depth - (first == "]"), 0)
            stream.go(stream.position + 1)
        elif first == '"' and _skip_member(stream):
            pass
        else:
            line = stream.line
            value = _value(stream)
            if isinstance(value, _Broken):
                depth = 0  # nobody knows whether the list goes on
            yield line, value


def _skip(stream: _Stream) -> None:
    while True:
        blank = _BETWEEN.match(stream.text, stream.position)
        end = blank.end() if blank else stream.position
        stream.go(end)
        if end < len(stream.text) or stream.ended:
            return
        stream.more()


def _skip_member(stream: _Stream) -> bool:
    """Pass `"NextToken": "…"` behind a list of events; whether there was such a member."""
    found = _MEMBER.match(stream.text, stream.position)
    if not found:
        return False
    stream.go(found.end())
    _value(stream)
    return True


def _value(stream: _Stream) -> Any:
    """The value at the position, behind which the stream stands then; `_Broken` where it is none."""
    while True:
        try:
            value, end = _DECODER.raw_decode(stream.text, stream.position)
        except RecursionError:
            reason = "the event is nested too deeply"
            break
        except json.JSONDecodeError as error:
            if not stream.ended and stream.held < _LARGEST:
                stream.more()
                continue
            reason = f"the event is no JSON: {error.msg[:1].lower()}{error.msg[1:]}"
            break
        else:
            stream.go(end)
            return value
    _resume(stream)
    return _Broken(reason)


def _resume(stream: _Stream) -> None:
    """Go on where the next event may begin."""
    found = _NEXT_EVENT.search(stream.text, stream.position + 1)
    stream.go(found.end() if found else len(stream.text))


def _unwrapped(value: Any) -> Iterator[Any]:
    """The events inside what other tools wrap around them."""
    if not isinstance(value, dict):
        yield value
        return
    for name in ("Records", "Events"):
        if isinstance(value.get(name), list):
            for each in value[name]:
                yield from _unwrapped(each)
            return
    inner = value.get("CloudTrailEvent", value.get("detail"))
    if isinstance(inner, str):
        try:
            inner = json.loads(inner)
        except (ValueError, RecursionError):
            inner = None
    yield inner if isinstance(inner, dict) else value


def _text(value: Any) -> str:
    """A text, or a number as text; anything else is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def event_of(record: Mapping[str, Any], location: Location) -> Event:
    """The event that `record` holds; what is not as documented counts as not told."""
    parameters = _object(record.get("requestParameters"))
    resources = record.get("resources")
    return Event(
        location,
        time=_text(record.get("eventTime")),
        source=_text(record.get("eventSource")),
        name=_text(record.get("eventName")),
        caller=caller_of(_object(record.get("userIdentity"))),
        error_code=_text(record.get("errorCode")),
        error_message=_text(record.get("errorMessage")),
        region=_text(record.get("awsRegion")),
        account=_text(record.get("recipientAccountId")),
        request_id=_text(record.get("requestID") or record.get("requestId")),
        event_id=_text(record.get("eventID")),
        source_ip=_text(record.get("sourceIPAddress")),
        vpc_endpoint=_text(record.get("vpcEndpointId")),
        parameters={name: text for name, value in parameters.items() if (text := _text(value))},
        encryption_context={
            name: text
            for name, value in _object(parameters.get("encryptionContext")).items()
            if (text := _text(value))
        },
        resources=tuple(
            EventResource(
                _text(each.get("type")),
                _text(each.get("ARN") or each.get("arn") or each.get("ARNPrefix")),
            )
            for each in (resources if isinstance(resources, list) else ())
            if isinstance(each, dict)
        ),
    )
