"""From an expression to a value, where only what is not known is unknown.

Source: https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from osreach.iac.terraform import functions, operators
from osreach.iac.terraform.access import Pair, attribute_of, index_of, kind_of, pairs_of
from osreach.iac.terraform.conversion import like, to_boolean, to_number, to_string
from osreach.iac.terraform.equality import equal, is_many
from osreach.iac.terraform.rendering import described, joined, known_text, nodes, text_parts, unknown_from
from osreach.iac.terraform.scope import (
    MAXIMUM_ELEMENTS,
    BudgetError,
    Counted,
    EvaluationError,
    Expansion,
    Instance,
    Keyed,
    Scope,
    Single,
    TypedList,
    Undetermined,
    Unordered,
)
from osreach.iac.terraform.syntax import (
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    ForObject,
    ForTuple,
    Index,
    Literal,
    Name,
    ObjectExpression,
    Operator,
    Splat,
    Template,
    TemplateExpression,
    TemplateFor,
    TemplateIf,
    TemplatePart,
    TemplateText,
    TupleExpression,
    Unary,
)
from osreach.location import Location
from osreach.value import Json, Object, TextPart, Unknown, Value

_Step: TypeAlias = Attribute | Index | Splat


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of `expression`; raises EvaluationError where Terraform would refuse it."""
    scope.budget.spend(1, expression.location)
    match expression:
        case Literal(value, location):
            return Value(value, location)
        case Template():
            return _template(expression, scope)
        case Name() | Attribute() | Index() | Splat():
            return _reference(expression, scope)
        case TupleExpression(items, location):
            return Value(tuple(_guarded(item, scope) for item in items), location)
        case ObjectExpression():
            return _object(expression, scope)
        case Call():
            return _call(expression, scope)
        case Conditional():
            return _conditional(expression, scope)
        case Binary():
            return _binary(expression, scope)
        case Unary(operator, operand, location):
            return operators.unary(operator, evaluate(operand, scope), location)
        case ForTuple():
            return _for_tuple(expression, scope)
        case ForObject():
            return _for_object(expression, scope)


def _guarded(expression: Expression, scope: Scope) -> Value:
    """The value of a part of a larger value, whose fault need not take the whole with it."""
    try:
        return evaluate(expression, scope)
    except BudgetError:
        raise
    except EvaluationError as error:
        if scope.trying:
            raise
        scope.module.report(error.message, error.location)
        return Value(
            Unknown(f"an invalid expression at {_at(expression.location)}", error.message),
            expression.location,
        )


def _at(location: Location) -> str:
    return f"{location.path}:{location.line}:{location.column}"


# Templates


def _template(template: Template, scope: Scope) -> Value:
    parts = template.parts
    if not template.heredoc and len(parts) == 1 and isinstance(parts[0], TemplateExpression):
        return evaluate(parts[0].expression, scope)
    if template.heredoc:
        encoded = _lone_json(parts, scope)
        if encoded is not None:
            return encoded
    pieces = tuple(_template_parts(parts, scope))
    return Value(joined(pieces, keep=template.heredoc), template.location)


def _lone_json(parts: Sequence[TemplatePart], scope: Scope) -> Value | None:
    """The JSON of a heredoc that holds one JSON value and blanks, which mean nothing around it."""
    expressions = [part for part in parts if not isinstance(part, TemplateText)]
    if len(expressions) != 1 or not isinstance(expressions[0], TemplateExpression):
        return None
    if any(isinstance(part, TemplateText) and part.text.strip() for part in parts):
        return None
    value = evaluate(expressions[0].expression, scope)
    return value if isinstance(value.data, Json) else None


def template_value(parts: Sequence[TemplatePart], location: Location, scope: Scope) -> Value:
    """The text of a template file, in pieces, so that places inside it can be told."""
    return Value(joined(_template_parts(parts, scope), keep=True), location)


def _template_parts(parts: Sequence[TemplatePart], scope: Scope) -> Iterator[TextPart]:
    for part in parts:
        match part:
            case TemplateText(text, location, verbatim, indent):
                yield TextPart(text, location, verbatim, indent)
            case TemplateExpression(expression, location):
                yield from text_parts(evaluate(expression, scope), location)
            case TemplateIf():
                yield from _template_if(part, scope)
            case TemplateFor():
                yield from _template_for(part, scope)


