"""What a function of the Terraform language is made of.

A function either takes located values and looks after unknowns itself, or it is
strict: it is told plain data, and its result is unknown where an argument is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from osreach.iac.terraform.conversion import to_boolean, to_number, to_whole, unified
from osreach.iac.terraform.rendering import described, known_text, unknown_from, wholly_known
from osreach.iac.terraform.scope import EvaluationError, NullError, Scope, SetOfValues
from osreach.location import Location
from osreach.value import Data, Json, Object, Scalar, Text, Unknown, Value


@dataclass(frozen=True, slots=True)
class Site:
    """Where a function is called, and what can be seen there."""

    location: Location
    scope: Scope


Arguments: TypeAlias = tuple[Value, ...]
Function: TypeAlias = Callable[[Arguments, Site], Value]
Plain: TypeAlias = "Scalar | list[Plain] | Mapping[str, Plain]"


class FunctionError(Exception):
    """A strict function refuses its arguments; the message says why."""


class Kind(Enum):
    """What a parameter of a strict function takes; arguments are converted to it."""

    TEXT = auto()
    NUMBER = auto()
    WHOLE = auto()
    BOOLEAN = auto()
    TEXTS = auto()
    NUMBERS = auto()
    BOOLEANS = auto()
    ANY = auto()


def plain(value: Value) -> Plain:
    """A wholly known value as plain data, JSON as its text."""
    match value.data:
        case tuple() as items:
            return [plain(item) for item in items]
        case Object(entries):
            return {name: plain(entry) for name, entry in entries.items()}
        case Text() | Json():
            return known_text(value)
        case Unknown():
            raise TypeError("an unknown has no plain data")
        case scalar:
            return scalar


def located(data: Plain, location: Location) -> Value:
    """Plain data as a value, all of it at `location`."""
    match data:
        case list() as items:
            return Value(tuple(located(item, location) for item in items), location)
        case None | bool() | str() | int() | float():
            return Value(data, location)
        case _:
            return Value(Object({name: located(entry, location) for name, entry in data.items()}), location)


def _text(value: Value) -> str:
    text = known_text(value)
    if text is None:
        raise EvaluationError("a string is required", value.location)
    return text


def _converted(value: Value, kind: Kind) -> Plain:
    match kind:
        case Kind.ANY:
            return plain(value)
        case Kind.TEXT:
            return _text(value)
        case Kind.NUMBER | Kind.WHOLE | Kind.BOOLEAN:
            convert = {Kind.NUMBER: to_number, Kind.WHOLE: to_whole, Kind.BOOLEAN: to_boolean}[kind]
            data = convert(value)
            if isinstance(data, Unknown):
                raise TypeError("an unknown has no plain data")
            return data
        case _:
            if not isinstance(value.data, tuple):
                raise EvaluationError("a list is required", value.location)
            inner = {Kind.TEXTS: Kind.TEXT, Kind.NUMBERS: Kind.NUMBER, Kind.BOOLEANS: Kind.BOOLEAN}[kind]
            if any(item.data is None for item in value.data):
                raise NullError("null cannot be an element here", value.location)
            return [_converted(item, inner) for item in value.data]


def unknown_call(name: str, arguments: Arguments) -> Unknown:
    """The result of a call that cannot be known because of its arguments."""
    return unknown_from(f"{name}({described(*arguments)})", *arguments)


def check_count(name: str, arguments: Arguments, least: int, most: int | None, site: Site) -> None:
    """Refuse a call with the wrong number of arguments."""
    if len(arguments) < least or (most is not None and len(arguments) > most):
        raise EvaluationError(f"`{name}` does not take {len(arguments)} arguments", site.location)


def refuse_null(name: str, arguments: Arguments, site: Site) -> None:
    """Refuse null as an argument, as most functions do."""
    if any(argument.data is None for argument in arguments):
        raise NullError(f"`{name}` does not take null", site.location)


def strict(
    name: str, parameters: tuple[Kind, ...], function: Callable[..., Plain], further: Kind | None = None
) -> Function:
    """A function over plain data; `further` is the kind of any number of further arguments."""

    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, len(parameters), None if further else len(parameters), site)
        refuse_null(name, arguments, site)
        if not all(wholly_known(argument) for argument in arguments):
            return Value(unknown_call(name, arguments), site.location)
        kinds = (*parameters, *([further or Kind.ANY] * (len(arguments) - len(parameters))))
        data = [_converted(argument, kind) for argument, kind in zip(arguments, kinds, strict=True)]
        try:
            return located(function(*data), site.location)
        except FunctionError as error:
            raise EvaluationError(f"`{name}` fails: {error}", site.location) from error
        except OverflowError as error:
            raise EvaluationError(f"`{name}` fails: a number is too large", site.location) from error
        except UnicodeError as error:
            raise EvaluationError(f"`{name}` fails: half a surrogate has no bytes", site.location) from error

    return apply


def elements_of(name: str, value: Value, site: Site) -> tuple[Value, ...] | Unknown:
    """The elements of a list or set that is an argument, with one type; an unknown where it is one."""
    match value.data:
        case Unknown() as unknown:
            return unknown
        case SetOfValues() as items:
            return items
        case tuple() as items:
            return items if type(items) is not tuple else unified(items)
        case _:
            raise EvaluationError(f"`{name}` needs a list", site.location)


def result(data: Data, site: Site) -> Value:
    """`data` at the place of the call."""
    return Value(data, site.location)
