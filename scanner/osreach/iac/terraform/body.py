"""The body of a block as a value: arguments, nested blocks, and blocks that `dynamic` generates.

Source: https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.iac.terraform.access import pairs_of
from osreach.iac.terraform.evaluate import evaluate
from osreach.iac.terraform.rendering import described, unknown_from
from osreach.iac.terraform.scope import BudgetError, EvaluationError, NullError, Scope
from osreach.iac.terraform.syntax import Assignment, Attribute, Block, Expression, Name
from osreach.value import Object, Unknown, Value

_MOST_BLOCKS = 1_000


def reported(expression: Expression, scope: Scope, name: str) -> Value:
    """The value of `expression`; a fault in it is a problem and leaves an unknown called `name`.

    Null is no fault where the block around it may not be made at all.
    """
    try:
        return evaluate(expression, scope)
    except RecursionError:
        message = "this is nested too deeply to be evaluated"
    except EvaluationError as error:
        message = error.message
        excused = isinstance(error, NullError) and scope.perhaps
        if not excused and (not isinstance(error, BudgetError) or scope.budget.first_report()):
            scope.module.report(message, error.location)
        return Value(Unknown(name, message), expression.location)
    scope.module.report(message, expression.location)
    return Value(Unknown(name, message), expression.location)


def _type_of(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def block_types(block: Block) -> tuple[str, ...]:
    """The types of the nested blocks, those that `dynamic` generates included, each once."""
    return tuple(dict.fromkeys(_type_of(inner) for inner in block.blocks))


def nested(block: Block, wanted: str, scope: Scope, name: str) -> tuple[Value, ...]:
    """The nested blocks of the type `wanted` as objects; `name` is what the outer block is called."""
    found: list[Value] = []
    for inner in block.blocks:
        if _type_of(inner) != wanted:
            continue
        if inner.type == "dynamic":
            found += _dynamic(inner, wanted, scope, name)
        else:
            found.append(body(inner, scope, f"{name}.{wanted}"))
    return tuple(found)


def body(block: Block, scope: Scope, name: str) -> Value:
    """All arguments and nested blocks of `block` as one object at the block's header."""
    entries: dict[str, Value] = {}
    for assignment in block.assignments:
        entries[assignment.name] = reported(assignment.expression, scope, f"{name}.{assignment.name}")
    for inner in block_types(block):
        entries[inner] = Value(nested(block, inner, scope, name), block.location)
    return Value(Object(entries), block.location)


def _iterator(block: Block, wanted: str) -> str:
    assignment = block.assignment("iterator")
    return assignment.expression.name if assignment and isinstance(assignment.expression, Name) else wanted


def _dynamic(block: Block, wanted: str, scope: Scope, name: str) -> Iterator[Value]:
    collection = block.assignment("for_each")
    content = next((inner for inner in block.blocks if inner.type == "content"), None)
    if collection is None or content is None:
        scope.module.report("a `dynamic` block needs `for_each` and `content`", block.location)
        return
    iterator = _iterator(block, wanted)
    items = reported(collection.expression, scope, f"{name}.{wanted}")
    yield from _generated(collection, items, content, iterator, scope, f"{name}.{wanted}")


def _generated(
    collection: Assignment, items: Value, content: Block, iterator: str, scope: Scope, name: str
) -> Iterator[Value]:
    if items.data is None:
        if not scope.perhaps:
            scope.module.report("the `for_each` of a `dynamic` block is null", collection.location)
        return
    try:
        pairs = list(pairs_of(items))
    except EvaluationError as error:
        scope.module.report(error.message, collection.location)
        return
    if len(pairs) > _MOST_BLOCKS:
        message = f"`for_each` generates {len(pairs)} blocks, of which the first {_MOST_BLOCKS:,} are read"
        scope.module.report(message, collection.location)
    for pair in pairs[:_MOST_BLOCKS]:
        if pair.many:
            unknown = unknown_from(f"{name} for each of {described(items)}", pair.value, items)
            many = Unknown(unknown.expression, unknown.reason, many=True)
            yield Value(many, content.location)
            continue
        bound = Value(Object({"key": pair.key, "value": pair.value}), items.location)
        yield body(content, scope.bind_all({iterator: bound}), name)


def reference_text(expression: Expression) -> str | None:
    """A plain reference as text (`aws.west`), None for anything else."""
    match expression:
        case Name(name):
            return name
        case Attribute(target, name):
            inner = reference_text(target)
            return None if inner is None else f"{inner}.{name}"
        case _:
            return None