def _template_if(part: TemplateIf, scope: Scope) -> Iterator[TextPart]:
    condition = _condition(part.condition, scope)
    if isinstance(condition, bool):
        yield from _template_parts(part.then if condition else part.otherwise, scope)
        return
    label = f"%{{ if {condition.expression} }}"
    try:
        swallowing = replace(scope, trying=True)
        then = Value(joined(_template_parts(part.then, swallowing)), part.location)
        otherwise = Value(joined(_template_parts(part.otherwise, swallowing)), part.location)
    except BudgetError:
        raise
    except EvaluationError:
        yield TextPart(Unknown(label, condition.reason), part.location)
        return
    either = _either(condition, then, otherwise, part.location)
    yield from text_parts(either, part.location)


def _template_for(part: TemplateFor, scope: Scope) -> Iterator[TextPart]:
    collection = evaluate(part.collection, scope)
    for pair in pairs_of(collection):
        if pair.many:
            label = f"%{{ for {part.value} in {described(collection)} }}"
            yield TextPart(unknown_from(label, collection), part.location)
        else:
            yield from _template_parts(part.body, _with_pair(scope, part.key, part.value, pair))


# References


def _reference(expression: Name | _Step, scope: Scope) -> Value:
    steps: list[_Step] = []
    node: Expression = expression
    while isinstance(node, Attribute | Index | Splat):
        steps.append(node)
        node = node.target
    steps.reverse()
    if not isinstance(node, Name):
        return _follow(evaluate(node, scope), steps, scope)
    bound = scope.names.get(node.name)
    if bound is not None:
        return _follow(bound, steps, scope)
    if scope.closed:
        raise EvaluationError(f"`{node.name}` is not among the values given to this template", node.location)
    return _global(node, steps, scope)


def _step_name(steps: Sequence[_Step], position: int, root: Name) -> str:
    if position < len(steps):
        match steps[position]:
            case Attribute(name=name):
                return name
            case Index(key=Literal(str() as name)):
                return name
    raise EvaluationError(f"`{root.name}` needs a name behind it", root.location)


def _global(root: Name, steps: Sequence[_Step], scope: Scope) -> Value:
    module = scope.module
    place = root.location if not steps else steps[-1].location
    match root.name:
        case "var":
            return _follow(module.variable(_step_name(steps, 0, root), place), steps[1:], scope)
        case "local":
            return _follow(module.local(_step_name(steps, 0, root), place), steps[1:], scope)
        case "path":
            return _follow(module.path(_step_name(steps, 0, root), place), steps[1:], scope)
        case "terraform" | "tofu":
            name = _step_name(steps, 0, root)
            unknown = Unknown(f"terraform.{name}", "it is chosen when Terraform runs")
            return _follow(Value(unknown, place), steps[1:], scope)
        case "each" | "count" | "self":
            raise EvaluationError(f"`{root.name}` is used where there is none", root.location)
        case "module":
            name = _step_name(steps, 0, root)
            return _expanded(module.call(name, steps[0].location), steps[1:], scope, f"module.{name}", place)
        case "data":
            kind, name = _step_name(steps, 0, root), _step_name(steps, 1, root)
            found = module.resource(kind, name, steps[1].location, data=True)
            return _expanded(found, steps[2:], scope, f"data.{kind}.{name}", place)
        case "ephemeral":
            kind, name = _step_name(steps, 0, root), _step_name(steps, 1, root)
            unknown = Unknown(f"ephemeral.{kind}.{name}", "it exists only while Terraform runs")
            return _follow(Value(unknown, place), steps[2:], scope)
        case kind:
            if not steps:
                raise EvaluationError(f"`{kind}` is not the name of anything here", root.location)
            name = _step_name(steps, 0, root)
            found = module.resource(kind, name, steps[0].location, data=False)
            return _expanded(found, steps[1:], scope, f"{kind}.{name}", place)


