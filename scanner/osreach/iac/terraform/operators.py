"""Terraform's operators over values that may be unknown.

Source: https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from decimal import Context, Decimal

from osreach.iac.terraform.conversion import to_boolean, to_number
from osreach.iac.terraform.equality import equal
from osreach.iac.terraform.rendering import described, unknown_from
from osreach.iac.terraform.scope import EvaluationError, NullError
from osreach.iac.terraform.syntax import Operator
from osreach.location import Location
from osreach.value import Unknown, Value

_EXACT = Context(prec=150)


def _number(value: Value) -> int | float | Unknown:
    number = to_number(value)
    if number is None:
        raise NullError("the value is null, a number is required", value.location)
    return number


def _boolean(value: Value) -> bool | Unknown:
    flag = to_boolean(value)
    if flag is None:
        raise NullError("the value is null, a boolean is required", value.location)
    return flag


def _exact(number: float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def _rounded(number: Decimal, location: Location) -> int | float:
    if not number.is_finite() or number.adjusted() > 300:
        raise EvaluationError("the number is too large", location)
    if number.is_zero() and number.is_signed():
        return -0.0  # Terraform keeps the sign of zero and prints it
    return int(number) if number == number.to_integral_value() else float(number)


def arithmetic(operator: Operator, left: float, right: float, location: Location) -> int | float:
    """`left operator right` for the five arithmetic operators; raises EvaluationError."""
    one, other = _exact(left), _exact(right)
    match operator:
        case Operator.ADD:
            result = _EXACT.add(one, other)
        case Operator.SUBTRACT:
            result = _EXACT.subtract(one, other)
        case Operator.MULTIPLY:
            result = _EXACT.multiply(one, other)
        case Operator.DIVIDE | Operator.MODULO if other == 0:
            raise EvaluationError("division by zero", location)
        case Operator.DIVIDE:
            result = _EXACT.divide(one, other)
        case Operator.MODULO:
            result = _EXACT.remainder(one, other)
        case _:
            raise EvaluationError(f"`{operator}` is not an arithmetic operator", location)
    return _rounded(result, location)


def _compared(operator: Operator, left: float, right: float) -> bool:
    match operator:
        case Operator.LESS:
            return left < right
        case Operator.GREATER:
            return left > right
        case Operator.LESS_EQUAL:
            return left <= right
        case _:
            return left >= right


def _undecided(operator: Operator, left: Value, right: Value, location: Location) -> Value:
    text = f"{described(left)} {operator.value} {described(right)}"
    return Value(unknown_from(text, left, right), location)


def _logical(operator: Operator, left: Value, right: Value, location: Location) -> Value:
    """`||` and `&&`; a known side that decides makes the other side irrelevant."""
    decides = operator is Operator.OR
    one, other = _boolean(left), _boolean(right)
    if one is decides or other is decides:
        return Value(decides, location)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        if not isinstance(one, Unknown):
            return Value(right.data, location)
        if not isinstance(other, Unknown):
            return Value(left.data, location)
        return _undecided(operator, left, right, location)
    return Value(not decides, location)


def binary(operator: Operator, left: Value, right: Value, location: Location) -> Value:
    """`left operator right`; unknown where a side that matters is unknown. Raises EvaluationError."""
    match operator:
        case Operator.OR | Operator.AND:
            return _logical(operator, left, right, location)
        case Operator.EQUAL | Operator.NOT_EQUAL:
            same = equal(left, right)
            if same is None:
                return _undecided(operator, left, right, location)
            return Value(same is (operator is Operator.EQUAL), location)
        case _:
            one, other = _number(left), _number(right)
            if isinstance(one, Unknown) or isinstance(other, Unknown):
                return _undecided(operator, left, right, location)
            if operator in {Operator.LESS, Operator.GREATER, Operator.LESS_EQUAL, Operator.GREATER_EQUAL}:
                return Value(_compared(operator, one, other), location)
            return Value(arithmetic(operator, one, other, location), location)


def unary(operator: Operator, operand: Value, location: Location) -> Value:
    """`-x` or `!x`. Raises EvaluationError."""
    if operator is Operator.NOT:
        flag = _boolean(operand)
        if isinstance(flag, Unknown):
            return Value(unknown_from(f"!{described(operand)}", operand), location)
        return Value(not flag, location)
    number = _number(operand)
    if isinstance(number, Unknown):
        return Value(unknown_from(f"-{described(operand)}", operand), location)
    return Value(_rounded(_EXACT.copy_negate(_exact(number)), location), location)
