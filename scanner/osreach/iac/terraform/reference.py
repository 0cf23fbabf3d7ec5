"""What attributes, indexes and splats take of values and of the instances of resources and modules.

Source: https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from osreach.iac.terraform.access import attribute_of, in_order, index_of
from osreach.iac.terraform.conversion import to_number
from osreach.iac.terraform.equality import is_many
from osreach.iac.terraform.rendering import described, known_text, unknown_from
from osreach.iac.terraform.scope import (
    Counted,
    EvaluationError,
    Expansion,
    Instance,
    Keyed,
    Scope,
    Single,
    Undetermined,
    Unordered,
)
from osreach.iac.terraform.syntax import Name
from osreach.location import Location
from osreach.value import Object, Unknown, Value


@dataclass(frozen=True, slots=True)
class AttributeStep:
    """`.name`."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class IndexStep:
    """`[key]`; `label` is what the index is taken of as it is written, where that is plain."""

    key: Value
    location: Location
    label: str = ""


@dataclass(frozen=True, slots=True)
class SplatStep:
    """`[*]` or `.*` with the steps that are taken of every element."""

    each: tuple[Step, ...]
    location: Location


Step: TypeAlias = AttributeStep | IndexStep | SplatStep


def _name(steps: Sequence[Step], position: int, root: Name) -> str:
    """The name that stands behind the root of a reference."""
    if position < len(steps):
        match steps[position]:
            case AttributeStep(name):
                return name
            case IndexStep(key) if isinstance(key.data, str):
                return key.data
    raise EvaluationError(f"`{root.name}` needs a name behind it", root.location)


def of_module(root: Name, steps: Sequence[Step], scope: Scope) -> Value:
    """The value of a reference to something that the module declares. Raises EvaluationError."""
    module = scope.module
    place = steps[-1].location if steps else root.location
    match root.name:
        case "var":
            return follow(module.variable(_name(steps, 0, root), place), steps[1:])
        case "local":
            return follow(module.local(_name(steps, 0, root), place), steps[1:])
        case "path":
            return follow(module.path(_name(steps, 0, root), place), steps[1:])
        case "terraform" | "tofu":
            name = _name(steps, 0, root)
            unknown = Unknown(f"terraform.{name}", "it is chosen when Terraform runs")
            return follow(Value(unknown, place), steps[1:])
        case "each" | "count" | "self":
            raise EvaluationError(f"`{root.name}` is used where there is none", root.location)
        case "module":
            name = _name(steps, 0, root)
            return _expanded(module.call(name, steps[0].location), steps[1:], scope, f"module.{name}", place)
        case "data":
            kind, name = _name(steps, 0, root), _name(steps, 1, root)
            found = module.resource(kind, name, steps[1].location, data=True)
            return _expanded(found, steps[2:], scope, f"data.{kind}.{name}", place)
        case "ephemeral":
            kind, name = _name(steps, 0, root), _name(steps, 1, root)
            unknown = Unknown(f"ephemeral.{kind}.{name}", "it exists only while Terraform runs")
            return follow(Value(unknown, place), steps[2:])
        case kind:
            if not steps:
                raise EvaluationError(f"`{kind}` is not the name of anything here", root.location)
            name = _name(steps, 0, root)
            found = module.resource(kind, name, steps[0].location, data=False)
            return _expanded(found, steps[1:], scope, f"{kind}.{name}", place)


def _expanded(
    found: Expansion | Unknown, steps: Sequence[Step], scope: Scope, name: str, location: Location
) -> Value:
    """What `steps` take of the instances of a resource or module."""
    label = scope.module.prefix + name
    match found:
        case Unknown() as unknown:
            return follow(Value(unknown, location), steps)
        case Single(instance):
            return _of_instance(instance, steps, location)
        case Counted(instances):
            return _of_counted(instances, steps, label, location)
        case Keyed():
            return _of_keyed(found, steps, label, location)
        case Undetermined():
            return _of_undetermined(found, steps, scope, label, location)


def _of_instance(instance: Instance, steps: Sequence[Step], location: Location) -> Value:
    if not steps:
        return instance.whole(location)
    match steps[0]:
        case AttributeStep(name, place):
            return follow(instance.attribute(name, place), steps[1:])
        case IndexStep(key, place):
            text = known_text(key)
            if text is None or text.isdigit():
                raise EvaluationError("an index is asked of something without `count` and `for_each`", place)
            return follow(instance.attribute(text, place), steps[1:])
        case SplatStep(each, place):
            value = _of_instance(instance, each, place)
            return follow(Value((value,), place), steps[1:])