def _expanded(
    found: Expansion | Unknown, steps: Sequence[_Step], scope: Scope, label: str, location: Location
) -> Value:
    """What `steps` take of the instances of a resource or module."""
    label = scope.module.prefix + label
    match found:
        case Unknown() as unknown:
            return _follow(Value(unknown, location), steps, scope)
        case Single(instance):
            return _of_instance(instance, steps, scope, location)
        case Counted(instances):
            return _of_counted(instances, steps, scope, label, location)
        case Keyed(instances, rest):
            return _of_keyed(instances, rest, steps, scope, label, location)
        case Undetermined():
            return _of_undetermined(found, steps, scope, label, location)


def _of_instance(instance: Instance, steps: Sequence[_Step], scope: Scope, location: Location) -> Value:
    if not steps:
        return instance.whole(location)
    match steps[0]:
        case Attribute(name=name, location=place):
            return _follow(instance.attribute(name, place), steps[1:], scope)
        case Index(key=key, location=place):
            text = known_text(evaluate(key, scope))
            if text is None or text.isdigit():
                raise EvaluationError("an index is asked of something without `count` and `for_each`", place)
            return _follow(instance.attribute(text, place), steps[1:], scope)
        case Splat(each=each, location=place):
            value = _of_instance(instance, _steps_of(each), scope, place)
            return _follow(Value((value,), place), steps[1:], scope)


def _steps_of(each: Expression) -> list[_Step]:
    """The steps that a splat takes of every element."""
    steps: list[_Step] = []
    while isinstance(each, Attribute | Index | Splat):
        steps.append(each)
        each = each.target
    steps.reverse()
    return steps


def _of_counted(
    instances: tuple[Instance, ...], steps: Sequence[_Step], scope: Scope, label: str, location: Location
) -> Value:
    if not steps:
        return Value(tuple(instance.whole(location) for instance in instances), location)
    match steps[0]:
        case Index(key=key, location=place):
            number = to_number(evaluate(key, scope))
            if isinstance(number, Unknown) or number is None:
                unknown = Unknown(f"{label}[{described(evaluate(key, scope))}]", "the index is not known")
                return _follow(Value(unknown, place), steps[1:], scope)
            if not 0 <= number < len(instances) or isinstance(number, float):
                raise EvaluationError(f"`{label}` has {len(instances)} instances, none is {number}", place)
            return _of_instance(instances[number], steps[1:], scope, location)
        case Splat(each=each, location=place):
            taken = _steps_of(each)
            values = tuple(_of_instance(instance, taken, scope, place) for instance in instances)
            return _follow(Value(values, place), steps[1:], scope)
        case Attribute(name=name, location=place):
            if name.isdigit() and int(name) < len(instances):
                return _of_instance(instances[int(name)], steps[1:], scope, location)
            raise EvaluationError(f"`{label}` has `count`: an instance must be picked first", place)


def _of_keyed(
    instances: Mapping[str, Instance],
    rest: tuple[Unknown, ...],
    steps: Sequence[_Step],
    scope: Scope,
    label: str,
    location: Location,
) -> Value:
    match steps:
        case [(Index() | Attribute()) as step, *_]:
            key = evaluate(step.key, scope) if isinstance(step, Index) else Value(step.name, step.location)
            name = known_text(key)
            if name is not None and name in instances:
                return _of_instance(instances[name], steps[1:], scope, location)
            if name is not None and not rest:
                raise EvaluationError(f"`{label}` has no instance `{name}`", step.location)
            reason = rest[0].reason if rest else "the key is not known"
            unknown = Unknown(f"{label}[{described(key)}]", reason)
            return _follow(Value(unknown, step.location), steps[1:], scope)
        case _:
            whole = {name: instance.whole(location) for name, instance in instances.items()}
            return _follow(Value(Object(whole, rest), location), steps, scope)


def _of_undetermined(
    found: Undetermined, steps: Sequence[_Step], scope: Scope, label: str, location: Location
) -> Value:
    """What is taken of something that may not exist: known only where it is taken for granted."""
    reason = f"the number of instances depends on `{found.unknown.expression}`"
    match steps:
        case [Index(key=key, location=place), *_]:
            picked = evaluate(key, scope)
            text = known_text(picked)
            if text is not None and not scope.trying:
                return _of_instance(found.at(text), steps[1:], scope, location)
            unknown = Unknown(f"{label}[{described(picked)}]", reason, label)
            return _follow(Value(unknown, place), steps[1:], scope)
        case [Splat(each=each, location=place), *_]:
            text = (
                label
                + "[*]"
                + "".join(f".{step.name}" for step in _steps_of(each) if isinstance(step, Attribute))
            )
            many = Unknown(text, reason, label, many=True)
            return _follow(Value((Value(many, place),), place), steps[1:], scope)
        case _:
            return _follow(Value(Unknown(label, reason, label), location), steps, scope)


