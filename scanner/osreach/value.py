"""A value read from infrastructure code: known, partly known or unknown, always with its place.

Every reader (Terraform, CloudFormation, JSON) produces these values and nothing
else, so that no later part has to know which language a value was written in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from osreach.location import Location

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be known from the files, and why.

    `expression` is the source text that could not be resolved (`var.principals`)
    and `reason` says why in a few words (`no default and no value given`).
    `resource` is the address of the resource whose attribute this is, where it
    is one (`aws_security_group.search` for `aws_security_group.search.id`): two
    unknowns with the same expression and resource are the same value.
    `many` marks an element of a list that stands for any number of elements.
    `hidden` says that whoever gives the value at the deployment is not shown it
    afterwards (a template's parameter with `NoEcho`).
    """

    expression: str
    reason: str
    resource: str = ""
    many: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of a partly known text.

    `location` is where the piece begins in the source. Where `verbatim` is
    true, every character of `text` stands in the source as it is, so that
    places inside it can be computed; `indent` columns were cut from the start
    of each line after the first (and of the first one, where the piece begins a
    line of a `<<-` heredoc, `location` already points behind the cut).
    """

    text: str | Unknown
    location: Location
    verbatim: bool = False
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A text made of pieces, of which some may be unknown.

    Also used for a wholly known text whose pieces stand at different places
    (a heredoc), so that a place inside it can be told.
    """

    parts: tuple[TextPart, ...]

    @property
    def known(self) -> str | None:
        """The whole text, or None where a piece is unknown."""
        pieces: list[str] = []
        for part in self.parts:
            if isinstance(part.text, Unknown):
                return None
            pieces.append(part.text)
        return "".join(pieces)

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """The unknown pieces, in order."""
        return tuple(part.text for part in self.parts if isinstance(part.text, Unknown))


@dataclass(frozen=True, slots=True)
class Json:
    """The JSON text of `value`, kept as the value so that no place and no unknown is lost."""

    value: Value


_NOTHING: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Object:
    """Named values. `rest` holds the unknowns that may add or replace entries."""

    entries: Mapping[str, Value] = field(default_factory=lambda: _NOTHING)
    rest: tuple[Unknown, ...] = ()


Data: TypeAlias = "Scalar | Text | Json | tuple[Value, ...] | Object | Unknown"


@dataclass(frozen=True, slots=True)
class Value:
    """Data with the place where it is written.

    The place is where the data was written down, not where it is used: a policy
    given by `local.policy` carries the place inside `locals`. Data is a scalar,
    a partly known `Text`, JSON text as `Json`, a tuple of values (a list, or the
    blocks of one type), an `Object`, or `Unknown`.
    """

    data: Data
    location: Location

    def get(self, name: str) -> Value | None:
        """The entry `name` of an object, an unknown where it may exist, None where it does not."""
        match self.data:
            case Object(entries, rest):
                if name in entries:
                    return entries[name]
                if rest:
                    return Value(rest[0], self.location)
                return None
            case Unknown() as unknown:
                inner = Unknown(f"{unknown.expression}.{name}", unknown.reason, unknown.resource)
                return Value(inner, self.location)
            case _:
                return None

    @property
    def items(self) -> tuple[Value, ...]:
        """The elements of a list; anything else but null is a list of itself."""
        match self.data:
            case tuple():
                return self.data
            case None:
                return ()
            case _:
                return (self,)

    @property
    def text(self) -> str | None:
        """The wholly known string, or None."""
        match self.data:
            case str():
                return self.data
            case Text():
                return self.data.known
            case _:
                return None


def unknowns_of(value: Value) -> Iterator[tuple[Unknown, Location]]:
    """Every unknown inside `value` with its place, in the order of the source."""
    match value.data:
        case Unknown() as unknown:
            yield unknown, value.location
        case Text(parts):
            for part in parts:
                if isinstance(part.text, Unknown):
                    yield part.text, part.location
        case Json(inner):
            yield from unknowns_of(inner)
        case tuple() as items:
            for item in items:
                yield from unknowns_of(item)
        case Object(entries, rest):
            for entry in entries.values():
                yield from unknowns_of(entry)
            for unknown in rest:
                yield unknown, value.location
        case _:
            return
