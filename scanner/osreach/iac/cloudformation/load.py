"""YAML and JSON templates as values with the place of everything; the one door to PyYAML.

What differs from plain YAML 1.1, because templates mean it differently:

- a short form (`!Sub text`) becomes the long one (`{"Fn::Sub": text}`);
- a date stays text (`Version: 2012-10-17`), and so does a number that is not
  written as JSON writes it: an account id `012345670123` is no octal number;
- the place of a mapping or list that is the value of a key begins at the key.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
and https://yaml.org/spec/1.1/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from osreach.json_text import read_json
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Scalar, Text, TextPart, Value

MAXIMUM_CHARACTERS: Final = 4_000_000
"""CloudFormation takes templates of at most 1 MB; what is four times as long is no template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

MAXIMUM_NODES: Final = 120_000
"""Values in one file, with those that aliases repeat."""

MAXIMUM_DEPTH: Final = 100
"""Levels of nesting; templates of people and tools stay below thirty."""

MAXIMUM_LINES: Final = 50_000
"""Lines of one text of which each has a place of its own; a longer text has one place."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?\Z")
_PROPERTIES = re.compile(r"(?:[!&][^\s,\[\]{}]*[ \t\r\n]+)+")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n?")
_UNICODE_BREAKS = re.compile("[\x85\u2028\u2029]")  # YAML 1.1 breaks lines at them, JSON does not
_CORE = "tag:yaml.org,2002:"


class LoadError(ValueError):
    """Text that is no YAML, or more than is read of it."""

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(message)
        self.problem = Problem(location, message)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The one document of a file; None where it holds none, several, or could not be read."""

    value: Value | None
    problems: tuple[Problem, ...] = ()


def load(text: str, path: str) -> Loaded:
    """Read one template; never raises. `path` is the path that places carry."""
    start = Location(path, 1, 1, 1, 1)
    if len(text) > MAXIMUM_CHARACTERS:
        message = f"the file is longer than {MAXIMUM_CHARACTERS:,} characters and is not read"
        return Loaded(None, (Problem(start, message),))
    if _UNICODE_BREAKS.search(text) and (read := _as_json(text, start)) is not None:
        return read
    try:
        reader = _Reader(text, path)
    except yaml.YAMLError as error:
        return Loaded(None, (_problem(error, start),))
    try:
        value = reader.document()
    except LoadError as error:
        return Loaded(None, (*reader.problems, error.problem))
    except yaml.YAMLError as error:
        return _as_json(text, start) or Loaded(None, (*reader.problems, _problem(error, start)))
    finally:
        reader.loader.dispose()
    return Loaded(value, tuple(reader.problems))


def _as_json(text: str, start: Location) -> Loaded | None:
    """JSON that is no YAML (tabs in odd places, surrogate pairs), or None."""
    if not text.lstrip().startswith("{"):
        return None
    reading = read_json(Value(Text((TextPart(text, start, verbatim=True),)), start), "template")
    return None if reading.problem is not None else Loaded(reading.value, reading.duplicates)


