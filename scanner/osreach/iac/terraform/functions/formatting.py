"""`format` and `formatlist`.

Source: https://developer.hashicorp.com/terraform/language/functions/format
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from osreach.iac.terraform.access import in_order
from osreach.iac.terraform.conversion import to_number
from osreach.iac.terraform.equality import is_many
from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    Site,
    check_count,
    refuse_null,
    result,
    unknown_call,
)
from osreach.iac.terraform.reference import same_order
from osreach.iac.terraform.rendering import (
    joined,
    json_text,
    known_text,
    number_text,
    quoted,
    text_parts,
    wholly_known,
)
from osreach.iac.terraform.scope import EvaluationError, NullError, TypedList, Unordered
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

_VERB = re.compile(
    r"%(?P<flags>[-+ #0]*)(?P<width>\d+)?(?:\.(?P<precision>\d*))?(?:\[(?P<index>\d+)\])?(?P<verb>.)",
    re.DOTALL,
)
_WIDEST = 10_000


def _padded(text: str, flags: str, width: int, *, number: bool) -> str:
    if len(text) >= width:
        return text
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags:
        sign = text[0] if number and text[:1] in {"-", "+", " "} else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _number(verb: str, flags: str, precision: int | None, number: float, site: Site) -> str:
    sign = "+" if "+" in flags and number >= 0 else " " if " " in flags and number >= 0 else ""
    match verb:
        case "d" | "b" | "o" | "x" | "X":
            whole = int(number)
            if whole != number:
                raise EvaluationError(f"`format` needs a whole number for `%{verb}`", site.location)
            return sign + format(whole, verb)
        case "f" | "F":
            return sign + format(
                Decimal(repr(number)) if isinstance(number, float) else number,
                f".{6 if precision is None else precision}f",
            )
        case "e" | "E":
            return sign + format(number, f".{6 if precision is None else precision}{verb}")
        case "g" | "G":
            if precision is None:
                return sign + _shortest(number, verb)
            return sign + format(number, f".{precision or 1}{verb}")
        case _:
            raise EvaluationError(f"`format` does not know `%{verb}` for a number", site.location)


def _shortest(number: float, verb: str) -> str:
    """The shortest text of a number, with an exponent from 1e21 on, as Go's `%g` has it."""
    if number == 0 or 1e-4 <= abs(number) < 1e6:
        return number_text(number)
    mantissa, _, exponent = format(Decimal(repr(float(number))).normalize(), "e").partition("e")
    text = f"{mantissa}e{exponent[0]}{int(exponent[1:]):02d}"
    return text.upper() if verb == "G" else text


def _plain(value: Value) -> str:
    """What `%v` writes."""
    match value.data:
        case None:
            return "null"
        case tuple() | Object():
            return json_text(value) or ""
        case _:
            return known_text(value) or ""


def _required_text(value: Value, verb: str, site: Site) -> str:
    text = known_text(value)
    if text is None:
        raise EvaluationError(f"`format` needs a string for `%{verb}`", site.location)
    return text


def _one(verb: str, flags: str, width: int, precision: int | None, value: Value, site: Site) -> str:
    match verb:
        case "v" if "#" in flags:
            return _padded(json_text(value) or "", flags, width, number=False)
        case "v" if isinstance(value.data, int | float) and not isinstance(value.data, bool):
            text = _number("g", flags, precision, value.data, site)
            return _padded(text, flags, width, number=True)
        case "v":
            text = _plain(value)
            return _padded(text if precision is None else text[:precision], flags, width, number=False)
        case "s" | "q":
            text = _required_text(value, verb, site)
            text = text if precision is None else text[:precision]
            text = quoted(text) if verb == "q" else text
            return _padded(text, flags, width, number=False)
        case "t":
            if known_text(value) not in {"true", "false"}:
                raise EvaluationError("`format` needs a boolean for `%t`", site.location)
            return _padded(known_text(value) or "", flags, width, number=False)
        case _:
            number = to_number(value)
            if number is None or isinstance(number, Unknown):
                raise EvaluationError(f"`format` needs a number for `%{verb}`", site.location)
            return _padded(_number(verb, flags, precision, number, site), flags, width, number=True)


