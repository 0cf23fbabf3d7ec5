"""Terraform's types and the conversions between them.

Sources: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
and https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias

from osreach.iac.terraform.equality import equal
from osreach.iac.terraform.rendering import known_text, scalar_text
from osreach.iac.terraform.scope import EvaluationError, SetOfValues, TypedList, TypedMap, Unordered
from osreach.iac.terraform.syntax import Call, Expression, Literal, Name, ObjectExpression, TupleExpression
from osreach.location import Location
from osreach.value import Data, Json, Object, Scalar, Text, Unknown, Value


class Primitive(StrEnum):
    """A type without parts, or `any`."""

    STRING = "string"
    NUMBER = "number"
    BOOL = "bool"
    ANY = "any"


class Kind(StrEnum):
    """A collection whose elements have one type."""

    LIST = "list"
    SET = "set"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Collection:
    """`list(T)`, `set(T)` or `map(T)`."""

    kind: Kind
    element: Type


@dataclass(frozen=True, slots=True)
class TupleType:
    """`tuple([T, U])`."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of an object type; `default` only where it is optional."""

    type: Type
    optional: bool = False
    default: Value | None = None


@dataclass(frozen=True, slots=True)
class ObjectType:
    """`object({ name = T, other = optional(U, default) })`."""

    fields: Mapping[str, Field]


Type: TypeAlias = Primitive | Collection | TupleType | ObjectType

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def _named(name: str, location: Location) -> Type:
    match name:
        case "string" | "number" | "bool" | "any":
            return Primitive(name)
        case "list" | "set" | "map":
            return Collection(Kind(name), Primitive.ANY)
        case _:
            raise EvaluationError(f"`{name}` is not a type", location)


def _optional(call: Call, evaluate: Callable[[Expression], Value]) -> Field:
    if not call.arguments:
        raise EvaluationError("`optional` needs a type", call.location)
    inner = parse_type(call.arguments[0], evaluate)
    default = evaluate(call.arguments[1]) if len(call.arguments) > 1 else None
    return Field(inner, optional=True, default=default)


def _object_type(expression: ObjectExpression, evaluate: Callable[[Expression], Value]) -> ObjectType:
    fields: dict[str, Field] = {}
    for item in expression.items:
        name = known_text(evaluate(item.key))
        if name is None:
            raise EvaluationError("the name of an attribute must be a constant", expression.location)
        match item.value:
            case Call(name="optional") as call:
                fields[name] = _optional(call, evaluate)
            case other:
                fields[name] = Field(parse_type(other, evaluate))
    return ObjectType(fields)


def parse_type(expression: Expression, evaluate: Callable[[Expression], Value]) -> Type:
    """The type that `expression` writes, as in the `type` of a variable.

    `evaluate` gives the value of constants (defaults of `optional`). The old
    quoted form `type = "list"` is read too. Raises EvaluationError.
    """
    match expression:
        case Name(name, location):
            return _named(name, location)
        case Literal(str() as name, location):
            return _named(name, location)
        case Call("list" | "set" | "map" as kind, (element,)):
            return Collection(Kind(kind), parse_type(element, evaluate))
        case Call("tuple", (TupleExpression(items),)):
            return TupleType(tuple(parse_type(item, evaluate) for item in items))
        case Call("object", (ObjectExpression() as written,)):
            return _object_type(written, evaluate)
        case _:
            raise EvaluationError("this is not a type", expression.location)


def normal_number(number: float) -> int | float:
    """A number without a fraction as an integer."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def number_from(text: str) -> int | float | None:
    """The number that a string writes, or None."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return None
    if exact.adjusted() > 400:
        return None
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def to_number(value: Value) -> int | float | Unknown | None:
    """`value` as a number, by Terraform's rules; raises EvaluationError where it is none."""
    match value.data:
        case None:
            return None
        case Unknown() as unknown:
            return unknown
        case bool():
            raise EvaluationError("a number is required, not a boolean", value.location)
        case float() as number if not math.isfinite(number):
            raise EvaluationError("the number is too large", value.location)
        case int() | float() as number:
            return number
        case tuple() | Object():
            raise EvaluationError("a number is required", value.location)
        case Text() as text if text.known is None:
            return text.unknowns[0]
        case _:
            text_known = known_text(value)
            number_known = None if text_known is None else number_from(text_known)
            if number_known is None:
                raise EvaluationError("a number is required", value.location)
            return number_known


