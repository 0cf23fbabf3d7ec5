"""Functions that convert types, and those that change nothing but Terraform's own marks.

Source: https://developer.hashicorp.com/terraform/language/functions#type-conversion-functions
"""

from __future__ import annotations

from collections.abc import Mapping

from osreach.iac.terraform.conversion import Collection, Kind, Primitive, Type, convert
from osreach.iac.terraform.functions.signature import (
    Arguments,
    Function,
    Site,
    check_count,
    result,
    unknown_call,
)
from osreach.value import Unknown, Value


def _cast(name: str, wanted: Type) -> Function:
    def apply(arguments: Arguments, site: Site) -> Value:
        check_count(name, arguments, 1, 1, site)
        data = arguments[0].data
        if isinstance(data, Unknown):
            return result(unknown_call(name, arguments), site)
        return convert(arguments[0], wanted)

    return apply


def _same(arguments: Arguments, site: Site) -> Value:
    """`sensitive` and its like hide a value from the plan's output; the value is the same."""
    check_count("sensitive", arguments, 1, 1, site)
    return arguments[0]


def _issensitive(arguments: Arguments, site: Site) -> Value:
    check_count("issensitive", arguments, 1, 1, site)
    return result(Unknown("issensitive(...)", "marks of sensitive values are not followed"), site)


FUNCTIONS: Mapping[str, Function] = {
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
