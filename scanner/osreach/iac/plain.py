"""A reading as plain data, and back: what can be written to a file that holds no code.

Locations and unknowns stand once each in tables, values in one list in which
parts come before what they are parts of. Nothing nests, so that depth costs
nothing, and what was shared is shared again.
"""

from __future__ import annotations

import gc
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from osreach.iac.resource import Change, Circumstance, Reading, Resource
from osreach.iac.terraform.scope import SetOfValues, TypedList, TypedMap, Unordered
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

Plain: TypeAlias = tuple[Any, ...]
"""Tuples of texts, numbers, truths and None, as deep as `encode` is written."""

_SCALAR, _TEXT, _JSON, _OBJECT, _TYPED_MAP, _UNKNOWN, _TUPLE, _SET, _TYPED_LIST, _UNORDERED = range(10)
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_LISTS: Final[dict[type, int]] = {
    tuple: _TUPLE,
    SetOfValues: _SET,
    TypedList: _TYPED_LIST,
    Unordered: _UNORDERED,
}
_OBJECTS: Final[dict[type, int]] = {Object: _OBJECT, TypedMap: _TYPED_MAP}


@dataclass(slots=True)
class _Encoder:
    """The tables while they grow. `numbers` is the place of a value in `values`, by its identity."""

    locations: dict[Location, int] = field(default_factory=dict)
    unknowns: dict[Unknown, int] = field(default_factory=dict)
    values: list[Plain] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    shared: dict[Hashable, Any] = field(default_factory=dict)

    def location(self, location: Location) -> int:
        """The number of a place."""
        return self.locations.setdefault(location, len(self.locations))

    def unknown(self, unknown: Unknown) -> int:
        """The number of an unknown."""
        return self.unknowns.setdefault(unknown, len(self.unknowns))

    def value(self, value: Value) -> int:
        """The number of a value, after its parts."""
        known = self.numbers.get(id(value))
        if known is not None:
            return known
        kind, data = self.data(value.data)
        self.values.append((kind, self.location(value.location), data))
        number = self.numbers[id(value)] = len(self.values) - 1
        return number

    def data(self, data: object) -> tuple[int, Any]:
        """The kind of data, and the data with numbers in place of its parts."""
        if type(data) in _SCALARS:
            # Equal numbers of different types are different; equal texts are one.
            return _SCALAR, self.shared.setdefault(data, data) if isinstance(data, str) else data
        if (kind := _LISTS.get(type(data))) is not None and isinstance(data, tuple):
            return kind, tuple(self.value(item) for item in data)
        if (kind := _OBJECTS.get(type(data))) is not None and isinstance(data, Object):
            names = tuple(data.entries)
            names = self.shared.setdefault(names, names)
            parts = tuple(self.value(entry) for entry in data.entries.values())
            return kind, (names, parts, tuple(map(self.unknown, data.rest)))
        match data:
            case Unknown():
                return _UNKNOWN, self.unknown(data)
            case Json(inner):
                return _JSON, self.value(inner)
            case Text():
                return _TEXT, tuple(map(self.part, data.parts))
            case _:
                raise TypeError(f"a value holds `{type(data).__name__}`")

    def part(self, part: TextPart) -> Plain:
        """A piece of a text: an unknown as its number."""
        text = self.unknown(part.text) if isinstance(part.text, Unknown) else part.text
        return text, self.location(part.location), part.verbatim, part.indent

    def resource(self, resource: Resource) -> Plain:
        """A resource: an account that is unknown as its number, absent remarks as -1."""
        account = resource.account
        circumstance = resource.circumstance
        return (
            resource.address,
            resource.type,
            self.value(resource.attributes),
            self.location(resource.location),
            resource.deployment,
            None if circumstance is None else self.circumstance(circumstance),
            resource.construct,
            self.unknown(account) if isinstance(account, Unknown) else account,
            -1 if resource.remarks is None else self.value(resource.remarks),
            resource.provider,
        )

    def circumstance(self, found: Circumstance) -> Plain:
        """The outcome of conditions."""
        return found.outcomes, found.every, found.usual, self.location(found.location)


