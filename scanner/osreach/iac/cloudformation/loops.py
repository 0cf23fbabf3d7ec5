"""`Fn::ForEach`: entries that are written once and meant many times.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from osreach.iac.cloudformation.references import Evaluate
from osreach.iac.cloudformation.scope import Scope
from osreach.iac.cloudformation.text import scalar_text
from osreach.value import Object, Text, TextPart, Unknown, Value

LOOP: Final = "Fn::ForEach::"
MAXIMUM_ITERATIONS: Final = 600
"""Rounds of all loops of a stack; CloudFormation allows 500 resources in a template."""


def unrolled(
    entries: Mapping[str, Value], scope: Scope, evaluate: Evaluate
) -> tuple[dict[str, Value], tuple[Unknown, ...]]:
    """The entries with every loop written out; the unknowns are loops that nobody can write out yet."""
    found: dict[str, Value] = {}
    rest: list[Unknown] = []
    for name, entry in entries.items():
        if not name.startswith(LOOP):
            found[name] = entry
            continue
        match entry.data:
            case (variable, collection, Value(Object(body))) if variable.text is not None:
                word = variable.text
            case _:
                scope.problem(entry.location, f"`{name}` needs a name, a list and a mapping")
                continue
        items = evaluate(collection, scope)
        for item in _elements(items, name, rest):
            scope.iterations += 1
            if scope.iterations > MAXIMUM_ITERATIONS:
                message = f"the loops of the template run more than {MAXIMUM_ITERATIONS:,} times"
                if scope.iterations == MAXIMUM_ITERATIONS + 1:
                    scope.problem(entry.location, message)
                break
            round_ = {_text(key, word, item): _replaced(value, word, item) for key, value in body.items()}
            inner, more = unrolled(round_, scope, evaluate)
            found.update(inner)
            rest.extend(more)
    return found, tuple(rest)


def _elements(items: Value, name: str, rest: list[Unknown]) -> list[str]:
    """The known texts of a collection; unknown ones go to `rest`."""
    if isinstance(items.data, Unknown):
        rest.append(Unknown(name, items.data.reason))
        return []
    found: list[str] = []
    for item in items.items:
        if isinstance(item.data, int | float):
            found.append(scalar_text(item.data))
        elif item.text is not None:
            found.append(item.text)
        else:
            rest.append(Unknown(name, "an element of its list is not known"))
    return found


def _text(text: str, name: str, item: str) -> str:
    """`text` with `${name}` replaced, and `&{name}` by the letters and digits of the element."""
    if "{" not in text:
        return text
    plain = re.sub("[^A-Za-z0-9]", "", item)
    return text.replace("${" + name + "}", item).replace("&{" + name + "}", plain)


def _replaced(value: Value, name: str, item: str) -> Value:
    """`value` with the name of the loop's variable replaced by one element."""
    match value.data:
        case str() as text:
            changed = _text(text, name, item)
            return value if changed == text else Value(changed, value.location)
        case Text(parts):
            pieces = tuple(
                TextPart(_text(part.text, name, item), part.location)
                if isinstance(part.text, str) and "{" + name + "}" in part.text
                else part
                for part in parts
            )
            return Value(Text(pieces), value.location)
        case tuple() as items:
            return Value(tuple(_replaced(each, name, item) for each in items), value.location)
        case Object(entries):
            reference = entries.get("Ref")
            if reference is not None and len(entries) == 1 and reference.text == name:
                return Value(item, reference.location)
            changed_entries = {
                _text(key, name, item): _replaced(each, name, item) for key, each in entries.items()
            }
            return Value(Object(changed_entries), value.location)
        case _:
            return value
