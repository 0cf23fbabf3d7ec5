"""`Ref`, `Fn::GetAtt` and the names inside `Fn::Sub`: parameters, resources and nested stacks.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from osreach.iac.cloudformation.computed import FIELD, PSEUDO, pattern
from osreach.iac.cloudformation.scope import MAXIMUM_HOPS, Scope
from osreach.iac.cloudformation.template import SAM
from osreach.iac.cloudformation.text import joined, text_parts
from osreach.location import Location
from osreach.value import TextPart, Unknown, Value

Evaluate: TypeAlias = Callable[[Value, Scope], Value]

_NESTED = frozenset({"AWS::CloudFormation::Stack", "AWS::Serverless::Application"})
_LATER = "known after the deployment"
_SCHEME = "https://"


def reference(name: str, location: Location, scope: Scope, evaluate: Evaluate) -> Value:
    """What `Ref` gives for a name."""
    if name == "AWS::NoValue":
        return Value(None, location)
    if name in scope.pseudo:
        return Value(scope.pseudo[name], location)
    if name in scope.parameters:
        return _placed(scope.parameters[name], location)
    if name in scope.resources:
        return attribute(name, "Ref", location, scope, evaluate)
    if not _made_later(name, scope):
        scope.problem(location, f"`{name}` is neither a parameter nor a resource of the template")
    return Value(Unknown(name, "it is not in the template"), location)


def _made_later(name: str, scope: Scope) -> bool:
    """Whether macros, Rain or SAM may add a resource of this name before the deployment.

    SAM's begin with `Serverless` or with the logical id that they are made for:
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
    """
    if not scope.template.complete:
        return True
    if SAM not in scope.template.transforms:
        return False
    made_for = (each for each, resource in scope.resources.items() if _is_serverless(resource))
    return name.startswith(("Serverless", *made_for))


def _is_serverless(resource: Value) -> bool:
    kind = resource.get("Type")
    return kind is not None and (kind.text or "").startswith("AWS::Serverless::")


def _placed(value: Value, location: Location) -> Value:
    """A parameter's value, unknown ones at the place where they are used: they stand nowhere else."""
    match value.data:
        case Unknown():
            return Value(value.data, location)
        case tuple() as items if any(isinstance(item.data, Unknown) for item in items):
            return Value(tuple(_placed(item, location) for item in items), location)
        case _:
            return value


def attribute(name: str, wanted: str, location: Location, scope: Scope, evaluate: Evaluate) -> Value:
    """The attribute of a resource, or what `Ref` gives for it."""
    resource = scope.resources.get(name)
    if resource is None:
        if not _made_later(name, scope):
            scope.problem(location, f"`{name}` is no resource of the template")
        return Value(Unknown(f"{name}.{wanted}", "it is not in the template"), location)
    kind = resource.get("Type")
    kind_name = (kind.text if kind is not None else None) or ""
    if kind_name in _NESTED and wanted.startswith("Outputs."):
        return _output(name, wanted, location, scope, evaluate)
    found = pattern(kind_name, wanted)
    address = scope.address(name)
    if found is None:
        expression = address if wanted == "Ref" else f"{address}.{wanted}"
        return Value(Unknown(expression, _LATER, address), location)
    known = scope.attributes.get((name, wanted))
    if known is not None:
        return Value(known, location)
    with scope.following(f"{name}.{wanted}") as fine:
        if not fine:
            scope.circles += 1
            message = f"`{name}` refers to itself in a circle, or through more than {MAXIMUM_HOPS} names"
            scope.problem(location, message)
            return Value(Unknown(f"{address}.{wanted}", "it refers to itself"), location)
        before = scope.circles
        value = joined(_filled(found, name, resource, location, scope, evaluate), location)
    if scope.circles == before:
        # where names lead in a circle, the result depends on the name that one starts with
        scope.attributes[name, wanted] = value.data
    return value


def _filled(
    found: str, name: str, resource: Value, location: Location, scope: Scope, evaluate: Evaluate
) -> Iterator[TextPart]:
    """The pieces of a pattern."""
    position = 0
    for part in FIELD.finditer(found):
        yield TextPart(found[position : part.start()], location)
        position = part.end()
        pseudo = PSEUDO.get(part["name"])
        if pseudo is not None:
            yield TextPart(scope.pseudo[pseudo], location)
            continue
        written = None if part["never"] else _property(resource, part["name"])
        value = evaluate(written, scope) if written is not None else None
        pieces = text_parts(value) if value is not None else None
        if pieces is not None and part["host"]:
            pieces = _without_scheme(pieces)
        if pieces is not None:
            yield from pieces
        elif part["default"] is not None:
            yield TextPart(part["default"], location)
        else:
            address = scope.address(name)
            yield TextPart(Unknown(f"{address}.{part['name']}", _LATER, address), location)
    yield TextPart(found[position:], location)


def _without_scheme(pieces: Sequence[TextPart]) -> tuple[TextPart, ...] | None:
    """The pieces of an address without `https://` in front, None where its beginning is not known."""
    match pieces:
        case (first, *others) if isinstance(first.text, str) and (
            not others or first.text.startswith(_SCHEME)
        ):
            return (TextPart(first.text.removeprefix(_SCHEME), first.location), *others)
        case _:
            return None


def _property(resource: Value, name: str) -> Value | None:
    properties = resource.get("Properties")
    return properties.get(name) if properties is not None else None


def _output(name: str, wanted: str, location: Location, scope: Scope, evaluate: Evaluate) -> Value:
    """The output of a nested stack."""
    address = scope.address(name)
    unseen = Unknown(f"{address}.{wanted}", "the nested stack is not in the scanned files", address)
    with scope.following(f"{name}.{wanted}") as fine:
        if not fine or scope.child is None:
            return Value(unseen, location)
        if name not in scope.children:
            scope.children[name] = scope.child(name, scope)
        child = scope.children[name]
        output = child.outputs.get(wanted.removeprefix("Outputs.")) if child is not None else None
        value = output.get("Value") if output is not None else None
        if child is None or value is None:
            return Value(unseen, location)
        return evaluate(value, child)
