"""Functions over numbers.

Source: https://developer.hashicorp.com/terraform/language/functions#numeric-functions
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from osreach.iac.terraform.conversion import normal_number
from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    FunctionError,
    Kind,
    Plain,
    Site,
    strict,
)
from osreach.iac.terraform.operators import arithmetic
from osreach.iac.terraform.scope import EvaluationError
from osreach.iac.terraform.syntax import Operator
from osreach.location import Location
from osreach.value import Value

_NOWHERE = Location("", 1, 1, 1, 1)


def _power(number: float, power: float) -> Plain:
    if abs(power) > 4096:
        raise FunctionError("the power is too large")
    try:
        found = number**power
    except (OverflowError, ZeroDivisionError) as error:
        raise FunctionError("the result is no number") from error
    if isinstance(found, complex):
        raise FunctionError("the result is no number")
    return normal_number(found)


def _log(number: float, base: float) -> Plain:
    try:
        return normal_number(math.log(number) / math.log(base))
    except (ValueError, ZeroDivisionError) as error:
        raise FunctionError("the result is no number") from error


def _parseint(text: str, base: int) -> Plain:
    if not 2 <= base <= 62:
        raise FunctionError("the base is not between 2 and 62")
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    folded = text.lower() if base <= 36 else text
    sign = -1 if folded.startswith("-") else 1
    bare = folded.removeprefix("-").removeprefix("+")
    if not bare or len(bare) > 300:
        raise FunctionError(f"`{text}` is not a number of base {base}")
    number = 0
    for character in bare:
        digit = digits.find(character)
        if not 0 <= digit < base:
            raise FunctionError(f"`{text}` is not a number of base {base}")
        number = number * base + digit
    return sign * number


def _sum(numbers: list[float]) -> Plain:
    if not numbers:
        raise FunctionError("it is given no numbers")
    total: int | float = 0
    for number in numbers:
        try:
            total = arithmetic(Operator.ADD, total, number, _NOWHERE)
        except EvaluationError as error:
            raise FunctionError(error.message) from error
    return total


def _extreme(name: str, choose: Callable[[list[float]], float]) -> Function:
    inner = strict(name, (), lambda *numbers: choose(list(numbers)), Kind.NUMBER)

    def apply(arguments: Arguments, site: Site) -> Value:
        if not arguments:
            raise EvaluationError(f"`{name}` is given no numbers", site.location)
        return inner(arguments, site)

    return apply


FUNCTIONS: Mapping[str, Function] = {
    "abs": strict("abs", (Kind.NUMBER,), abs),
    "ceil": strict("ceil", (Kind.NUMBER,), math.ceil),
    "floor": strict("floor", (Kind.NUMBER,), math.floor),
    "signum": strict("signum", (Kind.WHOLE,), lambda number: (number > 0) - (number < 0)),
    "pow": strict("pow", (Kind.NUMBER, Kind.NUMBER), _power),
    "log": strict("log", (Kind.NUMBER, Kind.NUMBER), _log),
    "parseint": strict("parseint", (Kind.TEXT, Kind.WHOLE), _parseint),
    "sum": strict("sum", (Kind.NUMBERS,), _sum),
    "max": _extreme("max", max),
    "min": _extreme("min", min),
}
