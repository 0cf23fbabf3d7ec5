"""From an expression to a value, where only what is not known is unknown.

Source: https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from osreach.iac.terraform import functions, operators
from osreach.iac.terraform.access import Pair, in_order, kind_of, pairs_of
from osreach.iac.terraform.conversion import like, to_boolean, to_string
from osreach.iac.terraform.equality import equal, is_many
from osreach.iac.terraform.reference import (
    AttributeStep,
    IndexStep,
    SplatStep,
    Step,
    as_many,
    follow,
    of_module,
    same_order,
)
from osreach.iac.terraform.rendering import (
    described,
    joined,
    known_text,
    nodes,
    shortened,
    text_parts,
    unknown_from,
    wholly_known,
)
from osreach.iac.terraform.scope import (
    MAXIMUM_ELEMENTS,
    BudgetError,
    EvaluationError,
    NullError,
    Scope,
    SetOfValues,
    TypedList,
    TypedMap,
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

_PARTIAL = frozenset(
    {
        "base64decode",
        "coalesce",
        "element",
        "file",
        "index",
        "jsondecode",
        "lookup",
        "one",
        "regex",
        "templatefile",
        "tobool",
        "tonumber",
        "yamldecode",
    }
)
"""Functions that refuse some arguments of the right type, for which `try` is written around them."""

_PLAIN_REFERENCE = re.compile(
    r"(?:module\.[^.]+\.)*var\.[\w-]+|data\.aws_(?:caller_identity|region|partition)\.current\.\w+"
)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of `expression`; raises EvaluationError where Terraform would refuse it."""
    value = _evaluate(expression, scope)
    if scope.assumed and isinstance(value.data, Unknown) and value.data.expression in scope.assumed:
        return Value(data=True, location=value.location)
    return value


def _evaluate(expression: Expression, scope: Scope) -> Value:
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
    if not in_order(collection):
        label = f"%{{ for {part.value} in {described(collection)} }}"
        yield TextPart(unknown_from(label, collection), part.location)
        return
    for pair in pairs_of(collection):
        if pair.many:
            label = f"%{{ for {part.value} in {described(collection)} }}"
            yield TextPart(unknown_from(label, collection), part.location)
        else:
            yield from _template_parts(part.body, _with_pair(scope, part.key, part.value, pair))


# References


def _reference(expression: Name | Attribute | Index | Splat, scope: Scope) -> Value:
    root, steps = _steps(expression, scope)
    value = _taken(root, steps, scope)
    if scope.doubts is not None and any(isinstance(step, SplatStep) for step in steps):
        for item in value.items:
            _doubt(item, scope)
    return _doubt(value, scope)


def _taken(root: Expression, steps: Sequence[Step], scope: Scope) -> Value:
    if not isinstance(root, Name):
        return follow(evaluate(root, scope), steps)
    bound = scope.names.get(root.name)
    if bound is not None:
        return follow(bound, steps)
    if scope.closed:
        raise EvaluationError(f"`{root.name}` is not among the values given to this template", root.location)
    return of_module(root, steps, scope)


def _steps(expression: Expression, scope: Scope) -> tuple[Expression, list[Step]]:
    """What a chain of attributes, indexes and splats begins with, and its steps in order."""
    steps: list[Step] = []
    node = expression
    while isinstance(node, Attribute | Index | Splat):
        match node:
            case Attribute(name=name, location=place):
                steps.append(AttributeStep(name, place))
            case Index(key=key, location=place):
                index = evaluate(key, scope)
                if scope.doubts is not None and not wholly_known(index):
                    scope.doubts.append(unknown_from(described(index), index))
                steps.append(IndexStep(index, place, _written(node, scope)))
            case Splat(each=each, location=place):
                steps.append(SplatStep(tuple(_steps(each, scope)[1]), place))
        node = node.target
    steps.reverse()
    return node, steps


def _written(index: Index, scope: Scope) -> str:
    """What `index` is taken of, as it is written, where that is plain and means the same everywhere."""
    names: list[str] = []
    node: Expression = index.target
    while isinstance(node, Attribute):
        names.append(node.name)
        node = node.target
    if isinstance(node, Name) and node.name not in scope.names and not scope.closed:
        return scope.module.prefix + ".".join([node.name, *reversed(names)])
    return ""


# Objects