def encode(reading: Reading) -> Plain:
    """The reading as plain data. Raises TypeError, LookupError or RecursionError where it cannot be told so."""
    tables = _Encoder()
    resources = tuple(map(tables.resource, reading.resources))
    numbers = {id(resource): number for number, resource in enumerate(reading.resources)}
    changes = tuple(
        (tables.resource(change.before), numbers[id(change.after)], change.replaced)
        for change in reading.changes
    )
    problems = tuple((tables.location(one.location), one.message) for one in reading.problems)
    unknowns, missing = (
        tuple((tables.unknown(unknown), tables.location(place)) for unknown, place in listed)
        for listed in (reading.unknowns, reading.missing)
    )
    return (
        tuple((one.path, one.line, one.column, one.end_line, one.end_column) for one in tables.locations),
        tuple((one.expression, one.reason, one.resource, one.many, one.hidden) for one in tables.unknowns),
        tuple(tables.values),
        resources,
        problems,
        reading.files,
        unknowns,
        missing,
        changes,
    )


def decode(plain: Plain) -> Reading:
    """The reading that `encode` has told. Raises TypeError, ValueError, IndexError or KeyError for anything else."""
    was_enabled = gc.isenabled()
    # A million small objects of which none is garbage are not worth looking through.
    gc.disable()
    try:
        return _decode(plain)
    finally:
        if was_enabled:
            gc.enable()


def _decode(plain: Plain) -> Reading:
    places, unknown_rows, value_rows, resource_rows, problems, files, unknown_at, missing_at, changes = plain
    locations = [Location(*row) for row in places]
    unknowns = [Unknown(*row) for row in unknown_rows]
    values = _values(value_rows, locations, unknowns)

    def resource(row: Plain) -> Resource:
        address, kind, attributes, place, deployment, outcome, construct, account, remarks, provider = row
        circumstance = None if outcome is None else _circumstance(outcome, locations)
        return Resource(
            address,
            kind,
            values[attributes],
            locations[place],
            deployment,
            circumstance,
            construct,
            unknowns[account] if isinstance(account, int) else account,
            None if remarks < 0 else values[remarks],
            provider,
        )

    resources = tuple(map(resource, resource_rows))
    return Reading(
        resources,
        tuple(Problem(locations[place], message) for place, message in problems),
        files,
        tuple((unknowns[unknown], locations[place]) for unknown, place in unknown_at),
        tuple((unknowns[unknown], locations[place]) for unknown, place in missing_at),
        tuple(Change(resource(row), resources[after], replaced) for row, after, replaced in changes),
    )


def _circumstance(row: Plain, locations: list[Location]) -> Circumstance:
    outcomes, every, usual, place = row
    return Circumstance(outcomes, every, usual, locations[place])


def _values(rows: Plain, locations: list[Location], unknowns: list[Unknown]) -> list[Value]:
    """The values of a table. A part always stands before what it is a part of."""
    values: list[Value] = []
    lists = {_SET: SetOfValues, _TYPED_LIST: TypedList, _UNORDERED: Unordered}
    made: Any
    for kind, place, data in rows:
        if kind == _SCALAR:
            made = data
        elif kind in (_OBJECT, _TYPED_MAP):
            names, parts, rest = data
            entries = dict(zip(names, [values[part] for part in parts], strict=True))
            make = Object if kind == _OBJECT else TypedMap
            made = make(entries, tuple([unknowns[one] for one in rest]) if rest else ())
        elif kind == _TUPLE:
            made = tuple([values[part] for part in data])
        elif kind == _JSON:
            made = Json(values[data])
        elif kind == _UNKNOWN:
            made = unknowns[data]
        elif kind == _TEXT:
            made = Text(
                tuple(
                    TextPart(unknowns[text] if isinstance(text, int) else text, locations[at], exact, indent)
                    for text, at, exact, indent in data
                )
            )
        else:
            made = lists[kind](values[part] for part in data)
        values.append(Value(made, locations[place]))
    return values