def _problem(error: yaml.YAMLError, start: Location) -> Problem:
    """What PyYAML says, at the place where it says it."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    words = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    location = start
    if mark is not None:
        location = Location(start.path, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
    message = str(words).replace("'", "`").replace("\n", " ").rstrip(".")
    return Problem(location, f"the file is not valid YAML: {message}")


@dataclass(frozen=True, slots=True)
class _Node:
    """A value with the number of values that it is made of."""

    value: Value
    size: int


@dataclass(slots=True)
class _Reader:
    """One pass over the events of one file."""

    text: str
    path: str
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, _Node] = field(default_factory=dict)
    loader: Any = field(init=False)  # the C loader and the Python one share no type
    lines: list[str] = field(init=False)
    nodes: int = 0

    def __post_init__(self) -> None:
        self.loader = _LOADER(self.text)
        self.lines = self.text.split("\n")

    def document(self) -> Value | None:
        """The value of the only document, or None."""
        self.event()
        event = self.event()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        node = self.node(self.event(), 0, None)
        self.event()
        if not isinstance(self.event(), yaml.StreamEndEvent):
            return None
        return node.value

    def event(self) -> Any:
        """The next event; its marks are always there, which its type does not say."""
        return self.loader.get_event()

    def place(self, event: Any) -> Location:
        """Where an event stands."""
        start, end = event.start_mark, event.end_mark
        return Location(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def node(self, event: Any, depth: int, key: Location | None) -> _Node:
        """The value that begins with `event`; `key` is the place of its key in a mapping."""
        if depth > MAXIMUM_DEPTH:
            message = f"the file nests deeper than {MAXIMUM_DEPTH} levels and is not read"
            raise LoadError(message, self.place(event))
        if isinstance(event, yaml.AliasEvent):
            known = self.anchors.get(str(event.anchor))
            if known is None:
                message = f"the alias `*{event.anchor}` has no anchor before it"
                raise LoadError(message, self.place(event))
            self.spend(known.size, event)
            return known
        self.spend(1, event)
        if isinstance(event, yaml.ScalarEvent):
            node = _Node(self.scalar(event), 1)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self.sequence(event, depth, key)
        elif isinstance(event, yaml.MappingStartEvent):
            node = self.mapping(event, depth, key)
        else:
            raise LoadError("the file is not valid YAML: a value is missing", self.place(event))
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def spend(self, size: int, event: Any) -> None:
        """Counts values, and stops before there are too many."""
        self.nodes += size
        if self.nodes > MAXIMUM_NODES:
            message = f"the file stands for more than {MAXIMUM_NODES:,} values and is not read"
            raise LoadError(message, self.place(event))

    def sequence(self, start: Any, depth: int, key: Location | None) -> _Node:
        """A list."""
        items: list[Value] = []
        size = 1
        while not isinstance(event := self.event(), yaml.SequenceEndEvent):
            node = self.node(event, depth + 1, None)
            items.append(node.value)
            size += node.size
        place = self.span(start, event, items[-1].location if items else None, key)
        return _Node(self.tagged(start.tag, Value(tuple(items), place)), size)

    def mapping(self, start: Any, depth: int, key: Location | None) -> _Node:
        """An object; `<<` adds the entries of others."""
        entries: dict[str, Value] = {}
        merged: list[Value] = []
        last: Location | None = None
        size = 1
        while not isinstance(event := self.event(), yaml.MappingEndEvent):
            where = self.place(event)
            name = self.name(event, depth)
            node = self.node(self.event(), depth + 1, where)
            size += node.size
            last = node.value.location if _after(node.value.location, where) else where
            if name == "<<" and isinstance(event, yaml.ScalarEvent) and not event.style:
                merged.extend(node.value.items)
            elif name is not None:
                if name in entries:
                    message = f"`{name}` is written twice in one mapping; the last one counts"
                    self.problems.append(Problem(where, message))
                entries[name] = node.value
        if merged:
            # What is merged first counts more, and what is written here counts most.
            whole: dict[str, Value] = {}
            for other in reversed(merged):
                if isinstance(other.data, Object):
                    whole.update(other.data.entries)
            entries = whole | entries
        return _Node(self.tagged(start.tag, Value(Object(entries), self.span(start, event, last, key))), size)

    def name(self, event: Any, depth: int) -> str | None:
        """The text of a key; None, with a problem, where it is no text."""
        if isinstance(event, yaml.ScalarEvent):
            self.spend(1, event)
            return str(event.value)
        node = self.node(event, depth + 1, None)
        if isinstance(node.value.data, str):
            return node.value.data
        self.problems.append(Problem(self.place(event), "a name in a template must be a text"))
        return None

    def span(self, start: Any, end: Any, last: Location | None, key: Location | None) -> Location:
        """From the key (or the beginning) to the end of the last value: a block has no end of its own."""
        first = key or self.place(start)
        line, column = first.line, first.column
        if start.flow_style or last is None:
            close = self.place(end)
            return Location(self.path, line, column, close.end_line, close.end_column)
        return Location(self.path, line, column, last.end_line, last.end_column)

    def tagged(self, tag: str | None, value: Value) -> Value:
        """The long form of a short one."""
        if tag is None or not tag.startswith("!") or tag == "!":
            return value
        name = tag[1:]
        if name == "GetAtt" and isinstance(value.data, str):
            resource, _, attribute = value.data.partition(".")
            parts = (Value(resource, value.location), Value(attribute, value.location))
            value = Value(parts, value.location)
        function = name if name in ("Ref", "Condition") else f"Fn::{name}"
        return Value(Object({function: value}), value.location)

    def scalar(self, event: Any) -> Value:
        """A text, number, boolean or null."""
        value: str = event.value
        tag = event.tag
        place = self.place(event)
        if tag is None and not event.style:
            if place.line == place.end_line:
                return Value(_plain(value), self.behind_properties(event, place) if event.anchor else place)
        elif tag is not None or event.anchor is not None:
            place = self.behind_properties(event, place)
        if place.line != place.end_line and len(value) > 1:
            parts = self.lines_of(value, event, place)
            result = Value(Text(parts), place) if parts else Value(value, place)
        else:
            result = Value(value, place)
        if tag is not None and tag.startswith(_CORE) and not event.style and not tag.endswith(":str"):
            return Value(_plain(value), place)
        return self.tagged(tag, result)

    def behind_properties(self, event: Any, place: Location) -> Location:
        """The place of a scalar without the tag and anchor in front of it."""
        found = _PROPERTIES.match(self.text, event.start_mark.index, event.end_mark.index)
        if found is None:
            return place
        skipped = found.group()
        lines = skipped.count("\n")
        column = len(skipped) - skipped.rindex("\n") if lines else place.column + len(skipped)
        return Location(self.path, place.line + lines, column, place.end_line, place.end_column)

    def lines_of(self, value: str, event: Any, place: Location) -> tuple[TextPart, ...]:
        """The pieces of a text over several lines, one a line, where they stand in the source as they are.

        Empty where the source is written otherwise (escapes, odd line ends).
        """
        if place.end_line - place.line > MAXIMUM_LINES:
            return ()
        number = place.line - 1
        column = place.column - 1
        if event.style in ("|", ">"):
            number += 1
            column = 0
        elif event.style:
            column += 1
        parts: list[TextPart] = []
        offset = 0
        for line_number in range(number, min(place.end_line, len(self.lines))):
            line = self.lines[line_number].removesuffix("\r")
            if line_number > number or event.style in ("|", ">"):
                column = 0
            shown = line[column:].strip(" \t")
            if not shown:
                continue
            begin = line.index(shown, column)
            while offset < len(value) and value[offset] in " \t\n":
                # blanks and breaks between lines; more-indented lines keep blanks that stand before `begin`
                offset += 1
            length = _common(value, offset, shown)
            if not length:
                return () if offset < len(value) else tuple(parts)
            end = offset + length
            while end < len(value) and value[end] in " \t\n":
                end += 1
            here = Location(self.path, line_number + 1, begin + 1, line_number + 1, begin + 1 + length)
            if not parts and offset:
                parts.append(TextPart(value[:offset], place))
            parts.append(TextPart(value[offset:end], here, verbatim=True))
            offset = end
        return tuple(parts) if offset == len(value) else ()


def _common(value: str, offset: int, shown: str) -> int:
    """How many characters of `shown` (without a closing quote) stand at `offset` of `value`."""
    for length in (len(shown), len(shown) - 1):
        if length > 0 and value.startswith(shown[:length], offset):
            return length
    return 0


def _after(place: Location, other: Location) -> bool:
    return (place.end_line, place.end_column) > (other.end_line, other.end_column)


def _plain(text: str) -> Scalar:
    """What an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "-0123456789":
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
    return text
