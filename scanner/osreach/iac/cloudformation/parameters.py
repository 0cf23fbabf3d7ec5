"""Parameters of a template and the values that are known for them.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from osreach.iac.cloudformation.text import scalar_text
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Object, Text, Unknown, Value

NOT_GIVEN = "no default and no value given"
"""Why a parameter has no value."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    `value` is what `Ref` gives: what the user or the calling stack gave, else
    the default, else an unknown. `fixed` is true where nothing else can be given
    at the deployment.
    """

    value: Value
    location: Location
    allowed: tuple[Value, ...] = ()
    is_list: bool = False
    fixed: bool = False


def read_parameters(
    declared: Mapping[str, Value],
    told: Mapping[str, str],
    passed: Mapping[str, Value] | None,
    problems: list[Problem],
    prefix: str = "",
) -> dict[str, Parameter]:
    """Every declared parameter; `told` by the user, `passed` by the stack around (None: there is none).

    `prefix` tells the parameters of a nested stack from those of others.
    """
    return {
        name: _parameter(name, declaration, told.get(name), passed, problems, prefix)
        for name, declaration in declared.items()
    }


def _parameter(
    name: str,
    declaration: Value,
    told: str | None,
    passed: Mapping[str, Value] | None,
    problems: list[Problem],
    prefix: str,
) -> Parameter:
    location = declaration.location
    if not isinstance(declaration.data, Object):
        problems.append(Problem(location, f"the parameter `{name}` is no mapping"))
    kind = declaration.get("Type")
    type_name = (kind.text if kind is not None else None) or "String"
    is_list = type_name.startswith("List<") or type_name == "CommaDelimitedList"
    allowed_value = declaration.get("AllowedValues")
    allowed = tuple(
        Value(word, item.location)
        for item in (allowed_value.items if allowed_value is not None else ())
        if (word := _word(item)) is not None
    )
    if passed is not None and name in passed:
        given = passed[name]
        fixed = not isinstance(given.data, Unknown)
        return Parameter(_as_list(given) if is_list else given, location, allowed, is_list, fixed)
    if type_name.startswith("AWS::SSM::Parameter::Value<"):
        unknown = Unknown(f"{prefix}{name}", "it is read from Parameter Store when the stack is deployed")
        return Parameter(Value(unknown, location), location, is_list="List<" in type_name)
    default = declaration.get("Default")
    value = Value(told, location) if told is not None else default
    fixed = told is not None or passed is not None
    if value is None or value.data is None:
        no_echo = declaration.get("NoEcho")
        hidden = no_echo is not None and _word_of_switch(no_echo) == "true"
        missing = _missing(f"{prefix}{name}", type_name, location, is_list=is_list, hidden=hidden)
        return Parameter(missing, location, allowed, is_list)
    word = _word(value)
    value = value if word is None else Value(word, value.location)
    return Parameter(_as_list(value) if is_list else value, location, allowed, is_list, fixed)


def _word(value: Value) -> str | None:
    """A default or an allowed value: the deployment takes every parameter as text."""
    match value.data:
        case str() | int() | float() as scalar:
            return scalar_text(scalar)
        case _:
            return value.text


def _word_of_switch(value: Value) -> str:
    """`true` or `false`, whether it is written as a boolean or as text."""
    return str(value.data if value.text is None else value.text).lower()


def _missing(name: str, type_name: str, location: Location, *, is_list: bool, hidden: bool) -> Value:
    reason = NOT_GIVEN
    if not is_list:
        return Value(Unknown(name, reason, hidden=hidden), location)
    more = Value(Unknown(name, reason, many=True), location)
    if "AWS::" in type_name:
        # each element must exist in the account, so that there is at least one
        first = Value(Unknown(f"Fn::Select 0 of {name}", reason), location)
        return Value((first, more), location)
    return Value((more,), location)


def _as_list(value: Value) -> Value:
    """A list from a text with commas, as the deployment takes it."""
    text = value.text
    if isinstance(value.data, Text) and text is None:
        unknown = value.data.unknowns[0]
        more = Unknown(unknown.expression, "a part of the list is not known", many=True)
        return Value((Value(more, value.location),), value.location)
    if text is None:
        return value
    return Value(tuple(Value(word.strip(), value.location) for word in text.split(",")), value.location)