def _of_counted(
    instances: tuple[Instance, ...], steps: Sequence[Step], label: str, location: Location
) -> Value:
    if not steps:
        return Value(tuple(instance.whole(location) for instance in instances), location)
    match steps[0]:
        case IndexStep(key, place):
            number = to_number(key)
            if isinstance(number, Unknown) or number is None:
                unknown = Unknown(f"{label}[{described(key)}]", "the index is not known")
                return follow(Value(unknown, place), steps[1:])
            if not 0 <= number < len(instances) or isinstance(number, float):
                raise EvaluationError(f"`{label}` has {len(instances)} instances, none is {number}", place)
            return _of_instance(instances[number], steps[1:], location)
        case SplatStep(each, place):
            values = tuple(_of_instance(instance, each, place) for instance in instances)
            return follow(Value(values, place), steps[1:])
        case AttributeStep(name, place):
            if name.isdigit() and int(name) < len(instances):
                return _of_instance(instances[int(name)], steps[1:], location)
            raise EvaluationError(f"`{label}` has `count`: an instance must be picked first", place)


def _of_keyed(found: Keyed, steps: Sequence[Step], label: str, location: Location) -> Value:
    instances: Mapping[str, Instance] = found.instances
    match steps:
        case [(IndexStep() | AttributeStep()) as step, *_]:
            key = step.key if isinstance(step, IndexStep) else Value(step.name, step.location)
            name = known_text(key)
            if name is not None and name in instances:
                return _of_instance(instances[name], steps[1:], location)
            if name is not None and not found.rest:
                raise EvaluationError(f"`{label}` has no instance `{name}`", step.location)
            reason = found.rest[0].reason if found.rest else "the key is not known"
            unknown = Unknown(f"{label}[{described(key)}]", reason)
            return follow(Value(unknown, step.location), steps[1:])
        case _:
            whole = {name: instance.whole(location) for name, instance in instances.items()}
            return follow(Value(Object(whole, found.rest), location), steps)


def _of_undetermined(
    found: Undetermined, steps: Sequence[Step], scope: Scope, label: str, location: Location
) -> Value:
    """What is taken of something that may not exist: known only where it is taken for granted."""
    if found.conditions and found.conditions <= scope.assumed:
        # It exists under the condition under which what refers to it exists.
        return _of_counted((found.at("0"),), steps, label, location)
    reason = f"the number of instances depends on `{found.unknown.expression}`"
    match steps:
        case [IndexStep(key, place), *_]:
            text = known_text(key)
            if text is not None and not scope.trying:
                return _of_instance(found.at(text), steps[1:], location)
            unknown = Unknown(f"{label}[{described(key)}]", reason, label)
            return follow(Value(unknown, place), steps[1:])
        case [SplatStep(each, place), *_]:
            names = (f".{step.name}" for step in each if isinstance(step, AttributeStep))
            many = Unknown(f"{label}[*]{''.join(names)}", reason, label, many=True)
            return follow(Value((Value(many, place),), place), steps[1:])
        case _:
            return follow(Value(Unknown(label, reason, label), location), steps)


def follow(value: Value, steps: Sequence[Step]) -> Value:
    """What `steps` take of a value. Raises EvaluationError."""
    for step in steps:
        match step:
            case AttributeStep(name, place):
                value = attribute_of(value, name, place)
            case IndexStep(key, place, label):
                value = index_of(value, key, place, label)
            case SplatStep(each, place):
                value = _splat(value, each, place)
    return value


def _splat(value: Value, each: Sequence[Step], location: Location) -> Value:
    match value.data:
        case None:
            return Value((), location)
        case Unknown() as unknown:
            element = replace(unknown, expression=f"{unknown.expression}[*]", many=True)
            return Value((as_many(follow(Value(element, location), each)),), location)
        case tuple() as items:
            results = []
            for item in items:
                result = follow(item, each)
                results.append(as_many(result) if is_many(item) else result)
            return Value(same_order(value, results), location)
        case _:
            return Value((follow(value, each),), location)


def same_order(collection: Value, results: Iterable[Value]) -> tuple[Value, ...]:
    """`results`, one for each element of `collection`, as a tuple that knows as much about its order."""
    return tuple(results) if in_order(collection) else Unordered(results)


def as_many(value: Value) -> Value:
    """An element that stands for any number of elements."""
    if is_many(value):
        return value
    match value.data:
        case Unknown() as unknown:
            return Value(replace(unknown, many=True), value.location)
        case _:
            unknown = unknown_from(described(value), value)
            return Value(replace(unknown, many=True), value.location)