def _formatted(template: str, values: tuple[Value, ...], site: Site) -> Iterator[TextPart]:
    position, number, used = 0, 0, 0
    while position < len(template):
        start = template.find("%", position)
        if start < 0:
            yield TextPart(template[position:], site.location)
            break
        yield TextPart(template[position:start], site.location)
        if template.startswith("%%", start):
            yield TextPart("%", site.location)
            position = start + 2
            continue
        found = _VERB.match(template, start)
        if found is None:
            raise EvaluationError("the format ends within a `%`", site.location)
        position = found.end()
        number = int(found["index"]) if found["index"] else number + 1
        if not 1 <= number <= len(values):
            raise EvaluationError(f"`format` has no argument for `{found.group()}`", site.location)
        used = max(used, number) if not found["index"] else len(values)
        width = int(found["width"] or 0)
        if width > _WIDEST:
            raise EvaluationError(f"the width {width} is too large", site.location)
        precision = None if found["precision"] is None else int(found["precision"] or 0)
        value = values[number - 1]
        if value.data is None:
            raise NullError("`format` does not take null", value.location)
        if wholly_known(value):
            yield TextPart(_one(found["verb"], found["flags"], width, precision, value, site), site.location)
        elif found["verb"] in {"s", "v"} and not width and precision is None and not found["flags"]:
            yield from _partly(value, found["verb"], site)
        else:
            yield TextPart(
                unknown_call("format", (Value(found.group(), site.location), value)), site.location
            )
    if used < len(values):
        raise EvaluationError(f"`format` is given {len(values)} values and uses {used}", site.location)


def _partly(value: Value, verb: str, site: Site) -> Iterator[TextPart]:
    if isinstance(value.data, Unknown | Text | Json):
        yield from text_parts(value, site.location)
    elif verb == "s":
        raise EvaluationError("`format` needs a string for `%s`", site.location)
    else:
        yield from text_parts(Value(Json(value), value.location), site.location)


def _format(arguments: Arguments, site: Site) -> Value:
    check_count("format", arguments, 1, None, site)
    refuse_null("format", arguments[:1], site)
    template = known_text(arguments[0])
    if template is None or any(is_many(argument) for argument in arguments):
        return result(unknown_call("format", arguments), site)
    return result(joined(_formatted(template, arguments[1:], site)), site)


def _formatlist(arguments: Arguments, site: Site) -> Value:
    check_count("formatlist", arguments, 1, None, site)
    refuse_null("formatlist", arguments[:1], site)
    template = known_text(arguments[0])
    lists = [argument.data for argument in arguments[1:] if isinstance(argument.data, tuple)]
    uncertain = any(is_many(item) for items in lists for item in items)
    uncertain = uncertain or any(isinstance(argument.data, Unknown) for argument in arguments[1:])
    if template is None or uncertain:
        return result(_formatlist_unknown(template, arguments, site), site)
    sizes = {len(items) for items in lists}
    if len(sizes) > 1:
        raise EvaluationError("`formatlist` is given lists of different lengths", site.location)
    rows: list[Value] = []
    for number in range(sizes.pop() if sizes else 1):
        row = tuple(
            argument.data[number] if isinstance(argument.data, tuple) else argument
            for argument in arguments[1:]
        )
        place = next(
            (
                item.location
                for item, argument in zip(row, arguments[1:], strict=True)
                if item is not argument
            ),
            site.location,
        )
        rows.append(Value(joined(_formatted(template, row, site)), place))
    ordered = all(in_order(argument) for argument in arguments[1:])
    return result(TypedList(rows) if ordered else Unordered(rows), site)


def _formatlist_unknown(template: str | None, arguments: Arguments, site: Site) -> tuple[Value, ...]:
    """Elements in which the parts are known that are the same for all, each for any number of them."""
    lists = [argument for argument in arguments[1:] if isinstance(argument.data, tuple | Unknown)]
    if template is not None and len(lists) == 1:
        source = lists[0]
        items = source.data if isinstance(source.data, tuple) else (_element(source),)
        rows = (
            Value(
                joined(
                    _formatted(
                        template,
                        tuple(item if argument is source else argument for argument in arguments[1:]),
                        site,
                    )
                ),
                item.location,
            )
            for item in items
        )
        return same_order(source, rows)
    unknown = unknown_call("formatlist", arguments)
    return (Value(Unknown(f"{unknown.expression}[*]", unknown.reason, many=True), site.location),)


def _element(value: Value) -> Value:
    match value.data:
        case Unknown(expression, reason, resource):
            return Value(Unknown(f"{expression}[*]", reason, resource, many=True), value.location)
        case _:
            return value


FUNCTIONS: Mapping[str, Function] = {"format": _format, "formatlist": _formatlist}
