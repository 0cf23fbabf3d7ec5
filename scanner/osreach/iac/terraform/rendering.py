"""Values as text: in templates, as JSON, and in the names of unknowns.

Terraform's `jsonencode` sorts keys, writes no blanks and escapes `<`, `>` and
`&`; https://developer.hashicorp.com/terraform/language/functions/jsonencode
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from osreach.iac.terraform.scope import (
    MAXIMUM_TEXT,
    EvaluationError,
    NullError,
    SetOfValues,
    TypedList,
    Unordered,
)
from osreach.location import Location
from osreach.value import Data, Json, Object, Scalar, Text, TextPart, Unknown, Value

_LONGEST_NAME = 160
_PART = 100
"""What an unknown piece counts for where a text is too long."""

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_TO_ESCAPE = re.compile("[<>&\u2028\u2029]")


def number_text(number: float) -> str:
    """A number as Terraform converts it to a string: never with an exponent."""
    if isinstance(number, int):
        return str(number)
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def scalar_text(data: Scalar) -> str | None:
    """A string, number or boolean as a string; None for null."""
    match data:
        case None:
            return None
        case bool():
            return "true" if data else "false"
        case str():
            return data
        case _:
            return number_text(data)


def quoted(text: str) -> str:
    """`text` as a JSON string, escaped as `jsonencode` does."""
    plain = json.dumps(text, ensure_ascii=False)
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[found.group()], plain)


def _json_pieces(value: Value) -> Iterator[TextPart]:
    place = value.location
    match value.data:
        case None:
            yield TextPart("null", place)
        case bool() as flag:
            yield TextPart("true" if flag else "false", place)
        case str() as text:
            yield TextPart(quoted(text), place)
        case int() | float() as number:
            yield TextPart(number_text(number), place)
        case Unknown() as unknown:
            yield TextPart(unknown, place)
        case Text(parts):
            yield TextPart('"', place)
            for part in parts:
                if isinstance(part.text, Unknown):
                    yield part
                else:
                    yield TextPart(quoted(part.text)[1:-1], part.location)
            yield TextPart('"', place)
        case Json(inner):
            yield TextPart('"', place)
            for part in _json_pieces(inner):
                if isinstance(part.text, Unknown):
                    yield part
                else:
                    yield TextPart(quoted(part.text)[1:-1], part.location)
            yield TextPart('"', place)
        case tuple() as items:
            yield TextPart("[", place)
            for number, item in enumerate(items):
                if number:
                    yield TextPart(",", item.location)
                yield from _json_pieces(item)
            yield TextPart("]", place)
        case Object(entries, rest):
            yield TextPart("{", place)
            for number, name in enumerate(sorted(entries)):
                entry = entries[name]
                yield TextPart(("," if number else "") + quoted(name) + ":", entry.location)
                yield from _json_pieces(entry)
            for number, unknown in enumerate(rest):
                if number or entries:
                    yield TextPart(",", place)
                yield TextPart(unknown, place)
            yield TextPart("}", place)


def json_parts(value: Value) -> tuple[TextPart, ...]:
    """The JSON text of `value` in pieces, each with the place of the value it came from."""
    length = 0
    parts: list[TextPart] = []
    for part in _json_pieces(value):
        if isinstance(part.text, str):
            length += len(part.text)
            if length > MAXIMUM_TEXT:
                raise EvaluationError("the JSON text of this value is too long", value.location)
        parts.append(part)
    return tuple(parts)


def json_text(value: Value) -> str | None:
    """The JSON text of a wholly known value, None where a part is unknown."""
    return Text(json_parts(value)).known


def _has_order(value: Value) -> bool:
    """Whether it is known where in the JSON text of `value` everything stands."""
    return not any(
        isinstance(node.data, Unordered)
        or (isinstance(node.data, Object) and bool(node.data.rest))
        or (
            isinstance(node.data, SetOfValues)
            and not all(isinstance(item.data, Scalar) for item in node.data)
        )
        for node in nodes(value)
    )


def text_parts(value: Value, location: Location) -> tuple[TextPart, ...]:
    """What a value adds to a template, in pieces.

    `location` is the place of the interpolation; pieces of a text that has
    places of its own keep them. Null, lists and objects raise EvaluationError.
    """
    match value.data:
        case None:
            raise NullError("the value is null and cannot stand in a text", location)
        case Unknown() as unknown:
            return (TextPart(unknown, location),)
        case Text(parts):
            return parts
        case Json(inner):
            if not _has_order(inner):
                unknown = unknown_from(described(value), inner)
                return (TextPart(unknown, location),)
            return json_parts(inner)
        case tuple():
            raise EvaluationError("a list cannot stand in a text", location)
        case Object():
            raise EvaluationError("an object cannot stand in a text", location)
        case scalar:
            return (TextPart(scalar_text(scalar) or "", location),)


def joined(parts: Iterable[TextPart], *, keep: bool = False) -> Data:
    """A text of pieces as data: a string where all is known, an Unknown where there is nothing else.

    `keep` leaves a wholly known text in pieces, so that places inside it can be told.
    """
    pieces: list[TextPart] = []
    length = 0
    for part in parts:
        if part.text == "":
            continue
        pieces.append(part)
        length += len(part.text) if isinstance(part.text, str) else _PART
        if length > MAXIMUM_TEXT:
            raise EvaluationError("the text is too long", part.location)
    useful = tuple(pieces)
    if len(useful) == 1 and isinstance(useful[0].text, Unknown):
        return useful[0].text
    text = Text(useful)
    known = text.known
    if known is not None and not (keep and any(part.verbatim for part in useful)):
        return known
    return text


def known_text(value: Value) -> str | None:
    """A wholly known string, number or boolean as a string, JSON rendered; None for all else."""
    match value.data:
        case None | tuple() | Object() | Unknown():
            return None
        case Text() as text:
            return text.known
        case Json(inner):
            return json_text(inner)
        case scalar:
            return scalar_text(scalar)


def relocated(value: Value, location: Location) -> Value:
    """`value` with all its parts at `location`."""
    match value.data:
        case Text(parts):
            return Value(Text(tuple(TextPart(part.text, location) for part in parts)), location)
        case Json(inner):
            return Value(Json(relocated(inner, location)), location)
        case SetOfValues() | TypedList() | Unordered() as marked:
            return Value(type(marked)(relocated(item, location) for item in marked), location)
        case tuple() as items:
            return Value(tuple(relocated(item, location) for item in items), location)
        case Object(entries, rest):
            moved = {name: relocated(entry, location) for name, entry in entries.items()}
            return Value(type(value.data)(moved, rest), location)
        case data:
            return Value(data, location)


def nodes(value: Value) -> Iterator[Value]:
    """`value` and all values inside it, each once even where several places share it, in order.

    A few lines of locals can share one list a billion times over.
    """
    seen: set[int] = set()
    pending = [value]
    while pending:
        node = pending.pop()
        match node.data:
            case Json(inner):
                further: Iterable[Value] = (inner,)
            case tuple() as items:
                further = items
            case Object(entries):
                further = entries.values()
            case _:
                yield node
                continue
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            pending += reversed(tuple(further))


def own_unknowns(value: Value) -> tuple[Unknown, ...]:
    """What is not known about `value` itself, apart from the values inside it."""
    match value.data:
        case Unknown() as unknown:
            return (unknown,)
        case Text() as text:
            return text.unknowns
        case Object(_, rest):
            return rest
        case _:
            return ()


def first_unknown(value: Value) -> Unknown | None:
    """The first unknown inside `value`, or None."""
    return next((found for node in nodes(value) for found in own_unknowns(node)), None)


def wholly_known(value: Value) -> bool:
    """Whether nothing in `value` is unknown."""
    return first_unknown(value) is None


def _plainly_quoted(text: str) -> str:
    """`text` in quotes, for people."""
    return json.dumps(text, ensure_ascii=False)


def _described(value: Value, room: int) -> str:
    """`value` as an expression; stops early once `room` characters are clearly exceeded."""
    match value.data:
        case Unknown() as unknown:
            return unknown.expression
        case Text(parts):
            inner = (
                f"${{{part.text.expression}}}"
                if isinstance(part.text, Unknown)
                else _plainly_quoted(part.text)[1:-1]
                for part in parts
            )
            return '"' + "".join(inner) + '"'
        case Json(inner_value):
            return f"jsonencode({_described(inner_value, room)})"
        case tuple() as items:
            return "[" + ", ".join(_described_all(items, room)) + "]"
        case Object(entries, rest):
            names = [f"{_plainly_quoted(name)} = " for name in entries]
            shown = list(_described_all(tuple(entries.values()), room))
            pairs = [name + text for name, text in zip(names, shown, strict=False)]
            pairs += [f"{unknown.expression}..." for unknown in rest]
            return "{" + ", ".join(pairs) + "}"
        case str() as text:
            return _plainly_quoted(text)
        case None:
            return "null"
        case scalar:
            return scalar_text(scalar) or "null"


def _described_all(items: tuple[Value, ...], room: int) -> Iterator[str]:
    for item in items:
        if room < 0:
            # Bounded work for huge collections; the number of elements keeps names apart well enough,
            # and the place makes the rest of the difference.
            yield f"+{len(items)} {item.location.path}:{item.location.line}:{item.location.column}"
            return
        text = _described(item, room)
        room -= len(text)
        yield text


def described(*values: Value) -> str:
    """Values as one short expression, the same for the same values and different for different ones."""
    return shortened(expression_text(*values))


def expression_text(*values: Value) -> str:
    """Values as an expression, unknown parts by their own expressions."""
    return ", ".join(_described(value, 20_000) for value in values)


def shortened(text: str) -> str:
    """`text`, or its beginning with a digest of the whole where it is long."""
    if len(text) <= _LONGEST_NAME:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[: _LONGEST_NAME - 20]}...#{digest}"


def unknown_from(expression: str, *values: Value) -> Unknown:
    """The unknown result of something done with `values`, of which at least one is not known."""
    for value in values:
        found = first_unknown(value)
        if found is not None:
            return Unknown(shortened(expression), found.reason)
    return Unknown(shortened(expression), "cannot be known before the plan is applied")