def _object(expression: ObjectExpression, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    rest: list[Unknown] = []
    for item in expression.items:
        key = evaluate(item.key, scope)
        if key.data is None:
            raise NullError("the key is null", item.key.location)
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
        raise NullError("the condition is null", expression.location)
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
        other = evaluate(other_side, replace(scope, trying=True))
        if other.data is None and isinstance(other_side, Call) and other_side.name == "toset":
            other = Value(SetOfValues(), other.location)  # a null of that type
        return like(chosen, other)
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
        if isinstance(left.data, Unknown):
            try:
                right = evaluate(expression.right, replace(scope, trying=True))
            except BudgetError:
                raise
            except EvaluationError:
                # Whether the other side counts at all depends on this one.
                label = f"{described(left)} {expression.operator.value} ..."
                return Value(unknown_from(label, left), expression.location)
            return operators.binary(expression.operator, left, right, expression.location)
    right = evaluate(expression.right, scope)
    if expression.operator in {Operator.EQUAL, Operator.NOT_EQUAL}:
        sides = ((expression.left, right), (expression.right, left))
        if any(
            (isinstance(one, TupleExpression | ForTuple) and isinstance(other.data, TypedList))
            or (isinstance(one, ObjectExpression | ForObject) and isinstance(other.data, TypedMap))
            for one, other in sides
        ):
            # A list is never equal to a tuple: `var.names == []` is false whatever the names are.
            # Nor is a map to an object.
            return Value(expression.operator is Operator.NOT_EQUAL, expression.location)
    return operators.binary(expression.operator, left, right, expression.location)


# Calls


def _call(call: Call, scope: Scope) -> Value:
    match call.name:
        case "try" | "core::try":
            return _try(call, scope)
        case "can" | "core::can":
            doubts: list[Unknown] = []
            inner = replace(scope, trying=True, doubts=doubts)
            try:
                found = evaluate(call.arguments[0], inner) if call.arguments else None
            except BudgetError:
                raise
            except EvaluationError:
                return Value(data=False, location=call.location)
            if found is not None and (doubts or isinstance(found.data, Unknown)):
                doubtful = (found, *(Value(doubt, call.location) for doubt in doubts))
                return Value(unknown_from(f"can({described(found)})", *doubtful), call.location)
            return Value(data=True, location=call.location)
        case _:
            arguments = list(_arguments(call, scope))
            result = functions.call(call.name, tuple(arguments), functions.Site(call.location, scope))
            _check_size(result, call.location)
            return _doubt(result, scope) if call.name in _PARTIAL else result


def _try(call: Call, scope: Scope) -> Value:
    faults: list[str] = []
    for argument in call.arguments:
        doubts: list[Unknown] = []
        try:
            found = evaluate(argument, replace(scope, trying=True, doubts=doubts))
            if not doubts or isinstance(found.data, Unknown):
                return found
            return Value(Unknown(shortened(f"try({described(found)})"), doubts[0].reason), call.location)
        except BudgetError:
            raise
        except EvaluationError as error:
            faults.append(error.message)
    raise EvaluationError("no argument of `try` can be evaluated: " + "; ".join(faults), call.location)


def _doubt(value: Value, scope: Scope) -> Value:
    """`value`; inside `try` and `can` it is noted where it is not known and may turn out to be a fault.

    What a resource exports and what a variable holds is there; an attribute of
    something unknown may not be.
    """
    if scope.doubts is not None and isinstance(value.data, Unknown):
        unknown = value.data
        if not unknown.resource and not _PLAIN_REFERENCE.fullmatch(unknown.expression):
            scope.doubts.append(unknown)
    return value


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
            case tuple() if not in_order(value):
                # Which argument comes first is not known.
                spread = unknown_from(described(value), value)
                yield Value(replace(spread, expression=f"{spread.expression}[*]", many=True), value.location)
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
        raise NullError("null cannot be iterated over", expression.collection.location)
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
    return Value(same_order(collection, results), expression.location)


def _for_many(expression: ForTuple, collection: Value, inner: Scope) -> Value | None:
    """The element of the result that stands for an unknown number of elements; None for none."""
    inner = replace(inner, trying=True)
    try:
        if _filtered(expression, inner) is False:
            return None
        return as_many(evaluate(expression.result, inner))
    except BudgetError:
        raise
    except EvaluationError:
        unknown = unknown_from(f"for {expression.value} in {described(collection)}", collection)
        return Value(replace(unknown, many=True), expression.location)


def _for_object(expression: ForObject, scope: Scope) -> Value:
    collection = evaluate(expression.collection, scope)
    if collection.data is None:
        raise NullError("null cannot be iterated over", expression.collection.location)
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
        if key.data is None:
            raise NullError("the key is null", expression.result_key.location)
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
        kind = Unordered if further else tuple
        entries = {name: Value(kind((*each, *further)), expression.location) for name, each in groups.items()}
    return Value(Object(entries, tuple(rest)), expression.location)
