"""From an attribute that holds a policy to the document that is attached, unknown where it cannot be read."""

from __future__ import annotations

from osreach.access.identity import Attachment
from osreach.extract.attribute import identity
from osreach.extract.policy import read_policy
from osreach.iac.resource import Resource
from osreach.iam.document import Document, PolicyKind, Term
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Unknown, Value


def unknown_document(unknown: Unknown, holes: Holes, source: str, location: Location) -> Document:
    """A policy of which nothing is known: it may allow or deny anything."""
    term = Term(holes.hole(identity(unknown)), location, many=True)
    return Document((), None, (term,), source, location)


def unknown_attachment(
    unknown: Unknown, holes: Holes, owner: str, location: Location, name: str = ""
) -> Attachment:
    """An attached policy of which nothing is known."""
    label = name or owner
    document = unknown_document(unknown, holes, label, location)
    return Attachment(label, owner, document, location, unknown)


def read_attached(
    value: Value,
    kind: PolicyKind,
    resource: Resource,
    what: str,
    holes: Holes,
    problems: list[Problem],
) -> Attachment:
    """The policy that the attribute `what` of `resource` holds; its faults are added to `problems`."""
    reading = read_policy(value, kind, resource.address, what, holes)
    problems.extend(reading.problems)
    if reading.policy.document is None:
        unknown = reading.policy.unknown or Unknown(f"{resource.address}.{what}", "it cannot be read")
        return unknown_attachment(unknown, holes, resource.address, value.location)
    return Attachment(resource.address, resource.address, reading.policy.document, value.location)
