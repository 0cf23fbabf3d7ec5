"""The outputs of a stack that write an address in front of whose host something stands.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.iac.cloudformation.intrinsics import evaluate
from osreach.iac.cloudformation.scope import Scope
from osreach.iac.cloudformation.truth import outcome
from osreach.iac.resource import OUTPUT, Circumstance, Resource
from osreach.location import Location
from osreach.value import Object, Text, Value

_IN_ADDRESS = ("://", "@")


def outputs_of(scope: Scope, circumstance: Circumstance | None, deployment: str) -> Iterator[Resource]:
    """The outputs with such an address as resources; the others are not even evaluated."""
    for name, output in scope.outputs.items():
        value = output.get("Value")
        written = "".join(_texts(value)) if value is not None else ""
        if value is None or not all(part in written for part in _IN_ADDRESS):
            continue
        condition = output.get("Condition")
        named = condition.text if condition is not None else None
        if named is not None and outcome(named, output.location, scope, evaluate) is False:
            continue
        place = output.location
        header = Location(place.path, place.line, place.column, place.line, place.column + len(name))
        attributes = Value(Object({"value": evaluate(value, scope)}), place)
        yield Resource(scope.address(f"Outputs.{name}"), OUTPUT, attributes, header, deployment, circumstance)


def _texts(value: Value) -> Iterator[str]:
    """Every text of a value, in order."""
    match value.data:
        case tuple() as items:
            for item in items:
                yield from _texts(item)
        case Object(entries):
            for entry in entries.values():
                yield from _texts(entry)
        case str() | Text():
            yield value.text or ""
        case _:
            return
