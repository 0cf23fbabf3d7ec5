"""From an attribute that holds a policy to the document that is attached, unknown where it cannot be read."""

from __future__ import annotations

from dataclasses import replace
from operator import is_

from osreach.access.identity import Attachment
from osreach.extract.attribute import identity
from osreach.extract.domain import ACCOUNT
from osreach.extract.owner import partition_of
from osreach.extract.policy import read_policy
from osreach.iac.resource import Resource
from osreach.iam.document import Document, PolicyKind, PrincipalKind, Statement, Term
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
    document = _with_account(reading.policy.document, resource, holes)
    return Attachment(resource.address, resource.address, document, value.location)


def _with_account(document: Document, resource: Resource, holes: Holes) -> Document:
    """The document with the id of the own account as a principal spelt as its ARN.

    An unknown text alone could name anyone; the id of an account, known or not,
    means the account.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    own = holes.hole(ACCOUNT)
    root = f"arn:{partition_of(resource, holes)}:iam::{own}:root"
    statements = tuple(_spelt(statement, own, root) for statement in document.statements)
    if all(map(is_, statements, document.statements)):
        return document
    return replace(document, statements=statements)


def _spelt(statement: Statement, own: str, root: str) -> Statement:
    principals = statement.principals
    if principals is None or all(term.text != own for term in principals.terms):
        return statement
    terms = tuple(
        replace(term, text=root) if term.text == own and term.kind is PrincipalKind.AWS else term
        for term in principals.terms
    )
    return replace(statement, principals=replace(principals, terms=terms))