def _written(step: _Step, scope: Scope) -> str:
    """The target of `step` as it is written, where it is plain and means the same everywhere."""
    names: list[str] = []
    node: Expression = step.target
    while isinstance(node, Attribute):
        names.append(node.name)
        node = node.target
    if isinstance(node, Name) and node.name not in scope.names and not scope.closed:
        return scope.module.prefix + ".".join([node.name, *reversed(names)])
    return ""


def _follow(value: Value, steps: Sequence[_Step], scope: Scope) -> Value:
    for step in steps:
        match step:
            case Attribute(name=name, location=place):
                value = attribute_of(value, name, place)
            case Index(key=key, location=place):
                value = index_of(value, evaluate(key, scope), place, _written(step, scope))
            case Splat(each=each, location=place):
                value = _splat(value, _steps_of(each), scope, place)
    return value


def _splat(value: Value, taken: Sequence[_Step], scope: Scope, location: Location) -> Value:
    match value.data:
        case None:
            return Value((), location)
        case Unknown() as unknown:
            element = replace(unknown, expression=f"{unknown.expression}[*]", many=True)
            return Value((_as_many(_follow(Value(element, location), taken, scope)),), location)
        case tuple() as items:
            results = []
            for item in items:
                result = _follow(item, taken, scope)
                results.append(_as_many(result) if is_many(item) else result)
            return Value(_same_order(items, results), location)
        case _:
            return Value((_follow(value, taken, scope),), location)


def _same_order(items: tuple[Value, ...], results: Sequence[Value]) -> tuple[Value, ...]:
    """`results` as a tuple that knows as much about its order as `items`."""
    return Unordered(results) if isinstance(items, Unordered) else tuple(results)


def _as_many(value: Value) -> Value:
    """An element that stands for any number of elements."""
    if is_many(value):
        return value
    match value.data:
        case Unknown() as unknown:
            return Value(replace(unknown, many=True), value.location)
        case _:
            unknown = unknown_from(described(value), value)
            return Value(replace(unknown, many=True), value.location)


# Objects