def to_whole(value: Value) -> int | Unknown | None:
    """`value` as a number without a fraction; raises EvaluationError where it is none."""
    match to_number(value):
        case float() as number if number.is_integer():
            return int(number)
        case float():
            raise EvaluationError("a whole number is required", value.location)
        case found:
            return found


def to_boolean(value: Value) -> bool | Unknown | None:
    """`value` as a boolean, by Terraform's rules; raises EvaluationError where it is none."""
    match value.data:
        case None:
            return None
        case bool() as flag:
            return flag
        case Unknown() as unknown:
            return unknown
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case Text() as text:
            match text.known:
                case None:
                    return text.unknowns[0]
                case "true" | "1":
                    return True
                case "false" | "0":
                    return False
    raise EvaluationError("a boolean is required", value.location)


def to_string(value: Value) -> Data:
    """`value` as a string, null or unknown; raises EvaluationError for lists and objects."""
    match value.data:
        case None | str() | Text() | Json() | Unknown():
            return value.data
        case tuple():
            raise EvaluationError("a string is required, not a list", value.location)
        case Object():
            raise EvaluationError("a string is required, not an object", value.location)
        case scalar:
            return scalar_text(scalar)


def unified(values: Iterable[Value]) -> tuple[Value, ...]:
    """The elements of a list of one type: numbers and booleans beside strings become strings."""
    items = tuple(values)
    kinds = {kind for item in items if (kind := _kind(item)) is not None}
    if len(kinds) < 2:
        return items
    if Primitive.STRING in kinds and kinds <= {Primitive.STRING, Primitive.NUMBER, Primitive.BOOL}:
        return tuple(Value(to_string(item), item.location) for item in items)
    return items


def like(value: Value, other: Value) -> Value:
    """`value` in the type that the two sides of a condition have in common: numbers beside strings are strings."""
    match value.data, other.data:
        case (tuple() as items, SetOfValues()) if not isinstance(items, SetOfValues):
            return Value(as_set(items), value.location)
        case (tuple() as items, TypedList()) if type(items) is tuple:
            return Value(TypedList(unified(items)), value.location)
        case (bool() | int() | float(), str() | Text() | Json()):
            return Value(to_string(value), value.location)
        case (tuple() as items, tuple() as others) if type(items) is tuple:
            if len(items) == len(others):
                pairs = zip(items, others, strict=True)
                return Value(tuple(like(item, one) for item, one in pairs), value.location)
            return Value(unified((*items, *others))[: len(items)], value.location)
        case (Object(entries, rest), Object(others_by_name)):
            if entries.keys() == others_by_name.keys():
                changed = {name: like(entry, others_by_name[name]) for name, entry in entries.items()}
            else:
                every = unified((*entries.values(), *others_by_name.values()))
                changed = dict(zip(entries, every, strict=False))
            return Value(Object(changed, rest), value.location)
        case _:
            return value


def _kind(value: Value) -> str | None:
    match value.data:
        case None | Unknown():
            return None
        case bool():
            return Primitive.BOOL
        case int() | float():
            return Primitive.NUMBER
        case str() | Text() | Json():
            return Primitive.STRING
        case tuple():
            return "list"
        case _:
            return "object"


def _set_order(value: Value) -> tuple[int, float, bytes]:
    match value.data:
        case bool() as flag:
            return (0, int(flag), b"")
        case int() | float() as number:
            return (1, number, b"")
        case str() as text:
            return (2, 0, text.encode("utf-8", "surrogatepass"))
        case _:
            return (3, 0, b"")


def as_set(values: Iterable[Value]) -> SetOfValues:
    """A set: elements of one type, each once, strings in the order of their bytes.

    Elements that are not wholly known stand last; each may be equal to another.
    Strings that are known but kept in pieces become plain.
    """
    scalars: dict[tuple[type, Scalar], Value] = {}
    others: list[Value] = []
    for item in unified(values):
        text = known_text(item) if isinstance(item.data, Text | Json) else None
        plain = item if text is None else Value(text, item.location)
        match plain.data:
            case None | bool() | int() | float() | str() as scalar:
                scalars.setdefault((type(scalar), scalar), plain)
            case _:
                if not any(equal(plain, other) for other in others):
                    others.append(plain)
    return SetOfValues((*sorted(scalars.values(), key=_set_order), *others))


