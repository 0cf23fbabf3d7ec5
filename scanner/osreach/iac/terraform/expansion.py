"""`count` and `for_each`: which instances a resource or a module call has.

Sources: https://developer.hashicorp.com/terraform/language/meta-arguments/count
and https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from osreach.iac.terraform.access import pairs_of
from osreach.iac.terraform.body import reported
from osreach.iac.terraform.conversion import to_number
from osreach.iac.terraform.evaluate import evaluate
from osreach.iac.terraform.rendering import first_unknown, known_text
from osreach.iac.terraform.scope import (
    Counted,
    EvaluationError,
    Expansion,
    Instance,
    Keyed,
    Scope,
    SetOfValues,
    Single,
    Undetermined,
)
from osreach.iac.terraform.syntax import Assignment, Binary, Block, Conditional, Expression, Operator
from osreach.location import Location
from osreach.value import Object, Unknown, Value

MOST_INSTANCES = 1_000
"""Instances of one resource beyond this number are not read."""

Make: TypeAlias = Callable[[str, Scope], Instance]
"""Makes the instance with an index (`[0]`, `["a"]`, or empty) in a scope with `count` or `each`."""


def _most(expression: Expression, scope: Scope) -> int | None:
    """The largest number that a count may be, where its condition is all that is not known."""
    try:
        if isinstance(expression, Conditional):
            sides = (_most(expression.then, scope), _most(expression.otherwise, scope))
            return None if sides[0] is None or sides[1] is None else max(sides[0], sides[1])
        number = to_number(evaluate(expression, replace(scope, trying=True)))
    except EvaluationError:
        return None
    return None if isinstance(number, Unknown | None) else int(number)


def _conditions(expression: Expression, scope: Scope) -> frozenset[str]:
    """The unknown conditions that `condition ? 1 : 0` joins with `&&`; empty for anything else."""
    if not isinstance(expression, Conditional) or _most(expression.otherwise, scope) != 0:
        return frozenset()
    return frozenset(_joined(expression.condition, scope))


def _joined(expression: Expression, scope: Scope) -> Iterator[str]:
    if isinstance(expression, Binary) and expression.operator is Operator.AND:
        yield from _joined(expression.left, scope)
        yield from _joined(expression.right, scope)
        return
    try:
        value = evaluate(expression, replace(scope, trying=True))
    except EvaluationError:
        return
    if isinstance(value.data, Unknown):
        yield value.data.expression


def _object(location: Location, **entries: Value) -> Value:
    return Value(Object(entries), location)


def _counted(written: Assignment, scope: Scope, make: Make, name: str) -> Expansion | Unknown:
    place = written.location

    def at(index: Value) -> Instance:
        text = known_text(index)
        bound = scope.bind_all({"count": _object(place, index=index)})
        return make("" if text is None else f"[{text}]", bound)

    value = reported(written.expression, scope, f"{name}.count")
    try:
        number = to_number(value)
    except EvaluationError as error:
        scope.module.report(error.message, written.location)
        number = Unknown(f"{name}.count", error.message)
    if number is None:
        scope.module.report("`count` is null", written.location)
        number = Unknown(f"{name}.count", "it is null")
    if isinstance(number, Unknown):
        most = _most(written.expression, scope)
        index = Value(0, place) if most == 1 else Value(Unknown(f"{name}[count.index]", number.reason), place)
        conditions = _conditions(written.expression, scope) if most == 1 else frozenset()
        inner = replace(scope, assumed=scope.assumed | conditions, perhaps=True)

        def taken(key: str) -> Instance:
            bound = inner.bind_all(
                {"count": _object(place, index=Value(int(key) if key.isdigit() else 0, place))}
            )
            return make(f"[{key}]", bound)

        general = make("", inner.bind_all({"count": _object(place, index=index)}))
        return Undetermined(general, number, taken, conditions)
    if number < 0:
        scope.module.report("`count` is negative", written.location)
        number = 0
    if number > MOST_INSTANCES:
        message = f"`count` is {int(number)}; the first {MOST_INSTANCES:,} instances are read"
        scope.module.report(message, written.location)
    return Counted(tuple(at(Value(position, place)) for position in range(min(int(number), MOST_INSTANCES))))


def _each(written: Assignment, scope: Scope, make: Make, name: str) -> Expansion | Unknown:
    place = written.location

    def at(key: str, value: Value) -> Instance:
        each = _object(place, key=Value(key, place), value=value)
        return make(f"[{json.dumps(key, ensure_ascii=False)}]", scope.bind_all({"each": each}))

    def general(unknown: Unknown) -> Undetermined:
        element = Unknown(f"{name}[each.key]", unknown.reason)
        value = Unknown(f"{unknown.expression}[*]", unknown.reason)
        each = _object(place, key=Value(element, place), value=Value(value, place))
        inner = make("", replace(scope, perhaps=True).bind_all({"each": each}))
        return Undetermined(inner, unknown, lambda key: at(key, Value(value, place)))

    collection = reported(written.expression, scope, f"{name}.for_each")
    match collection.data:
        case Unknown() as unknown:
            return general(unknown)
        case SetOfValues() | Object():
            pass
        case tuple():
            scope.module.report("`for_each` is a list; it needs a set of strings or a map", written.location)
        case _:
            scope.module.report("`for_each` needs a set of strings or a map", written.location)
            return general(Unknown(f"{name}.for_each", "it is neither a set nor a map"))
    instances: dict[str, Instance] = {}
    rest: list[Unknown] = []
    pairs = list(pairs_of(collection))
    if len(pairs) > MOST_INSTANCES:
        message = f"`for_each` has {len(pairs)} elements; the first {MOST_INSTANCES:,} are read"
        scope.module.report(message, written.location)
    for pair in pairs[:MOST_INSTANCES]:
        key = pair.value if isinstance(collection.data, tuple) else pair.key
        text = None if pair.many else known_text(key)
        if text is None:
            found = first_unknown(key)
            rest.append(found or Unknown(f"{name}[each.key]", "the key is not a string"))
        else:
            instances[text] = at(text, pair.value)
    if not instances and rest:
        return general(rest[0])
    return Keyed(instances, tuple(rest))


def expand(block: Block, scope: Scope, make: Make, name: str) -> Expansion | Unknown:
    """The instances that `count` or `for_each` of `block` make; `name` is the address without an index.

    Where the number is not known, one instance stands for each of them.
    """
    count = block.assignment("count")
    if count is not None:
        return _counted(count, scope, make, name)
    each = block.assignment("for_each")
    if each is not None:
        return _each(each, scope, make, name)
    return Single(make("", scope))


def instances_of(expansion: Expansion | Unknown) -> Mapping[str, Instance]:
    """The instances by their index as addresses write it."""
    match expansion:
        case Single(instance) | Undetermined(instance):
            return {"": instance}
        case Counted(instances):
            return {f"[{number}]": instance for number, instance in enumerate(instances)}
        case Keyed(instances):
            return {f"[{json.dumps(key, ensure_ascii=False)}]": found for key, found in instances.items()}
        case _:
            return {}
