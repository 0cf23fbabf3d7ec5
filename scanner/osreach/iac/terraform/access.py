"""Attributes, elements and pairs of values, where parts may be unknown.

Source: https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from osreach.iac.terraform.conversion import to_number
from osreach.iac.terraform.equality import equal, is_many
from osreach.iac.terraform.rendering import described, known_text, unknown_from
from osreach.iac.terraform.scope import EvaluationError, NullError, SetOfValues, Unordered
from osreach.location import Location
from osreach.value import Json, Object, Scalar, Text, Unknown, Value


def kind_of(value: Value) -> str:
    """What `value` is, for messages: `a list`, `a string`."""
    match value.data:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str() | Text() | Json():
            return "a string"
        case SetOfValues():
            return "a set"
        case tuple():
            return "a list"
        case Object():
            return "an object"
        case _:
            return "unknown"


def attribute_of(value: Value, name: str, location: Location) -> Value:
    """`value.name`; an unknown where it may exist. Raises EvaluationError where it cannot."""
    match value.data:
        case Object(entries, rest):
            found = entries.get(name)
            if found is not None:
                return found
            if rest:
                inner = Unknown(f"{rest[0].expression}.{name}", rest[0].reason, rest[0].resource)
                return Value(inner, location)
            raise EvaluationError(f"the object has no attribute `{name}`", location)
        case Unknown() as unknown:
            return Value(replace(unknown, expression=f"{unknown.expression}.{name}"), location)
        case tuple() if name.isdigit():
            return index_of(value, Value(int(name), location), location)
        case other:
            fault = NullError if other is None else EvaluationError
            raise fault(f"`{name}` is asked of {kind_of(value)}, which has no attributes", location)


def index_of(value: Value, key: Value, location: Location, label: str = "") -> Value:
    """`value[key]`; `label` names the value where the result is unknown. Raises EvaluationError."""
    if key.data is None:
        raise NullError("the index is null", location)
    match value.data:
        case Unknown() as unknown:
            return Value(replace(unknown, expression=f"{unknown.expression}[{described(key)}]"), location)
        case SetOfValues():
            raise EvaluationError("a set has no index", location)
        case tuple() as items:
            return _element(value, items, key, location, label)
        case Object() as found:
            text = known_text(key)
            if text is not None:
                return attribute_of(value, text, location)
            return _undecided(
                value, key, location, label, tuple(found.entries.values()), maybe=bool(found.rest)
            )
        case None:
            raise NullError("an element is asked of null", location)
        case _:
            raise EvaluationError(f"an element is asked of {kind_of(value)}", location)


def _element(value: Value, items: tuple[Value, ...], key: Value, location: Location, label: str) -> Value:
    number = to_number(key)
    if isinstance(number, Unknown) or number is None:
        return _undecided(value, key, location, label, items, maybe=any(is_many(item) for item in items))
    if isinstance(number, float) or number < 0:
        raise EvaluationError(f"`{described(key)}` is not an index", location)
    if isinstance(items, Unordered) and len(items) > 1:
        return _undecided(value, key, location, label, items, maybe=True)
    for position, item in enumerate(items):
        if is_many(item):
            return _undecided(value, key, location, label, items, maybe=True)
        if position == number:
            return item
    raise EvaluationError(f"the list has {len(items)} elements, none with the index {number}", location)


def _undecided(
    value: Value, key: Value, location: Location, label: str, choices: tuple[Value, ...], *, maybe: bool
) -> Value:
    """The element that an unknown key picks: known only where all elements are the same."""
    if not maybe and choices and all(equal(choices[0], other) is True for other in choices[1:]):
        return choices[0]
    text = f"{label or described(value)}[{described(key)}]"
    return Value(unknown_from(text, key, value), location)


def in_order(collection: Value) -> bool:
    """Whether the order of what `pairs_of` gives is known."""
    match collection.data:
        case Unordered() as items:
            return len(items) < 2
        case SetOfValues() as items:
            return len(items) < 2 or all(isinstance(item.data, Scalar) for item in items)
        case Object(entries, rest):
            return not (entries and rest)
        case _:
            return True


@dataclass(frozen=True, slots=True)
class Pair:
    """One step of an iteration; `many` where it stands for any number of steps."""

    key: Value
    value: Value
    many: bool = False


def _many(unknown: Unknown, location: Location) -> Pair:
    expression = f"{unknown.expression}[*]"
    value = Unknown(expression, unknown.reason, unknown.resource, many=True)
    key = Unknown(f"keys({unknown.expression})[*]", unknown.reason, unknown.resource, many=True)
    return Pair(Value(key, location), Value(value, location), many=True)


def pairs_of(collection: Value) -> Iterator[Pair]:
    """What `for key, value in collection` goes through, in Terraform's order. Raises EvaluationError."""
    place = collection.location
    match collection.data:
        case Unknown() as unknown:
            yield _many(unknown, place)
        case SetOfValues() as items:
            for item in items:
                yield Pair(item, item, is_many(item))
        case tuple() as items:
            exact = not isinstance(items, Unordered)
            for position, item in enumerate(items):
                many = is_many(item)
                exact = exact and not many
                if exact:
                    yield Pair(Value(position, place), item)
                else:
                    key = unknown_from(f"index({described(collection)}, {described(item)})", collection)
                    yield Pair(Value(replace(key, many=many), place), item, many)
        case Object(entries, rest):
            for name in sorted(entries, key=lambda name: name.encode("utf-8", "surrogatepass")):
                yield Pair(Value(name, place), entries[name])
            for unknown in rest:
                yield _many(unknown, place)
        case _:
            raise EvaluationError(f"{kind_of(collection)} cannot be iterated over", place)
