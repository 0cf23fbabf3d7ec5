"""The condition functions: `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` and `Condition`.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from osreach.iac.cloudformation.references import Evaluate
from osreach.iac.cloudformation.scope import Scope
from osreach.iac.cloudformation.text import scalar_text
from osreach.location import Location
from osreach.value import Object, Text, Unknown, Value


def outcome(name: str, location: Location, scope: Scope, evaluate: Evaluate) -> bool | Unknown:
    """Whether the condition `name` holds in this scope."""
    if name in scope.decided:
        return scope.decided[name]
    written = scope.conditions.get(name)
    if written is None:
        scope.problem(location, f"the template has no condition `{name}`")
        return Unknown(f"Condition {name}", "it is not in the template")
    with scope.following(f"Condition {name}") as fine:
        if not fine:
            scope.problem(written.location, f"the condition `{name}` depends on itself")
            return Unknown(f"Condition {name}", "it depends on itself")
        found = _truth(written, scope, evaluate)
    if isinstance(found, Unknown):
        found = Unknown(f"Condition {name}", found.reason)
    scope.decided[name] = found
    return found


def _truth(value: Value, scope: Scope, evaluate: Evaluate) -> bool | Unknown:
    """The truth of a condition's expression."""
    match value.data:
        case Object(entries) if len(entries) == 1:
            (function, argument), *_ = entries.items()
        case bool() as known:
            return known
        case _:
            scope.problem(value.location, "a condition must be one condition function")
            return Unknown("a condition", "it is no condition function")
    items = argument.data if isinstance(argument.data, tuple) else (argument,)
    match function:
        case "Condition" if argument.text is not None:
            return outcome(argument.text, argument.location, scope, evaluate)
        case "Fn::Not" if len(items) == 1:
            inner = _truth(items[0], scope, evaluate)
            return inner if isinstance(inner, Unknown) else not inner
        case "Fn::And":
            return _all([_truth(item, scope, evaluate) for item in items], decisive=False)
        case "Fn::Or":
            return _all([_truth(item, scope, evaluate) for item in items], decisive=True)
        case "Fn::Equals" if len(items) == 2:
            return _equals(value, items[0], items[1], scope, evaluate)
    scope.problem(value.location, f"`{function}` is no condition function, or its arguments are wrong")
    return Unknown(function, "it is no condition function")


def _all(outcomes: list[bool | Unknown], *, decisive: bool) -> bool | Unknown:
    """`Fn::Or` (one true decides) or `Fn::And` (one false decides)."""
    if any(found is decisive for found in outcomes):
        return decisive
    return next((found for found in outcomes if isinstance(found, Unknown)), not decisive)


def _equals(value: Value, first: Value, second: Value, scope: Scope, evaluate: Evaluate) -> bool | Unknown:
    """Texts are compared as they are, case included; numbers and booleans as texts."""
    if value.location in scope.chosen:
        return scope.chosen[value.location]
    left, right = evaluate(first, scope), evaluate(second, scope)
    left_word, right_word = word_of(left), word_of(right)
    if left_word is not None and right_word is not None:
        return left_word == right_word
    if isinstance(left.data, Unknown) and left.data == right.data:
        return True
    for one, other in ((left, right_word), (right, left_word)):
        if other is not None and isinstance(one.data, Unknown) and one.data in scope.others:
            return False
    scope.undecided.setdefault(value.location)
    expressions = [
        side.data.expression if isinstance(side.data, Unknown) else "a text that is known in part"
        for side in (left, right)
        if isinstance(side.data, Unknown | Text)
    ]
    return Unknown("Fn::Equals", f"`{expressions[0] if expressions else 'a value'}` is not known")


def word_of(value: Value) -> str | None:
    """A scalar as the text that conditions compare, None where it is not known or no scalar."""
    match value.data:
        case str() | int() | float() as scalar:
            return scalar_text(scalar)
        case _:
            return value.text
