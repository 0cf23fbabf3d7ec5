"""Functions that convert types, and those that change nothing but Terraform's own marks.

Source: https://developer.hashicorp.com/terraform/language/functions#type-conversion-functions
"""

from __future__ import annotations

from collections.abc import Mapping

from osreach.iac.terraform.conversion import Collection, Kind, Primitive, Type, convert, unified
from osreach.iac.terraform.functions import collections
from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    Site,
    check_count,
    result,
    unknown_call,
)
from osreach.iac.terraform.scope import EvaluationError
from osreach.value import Unknown, Value


def _cast(name: str, wanted: Type) -> Function:
    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 1, 1, site)
        data = arguments[0].data
        if isinstance(data, Unknown):
            return result(unknown_call(name, arguments), site)
        return convert(arguments[0], wanted)

    return apply


def _list(arguments: Arguments, site: Site) -> Value:
    """`list` of Terraform 0.11."""
    return result(unified(arguments), site)


def _map(arguments: Arguments, site: Site) -> Value:
    """`map` of Terraform 0.11: keys and values in turn."""
    if len(arguments) % 2:
        raise EvaluationError("`map` needs pairs", site.location)
    pairs = (result(arguments[::2], site), result(arguments[1::2], site))
    return collections.FUNCTIONS["zipmap"](pairs, site)


def _same(arguments: Arguments, site: Site) -> Value:
    """`sensitive` and its like hide a value from the plan's output; the value is the same."""
    check_count("sensitive", arguments, 1, 1, site)
    return arguments[0]


def _issensitive(arguments: Arguments, site: Site) -> Value:
    check_count("issensitive", arguments, 1, 1, site)
    return result(Unknown("issensitive(...)", "marks of sensitive values are not followed"), site)


FUNCTIONS: Mapping[str, Function] = {
    "list": _list,
    "map": _map,
    "tostring": _cast("tostring", Primitive.STRING),
    "tonumber": _cast("tonumber", Primitive.NUMBER),
    "tobool": _cast("tobool", Primitive.BOOL),
    "tolist": _cast("tolist", Collection(Kind.LIST, Primitive.ANY)),
    "toset": _cast("toset", Collection(Kind.SET, Primitive.ANY)),
    "tomap": _cast("tomap", Collection(Kind.MAP, Primitive.ANY)),
    "sensitive": _same,
    "nonsensitive": _same,
    "ephemeralasnull": _same,
    "issensitive": _issensitive,
}
