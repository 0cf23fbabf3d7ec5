"""What written values mention, without resolving anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.value import Object, Value

_PLACEHOLDER = re.compile(r"\$\{([^}!]+)\}")


def names_in(value: Value) -> Iterator[str]:
    """The names of parameters and resources that `Ref`, `Fn::GetAtt` and `Fn::Sub` mention."""
    match value.data:
        case Object(entries):
            for name, entry in entries.items():
                if name == "Ref" and entry.text is not None:
                    yield entry.text
                elif name == "Fn::GetAtt":
                    first = entry.data[0] if isinstance(entry.data, tuple) and entry.data else entry
                    if first.text is not None:
                        yield first.text.partition(".")[0]
                elif name == "Fn::Sub":
                    yield from _placeholders(entry)
                yield from names_in(entry)
        case tuple() as items:
            for item in items:
                yield from names_in(item)
        case _:
            return


def _placeholders(value: Value) -> Iterator[str]:
    text = value.data[0] if isinstance(value.data, tuple) and value.data else value
    for found in _PLACEHOLDER.finditer(text.text or ""):
        yield found.group(1).strip().partition(".")[0]


def conditions_in(value: Value) -> Iterator[str]:
    """The conditions that `Fn::If` and `Condition` mention."""
    match value.data:
        case Object(entries):
            for name, entry in entries.items():
                if name == "Fn::If" and isinstance(entry.data, tuple) and entry.data:
                    condition = entry.data[0].text
                elif name == "Condition":
                    condition = entry.text
                else:
                    condition = None
                if condition is not None:
                    yield condition
                yield from conditions_in(entry)
        case tuple() as items:
            for item in items:
                yield from conditions_in(item)
        case _:
            return