def as_list(value: Value) -> tuple[Value, ...]:
    """The elements of a list or set as a list; where the order is not known it says so."""
    match value.data:
        case SetOfValues() as items:
            if any(_set_order(item)[0] == 3 for item in items) and len(items) > 1:
                return Unordered(items)
            return tuple(items)
        case tuple() as items:
            return items
        case _:
            raise EvaluationError("a list is required", value.location)


def _elements(value: Value, element: Type) -> tuple[Value, ...]:
    if element is Primitive.ANY:
        items = unified(value.items)
        kinds = {_kind(item) for item in items} - {None}
        if len(kinds) < 2:
            return items
        if kinds == {Primitive.NUMBER, Primitive.BOOL} and any(
            isinstance(each.data, Unknown) for each in items
        ):
            # If they have a type in common at all, what is unknown is a string, and so they all are.
            return tuple(Value(to_string(each), each.location) for each in items)
        raise EvaluationError("the elements have no type in common", value.location)
    return tuple(convert(item, element) for item in value.items)


def _to_object(value: Value, wanted: ObjectType, source: Object) -> Object:
    entries: dict[str, Value] = {}
    for name, field in wanted.fields.items():
        found = source.entries.get(name)
        if found is None and source.rest:
            rest = source.rest[0]
            unknown = Unknown(f"{rest.expression}.{name}", rest.reason, rest.resource)
            entries[name] = Value(unknown, value.location)
        elif found is None or (found.data is None and field.optional):
            if not field.optional:
                raise EvaluationError(f"the attribute `{name}` is required", value.location)
            default = field.default or Value(None, value.location)
            entries[name] = convert(default, field.type)
        else:
            entries[name] = convert(found, field.type)
    return Object(entries)


def convert(value: Value, wanted: Type) -> Value:
    """`value` as the type `wanted`; unknowns and null stay as they are.

    Raises EvaluationError where Terraform refuses the conversion.
    """
    data = value.data
    if data is None or isinstance(data, Unknown):
        return value
    match wanted:
        case Primitive.ANY:
            return value
        case Primitive.STRING:
            converted = to_string(value)
            return value if converted is data else Value(converted, value.location)
        case Primitive.NUMBER:
            return Value(to_number(value), value.location)
        case Primitive.BOOL:
            return Value(to_boolean(value), value.location)
        case Collection(Kind.MAP, element):
            return _to_map(value, element)
        case Collection(Kind.SET, element):
            if not isinstance(data, tuple):
                raise EvaluationError("a set is required", value.location)
            return Value(as_set(_elements(value, element)), value.location)
        case Collection(_, element):
            if not isinstance(data, tuple):
                raise EvaluationError("a list is required", value.location)
            items = as_list(Value(data, value.location))
            converted_items = _elements(Value(tuple(items), value.location), element)
            if isinstance(items, Unordered):
                return Value(Unordered(converted_items), value.location)
            return Value(TypedList(converted_items), value.location)
        case TupleType(types):
            if not isinstance(data, tuple) or len(data) != len(types):
                raise EvaluationError(f"a tuple of {len(types)} elements is required", value.location)
            pairs = zip(data, types, strict=True)
            return Value(tuple(convert(item, item_type) for item, item_type in pairs), value.location)
        case ObjectType():
            if not isinstance(data, Object):
                raise EvaluationError("an object is required", value.location)
            return Value(_to_object(value, wanted, data), value.location)


def _to_map(value: Value, element: Type) -> Value:
    if not isinstance(value.data, Object):
        raise EvaluationError("a map is required", value.location)
    names = tuple(value.data.entries)
    entries = value.data.entries.values()
    if element is Primitive.ANY:
        converted = unified(entries)
    else:
        converted = tuple(convert(entry, element) for entry in entries)
    return Value(TypedMap(dict(zip(names, converted, strict=True)), value.data.rest), value.location)
