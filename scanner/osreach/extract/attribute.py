"""Reading attributes of a resource into settings and texts of the access model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from osreach.access.setting import Setting
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.value import Json, Object, Text, Unknown, Value

T = TypeVar("T")


def find(resource: Resource, path: str) -> tuple[Value | None, Location]:
    """The value at a dotted `path`, and the place of the innermost container that exists.

    A nested block is a list of one object: the path goes through it. Null
    counts as not written.
    """
    value: Value = resource.attributes
    location = resource.location
    for name in path.split("."):
        found = _step(value, name)
        if found is None or found.data is None or found.data == ():
            return None, location
        if not isinstance(found.data, str | bool | int | float):
            location = found.location
        value = found
    return value, value.location


def _step(value: Value, name: str) -> Value | None:
    if isinstance(value.data, tuple):
        return value.data[0].get(name) if value.data else None
    return value.get(name)


def boolean(resource: Resource, path: str, default: bool) -> Setting[bool]:  # noqa: FBT001 - the default of the service
    """The boolean at `path`; texts `true` and `false` count, as both languages convert them."""
    return _setting(resource, path, default, boolean_of)


def text(resource: Resource, path: str, default: T, holes: Holes) -> Setting[str | T]:
    """The text at `path` with holes for unknown parts; wholly unknown stays an Unknown."""

    def convert(value: Value) -> str | T | Unknown:
        return with_holes(value, holes) if not isinstance(value.data, Unknown) else value.data

    return _setting(resource, path, default, convert)


def _setting(
    resource: Resource, path: str, default: T, convert: Callable[[Value], T | Unknown]
) -> Setting[T]:
    value, location = find(resource, path)
    if value is None:
        return Setting(default, location, written=False)
    return Setting(convert(value), location)


def boolean_of(value: Value) -> bool | Unknown:
    """The boolean that a value is or is converted to, unknown where it is none."""
    match value.data:
        case bool() as known:
            return known
        case Unknown() as unknown:
            return unknown
        case str() as word if word.lower() in ("true", "false"):
            return word.lower() == "true"
        case Text() as text:
            known_text = text.known
            if known_text is not None and known_text.lower() in ("true", "false"):
                return known_text.lower() == "true"
            return text.unknowns[0] if text.unknowns else Unknown(str(known_text), "it is no boolean")
        case _:
            return Unknown("value", "it is no boolean")


def with_holes(value: Value, holes: Holes) -> str:
    """The text of a scalar, with one hole for each part that is not known."""
    match value.data:
        case str() as known:
            return known
        case bool() as flag:
            return "true" if flag else "false"
        case int() | float() as number:
            return str(number)
        case Text(parts):
            return "".join(
                holes.hole(identity(part.text)) if isinstance(part.text, Unknown) else part.text
                for part in parts
            )
        case Unknown() as unknown:
            return holes.hole(identity(unknown))
        case Json() | Object() | tuple() | None:
            return holes.hole("a value that is no text")


def identity(unknown: Unknown) -> str:
    """What makes two unknown texts the same text: the expression."""
    return unknown.expression
