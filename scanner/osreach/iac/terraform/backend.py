"""Where a root module keeps its state: the `backend` or `cloud` block of its settings.

Sources: https://developer.hashicorp.com/terraform/language/backend
and https://opentofu.org/docs/language/state/encryption/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.iac.resource import BACKEND, Resource
from osreach.iac.terraform.folder import ModuleFolder
from osreach.iac.terraform.syntax import Block, Expression, Literal, ObjectExpression
from osreach.location import Location
from osreach.value import Object, Unknown, Value

_CLOUD = "cloud"
_ENCRYPTION = "encryption"


@dataclass(frozen=True, slots=True)
class _Found:
    """A block inside the settings, with its label and its arguments."""

    type: str
    label: str
    arguments: Object
    location: Location


def backend_of(root: ModuleFolder) -> Resource | None:
    """The backend of a root module as a resource, None where none is written.

    `kind` is `s3`, `local`, `cloud` and so on, `arguments` holds the literal ones, and
    `encrypted` is there where OpenTofu encrypts the state itself.
    """
    found = [one for block in root.settings("backend", _CLOUD, _ENCRYPTION) for one in _inside(block)]
    backend = next((one for one in reversed(found) if one.type != _ENCRYPTION), None)
    if backend is None:
        return None
    place = backend.location
    kind = _CLOUD if backend.type == _CLOUD else backend.label
    entries = {"kind": Value(kind, place), "arguments": Value(backend.arguments, place)}
    encryption = next((one for one in found if one.type == _ENCRYPTION), None)
    if encryption is not None:
        entries["encrypted"] = Value(data=True, location=encryption.location)
    return Resource(BACKEND, BACKEND, Value(Object(entries), place), place, root.path)


def _inside(block: Block) -> Iterator[_Found]:
    """The backend, cloud and encryption blocks of a `terraform` block, in either syntax."""
    for inner in block.blocks:
        if inner.type in ("backend", _CLOUD, _ENCRYPTION):
            arguments = {one.name: _literal(one.expression) for one in inner.assignments}
            yield _Found(inner.type, "".join(inner.labels[:1]), Object(arguments), inner.location)
    for assignment in block.assignments:
        if assignment.name in (_CLOUD, _ENCRYPTION):
            yield _Found(assignment.name, "", Object({}), assignment.location)
        elif assignment.name == "backend" and isinstance(assignment.expression, ObjectExpression):
            for label, body in _items(assignment.expression):
                items = _items(body) if isinstance(body, ObjectExpression) else ()
                arguments = {name: _literal(value) for name, value in items}
                yield _Found("backend", label, Object(arguments), assignment.location)


def _items(expression: ObjectExpression) -> Iterator[tuple[str, Expression]]:
    for item in expression.items:
        if isinstance(item.key, Literal) and isinstance(item.key.value, str):
            yield item.key.value, item.value


def _literal(expression: Expression) -> Value:
    """An argument, which is a literal in Terraform; OpenTofu's variables stay unknown."""
    if isinstance(expression, Literal):
        return Value(expression.value, expression.location)
    return Value(Unknown("terraform.backend", "it is no literal"), expression.location)
