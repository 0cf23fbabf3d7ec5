"""Values as pieces of text: in `Fn::Sub`, `Fn::Join` and JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Final

from osreach.location import Location
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

MAXIMUM_TEXT: Final = 2_000_000
"""Characters, or a thousandth of it as pieces; what grows beyond is not known any more."""


_LONGEST: Final = 160
_REFERENCES: Final = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub"})


def scalar_text(data: str | float | bool) -> str:  # noqa: FBT001 - a scalar, not a switch
    """A scalar as CloudFormation puts it into a text."""
    if isinstance(data, bool):
        return "true" if data else "false"
    return str(data)


def text_parts(value: Value) -> tuple[TextPart, ...] | None:
    """What a value adds to a text, in pieces; None for a list or an object, which cannot."""
    match value.data:
        case Unknown() as unknown:
            return (TextPart(unknown, value.location),)
        case Text(parts):
            return parts
        case Json(inner):
            return tuple(_json(inner))
        case str() | int() | float() as scalar:
            verbatim = isinstance(scalar, str) and _stands_as_it_is(scalar, value.location)
            return (TextPart(scalar_text(scalar), _inside(scalar, value.location), verbatim),)
        case _:
            return None


def _stands_as_it_is(text: str, place: Location) -> bool:
    """Whether a text on one line is as long as its source, with or without quotes: then it has no escapes."""
    return place.line == place.end_line and place.end_column - place.column - len(text) in (0, 2)


def _inside(text: str | float, place: Location) -> Location:
    """The place of a text without its quotes."""
    if isinstance(text, str) and place.line == place.end_line:
        quotes = place.end_column - place.column - len(text) == 2
        if quotes:
            return Location(place.path, place.line, place.column + 1, place.line, place.end_column - 1)
    return place


def advance(part: TextPart, start: int, end: int) -> TextPart:
    """The piece of a known part from `start` to `end`, with its place."""
    text = part.text
    if isinstance(text, Unknown):
        return part
    piece = text[start:end]
    if not part.verbatim:
        return TextPart(piece, part.location)
    place = part.location
    before = text[:start]
    lines = before.count("\n")
    column = len(before) - before.rindex("\n") + part.indent if lines else place.column + len(before)
    line = place.line + lines
    last = piece.count("\n")
    end_column = len(piece) - piece.rindex("\n") + part.indent if last else column + len(piece)
    return TextPart(
        piece, Location(place.path, line, column, line + last, end_column), verbatim=True, indent=part.indent
    )


def joined(parts: Iterable[TextPart], location: Location, *, keep: bool = False) -> Value:
    """A text of pieces: a string where all is known, an Unknown where there is nothing else.

    `keep` leaves a known text in pieces, so that places inside it can be told.
    """
    useful = tuple(part for part in parts if part.text != "")
    length = sum(len(part.text) for part in useful if isinstance(part.text, str))
    if length > MAXIMUM_TEXT or len(useful) > MAXIMUM_TEXT // 100:
        here = f"a text at {location.path}:{location.line}:{location.column}"
        return Value(Unknown(here, "it is too long to follow"), location)
    if len(useful) == 1 and isinstance(useful[0].text, Unknown):
        return Value(useful[0].text, location)
    text = Text(useful)
    known = text.known
    if known is not None and not keep:
        return Value(known, location)
    return Value(text, location)


def described(value: Value) -> str:
    """A value, resolved or as written, as a short expression: different for different values."""
    return shortened(_described(value))


def shortened(text: str) -> str:
    """`text`, or its beginning with a digest of the whole where it is long."""
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[: _LONGEST - 20]}...#{digest}"


def _described(value: Value) -> str:
    match value.data:
        case Unknown() as unknown:
            return unknown.expression
        case Text(parts):
            return "".join(
                "${" + part.text.expression + "}" if isinstance(part.text, Unknown) else part.text
                for part in parts
            )
        case Json(inner):
            return f"Fn::ToJsonString {_described(inner)}"
        case tuple() as items:
            return "[" + ", ".join(map(_described, items)) + "]"
        case Object(entries, ()) if len(entries) == 1 and next(iter(entries)) in _REFERENCES:
            return _described_reference(*next(iter(entries.items())))
        case Object(entries, rest):
            pairs = [f"{name}: {_described(entry)}" for name, entry in entries.items()]
            pairs += [unknown.expression for unknown in rest]
            return "{" + ", ".join(pairs) + "}"
        case None:
            return "null"
        case scalar:
            return scalar_text(scalar)


def _described_reference(name: str, argument: Value) -> str:
    """`Ref`, `Fn::GetAtt` and `Fn::Sub` as `Fn::Sub` writes them."""
    if name == "Fn::Sub" and argument.text is not None:
        return argument.text
    if name == "Ref" and argument.text is not None:
        return "${" + argument.text + "}"
    if name == "Fn::GetAtt" and isinstance(argument.data, tuple):
        return "${" + ".".join(map(_described, argument.data)) + "}"
    return f"{name} {_described(argument)}"


def _json(value: Value) -> Iterator[TextPart]:
    """The JSON text of a value in pieces."""
    place = value.location
    match value.data:
        case Unknown() as unknown:
            yield TextPart(unknown, place)
        case Text(parts):
            yield from _quoted(parts, place)
        case Json(inner):
            yield from _quoted(tuple(_json(inner)), place)
        case tuple() as items:
            yield TextPart("[", place)
            for number, item in enumerate(items):
                if number:
                    yield TextPart(",", item.location)
                yield from _json(item)
            yield TextPart("]", place)
        case Object(entries, rest):
            yield TextPart("{", place)
            for number, (name, entry) in enumerate(entries.items()):
                yield TextPart(("," if number else "") + json.dumps(name) + ":", entry.location)
                yield from _json(entry)
            for unknown in rest:
                yield TextPart(unknown, place)
            yield TextPart("}", place)
        case scalar:
            yield TextPart(json.dumps(scalar, ensure_ascii=False), place)


def _quoted(parts: tuple[TextPart, ...], place: Location) -> Iterator[TextPart]:
    yield TextPart('"', place)
    for part in parts:
        if isinstance(part.text, Unknown):
            yield part
        else:
            yield TextPart(json.dumps(part.text, ensure_ascii=False)[1:-1], part.location)
    yield TextPart('"', place)