def _object(expression: ObjectExpression, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    rest: list[Unknown] = []
    for item in expression.items:
        key = evaluate(item.key, scope)
        if key.data is None:
            raise EvaluationError("the key is null", item.key.location)
        value = _guarded(item.value, scope)
        _add(entries, rest, key, value)
    return Value(Object(entries, tuple(rest)), expression.location)


def _add(entries: dict[str, Value], rest: list[Unknown], key: Value, value: Value) -> None:
    """Put one pair into an object; a later pair replaces an earlier one of the same key."""
    name = known_text(key)
    if name is not None:
        entries[name] = value
        return
    to_string(key)
    for other, entry in entries.items():
        # An unknown key may be one that was written before it.
        if equal(key, Value(other, key.location)) is not False:
            unknown = unknown_from(f"{described(entry)} or {described(value)}", key)
            entries[other] = Value(unknown, entry.location)
    rest.append(unknown_from(described(key), key))


# Conditions


def _condition(expression: Expression, scope: Scope) -> bool | Unknown:
    value = evaluate(expression, scope)
    flag = to_boolean(value)
    if flag is None:
        raise EvaluationError("the condition is null", expression.location)
    return flag


def _conditional(expression: Conditional, scope: Scope) -> Value:
    condition = _condition(expression.condition, scope)
    if not isinstance(condition, bool):
        try:
            swallowing = replace(scope, trying=True)
            then = evaluate(expression.then, swallowing)
            otherwise = evaluate(expression.otherwise, swallowing)
        except BudgetError:
            raise
        except EvaluationError:
            unknown = Unknown(f"{condition.expression} ? ... : ...", condition.reason)
            return Value(unknown, expression.location)
        return _either(condition, then, otherwise, expression.location)
    chosen = evaluate(expression.then if condition else expression.otherwise, scope)
    if not isinstance(chosen.data, tuple) and not _has_number(chosen):
        return chosen
    # Both sides get one type: `x ? 1 : "a"` is the string "1", `x ? [] : toset(y)` is a set.
    try:
        other_side = expression.otherwise if condition else expression.then
        return like(chosen, evaluate(other_side, replace(scope, trying=True)))
    except BudgetError:
        raise
    except EvaluationError:
        return chosen


def _has_number(value: Value) -> bool:
    """Whether `value` is a number or boolean, or holds one."""
    return any(isinstance(node.data, bool | int | float) for node in nodes(value))


def _either(condition: Unknown, then: Value, otherwise: Value, location: Location) -> Value:
    """What both sides of an unknown condition have in common."""
    if equal(then, otherwise) is True:
        return then
    match then.data, otherwise.data:
        case Object(one, ()), Object(other, ()) if one.keys() == other.keys():
            entries = {name: _either(condition, one[name], other[name], location) for name in one}
            return Value(Object(entries), then.location)
        case Json(one_value), Json(other_value):
            return Value(Json(_either(condition, one_value, other_value, location)), then.location)
        case (tuple() as one_items, tuple() as other_items) if _plain_lists(one_items, other_items):
            pairs = zip(one_items, other_items, strict=True)
            items = tuple(_either(condition, first, second, location) for first, second in pairs)
            return Value(items, then.location)
        case _:
            text = f"{condition.expression} ? {described(then)} : {described(otherwise)}"
            unknown = unknown_from(text, Value(condition, location))
            reason = f"depends on `{condition.expression}`: {condition.reason}"
            return Value(replace(unknown, reason=_once(condition.reason, reason)), location)


def _once(inner: str, outer: str) -> str:
    """The reason with the condition's name, unless the reason names a condition already."""
    return inner if inner.startswith("depends on `") else outer


def _plain_lists(one: tuple[Value, ...], other: tuple[Value, ...]) -> bool:
    return (
        type(one) is tuple
        and type(other) is tuple
        and len(one) == len(other)
        and not any(is_many(item) for item in (*one, *other))
    )


def _binary(expression: Binary, scope: Scope) -> Value:
    left = evaluate(expression.left, scope)
    if expression.operator in {Operator.AND, Operator.OR}:
        decides = expression.operator is Operator.OR
        if left.data is decides:
            # Terraform evaluates both sides; a fault in the other one does not change the answer here.
            return Value(decides, expression.location)
    right = evaluate(expression.right, scope)
    if expression.operator in {Operator.EQUAL, Operator.NOT_EQUAL}:
        sides = ((expression.left, right), (expression.right, left))
        if any(
            isinstance(one, TupleExpression) and isinstance(other.data, TypedList) for one, other in sides
        ):
            # A list is never equal to a tuple: `var.names == []` is false whatever the names are.
            return Value(expression.operator is Operator.NOT_EQUAL, expression.location)
    return operators.binary(expression.operator, left, right, expression.location)


# Calls


def _call(call: Call, scope: Scope) -> Value:
    match call.name:
        case "try" | "core::try":
            return _try(call, scope)
        case "can" | "core::can":
            try:
                found = evaluate(call.arguments[0], replace(scope, trying=True)) if call.arguments else None
            except BudgetError:
                raise
            except EvaluationError:
                return Value(data=False, location=call.location)
            if found is not None and isinstance(found.data, Unknown):
                return Value(unknown_from(f"can({described(found)})", found), call.location)
            return Value(data=True, location=call.location)
        case _:
            arguments = list(_arguments(call, scope))
            result = functions.call(call.name, tuple(arguments), functions.Site(call.location, scope))
            _check_size(result, call.location)
            return result


def _try(call: Call, scope: Scope) -> Value:
    trying = replace(scope, trying=True)
    faults: list[str] = []
    for argument in call.arguments:
        try:
            return evaluate(argument, trying)
        except BudgetError:
            raise
        except EvaluationError as error:
            faults.append(error.message)
    raise EvaluationError("no argument of `try` can be evaluated: " + "; ".join(faults), call.location)


def _arguments(call: Call, scope: Scope) -> Iterator[Value]:
    last = len(call.arguments) - 1
    for position, argument in enumerate(call.arguments):
        value = evaluate(argument, scope)
        if not (call.expand and position == last):
            yield value
            continue
        match value.data:
            case Unknown() as unknown:
                spread = replace(unknown, expression=f"{unknown.expression}[*]", many=True)
                yield Value(spread, value.location)
            case tuple() as items:
                yield from items
            case _:
                raise EvaluationError(f"{kind_of(value)} cannot be spread with `...`", value.location)


def _check_size(value: Value, location: Location) -> None:
    match value.data:
        case tuple() as items if len(items) > MAXIMUM_ELEMENTS:
            raise EvaluationError(f"the list has more than {MAXIMUM_ELEMENTS} elements", location)
        case Object(entries) if len(entries) > MAXIMUM_ELEMENTS:
            raise EvaluationError(f"the object has more than {MAXIMUM_ELEMENTS} entries", location)
        case _:
            return


# For expressions


def _with_pair(scope: Scope, key: str | None, value: str, pair: Pair) -> Scope:
    names = {value: pair.value} if key is None else {key: pair.key, value: pair.value}
    return scope.bind_all(names)


def _filtered(expression: ForTuple | ForObject, inner: Scope) -> bool | Unknown:
    return True if expression.condition is None else _condition(expression.condition, inner)


def _for_tuple(expression: ForTuple, scope: Scope) -> Value:
    collection = evaluate(expression.collection, scope)
    if collection.data is None:
        raise EvaluationError("null cannot be iterated over", expression.collection.location)
    results: list[Value] = []
    for pair in pairs_of(collection):
        inner = _with_pair(scope, expression.key, expression.value, pair)
        if pair.many:
            element = _for_many(expression, collection, inner)
            if element is not None:
                results.append(element)
            continue
        wanted = _filtered(expression, inner)
        if wanted is False:
            continue
        if wanted is True:
            results.append(_guarded(expression.result, inner))
            continue
        result = evaluate(expression.result, replace(inner, trying=True))
        unknown = Unknown(f"{described(result)} if {wanted.expression}", wanted.reason, many=True)
        results.append(Value(unknown, result.location))
    items = collection.data if isinstance(collection.data, tuple) else ()
    return Value(_same_order(items, results), expression.location)


def _for_many(expression: ForTuple, collection: Value, inner: Scope) -> Value | None:
    """The element of the result that stands for an unknown number of elements; None for none."""
    inner = replace(inner, trying=True)
    try:
        if _filtered(expression, inner) is False:
            return None
        return _as_many(evaluate(expression.result, inner))
    except BudgetError:
        raise
    except EvaluationError:
        unknown = unknown_from(f"for {expression.value} in {described(collection)}", collection)
        return Value(replace(unknown, many=True), expression.location)


def _for_object(expression: ForObject, scope: Scope) -> Value:
    collection = evaluate(expression.collection, scope)
    if collection.data is None:
        raise EvaluationError("null cannot be iterated over", expression.collection.location)
    entries: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    rest: list[Unknown] = []
    for pair in pairs_of(collection):
        inner = _with_pair(scope, expression.key, expression.value, pair)
        if pair.many:
            unknown = unknown_from(
                f"for {expression.value} in {described(collection)}", pair.value, collection
            )
            rest.append(unknown)
            continue
        wanted = _filtered(expression, inner)
        if wanted is False:
            continue
        key = evaluate(expression.result_key, inner)
        name = known_text(key)
        if wanted is not True or name is None:
            to_string(key)
            why = wanted if isinstance(wanted, Unknown) else unknown_from(described(key), key)
            rest.append(why)
            continue
        value = _guarded(expression.result, inner)
        if expression.grouped:
            groups.setdefault(name, []).append(value)
        elif name in entries:
            raise EvaluationError(f"the key `{name}` occurs twice", expression.result_key.location)
        entries[name] = value
    if expression.grouped:
        # An entry with an unknown key may belong to any of the groups.
        further = [Value(replace(unknown, many=True), expression.location) for unknown in rest]
        entries = {name: Value((*values, *further), expression.location) for name, values in groups.items()}
    return Value(Object(entries, tuple(rest)), expression.location)
