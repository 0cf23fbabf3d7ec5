"""YAML inside a value of infrastructure code, with the place of everything and with its unknown parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from osreach.extract.attribute import identity
from osreach.iam.hole import HOLES, Holes
from osreach.json_text import TextSource
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

_PIECES = re.compile(f"({HOLES})")


@dataclass(frozen=True, slots=True)
class Body:
    """The value that a text of YAML stands for, Unknown where nobody can tell; `problems` say what is wrong."""

    value: Value
    problems: tuple[Problem, ...] = ()


def read_body(written: Value, what: str, holes: Holes) -> Body:
    """Read the YAML (or JSON) text in `written`; `what` is the name of its attribute.

    Text that is no YAML is a problem, unless an unknown part of it may be what
    makes it so. A value that is no text is taken as it is.
    """
    match written.data:
        case Json(inner):
            return Body(inner)
        case str() as text:
            source = TextSource.of_text(text, written.location)
        case Text(parts):
            if len(parts) == 1 and isinstance(parts[0].text, Unknown):
                return Body(Value(parts[0].text, parts[0].location))
            source = TextSource.of_parts(parts, lambda unknown: holes.hole(identity(unknown)))
        case _:
            return Body(written)
    unknowns: dict[str, Unknown] = {
        source.text[offset]: part.text
        for offset, part in source.unknowns.items()
        if isinstance(part.text, Unknown)
    }
    # Imported here, as most code has no such text and PyYAML takes long to import.
    from osreach.iac.cloudformation.load import load  # noqa: PLC0415 - see above

    lines = _Lines(source)
    loaded = load(source.text, written.location.path)
    if loaded.value is None or (not isinstance(loaded.value.data, Object) and not unknowns):
        nothing = Value(Unknown(what, "its YAML could not be read"), written.location)
        if unknowns:
            return Body(nothing)
        return Body(nothing, tuple(_faults(loaded.problems, what, written.location, lines)))
    problems = tuple(_faults(loaded.problems, what, written.location, lines)) if loaded.problems else ()
    return Body(_placed(loaded.value, lines, unknowns), problems)


def _faults(problems: tuple[Problem, ...], what: str, start: Location, lines: _Lines) -> tuple[Problem, ...]:
    if not problems:
        return (Problem(start, f"`{what}` is not one YAML document of names and values"),)
    return tuple(
        Problem(lines.place(one.location), f"`{what}`: {one.message.replace('the file', 'the text')}")
        for one in problems
    )


class _Lines:
    """From lines and columns of a text to its places in the source."""

    __slots__ = ("_offsets", "_source")

    def __init__(self, source: TextSource) -> None:
        self._source = source
        offsets = [0]
        offsets.extend(found.end() for found in re.finditer("\n", source.text))
        self._offsets = offsets

    def place(self, inner: Location) -> Location:
        """Where a range of the text stands in the source."""
        start = self._offset(inner.line, inner.column)
        end = self._offset(inner.end_line, inner.end_column)
        return self._source.locate(start, max(end, start + 1))

    def _offset(self, line: int, column: int) -> int:
        known = min(line, len(self._offsets)) - 1
        return min(self._offsets[known] + column - 1, len(self._source.text))


def _placed(value: Value, lines: _Lines, unknowns: Mapping[str, Unknown]) -> Value:
    location = lines.place(value.location)
    match value.data:
        case Object(entries):
            return Value(
                Object({name: _placed(entry, lines, unknowns) for name, entry in entries.items()}), location
            )
        case tuple() as items:
            return Value(tuple(_placed(item, lines, unknowns) for item in items), location)
        case str() | Text():
            text = value.text or ""
            pieces = [piece for piece in _PIECES.split(text) if piece]
            if not any(piece in unknowns for piece in pieces):
                return Value(text, location)
            parts = tuple(TextPart(unknowns.get(piece, piece), location) for piece in pieces)
            first = parts[0].text
            if len(parts) == 1 and isinstance(first, Unknown):
                return Value(first, location)
            return Value(Text(parts), location)
        case _:
            return Value(value.data, location)
