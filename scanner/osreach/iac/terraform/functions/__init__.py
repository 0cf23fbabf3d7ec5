"""Terraform's functions, a module per theme.

Source: https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from osreach.iac.terraform.functions import (
    arithmetic,
    casts,
    collections,
    dates,
    encoding,
    files,
    formatting,
    network,
    text,
)
from osreach.iac.terraform.functions.signature import Arguments, Function, Site, unknown_call
from osreach.value import Unknown, Value

IMPURE = frozenset({"timestamp", "plantimestamp", "uuid", "bcrypt", "rsadecrypt", "base64gzip", "yamlencode"})
"""Functions whose result depends on the moment, on chance, or on an encoder's own choices."""


@cache
def table() -> Mapping[str, Function]:
    """Every function by its name."""
    modules = (arithmetic, casts, collections, dates, encoding, files, formatting, network, text)
    return {name: function for module in modules for name, function in module.FUNCTIONS.items()}


def call(name: str, arguments: Arguments, site: Site) -> Value:
    """The result of `name(arguments)`; raises EvaluationError where Terraform would refuse the call."""
    bare = name.removeprefix("core::")
    function = table().get(bare)
    if function is not None:
        return function(arguments, site)
    unknown = unknown_call(name, arguments)
    if bare in IMPURE:
        reason = f"`{bare}` gives its result only when Terraform runs"
    elif name.startswith("provider::"):
        reason = f"`{name}` is a function of a provider"
    else:
        reason = f"there is no function `{name}`"
        if not site.scope.trying:
            site.scope.module.report(reason, site.location)
    return Value(Unknown(unknown.expression, reason), site.location)


__all__ = ["IMPURE", "Site", "call", "table"]
