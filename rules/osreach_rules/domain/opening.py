"""The statements behind a witness request, as places of a finding."""

from __future__ import annotations

from osreach.access.domain import Domain
from osreach.analysis import DomainStatement, statements_of
from osreach.evaluate.caller import is_anyone
from osreach.iam.document import Condition, Effect
from osreach.location import Place
from osreach.witness import Witness


def opening_places(domain: Domain, witness: Witness) -> tuple[Place, ...]:
    """The statement that allows the witness, then the address condition in it where there is one."""
    for found in statements_of(domain):
        if allows_anyone(found) and found.statement.effect is Effect.ALLOW and _is_behind(found, witness):
            return (Place(found.location, "this statement allows it"), *_conditions(found))
    return (Place(domain.location, "the domain"),)


def _is_behind(found: DomainStatement, witness: Witness) -> bool:
    """Whether the statement is one that the decision procedure named for the witness."""
    return (found.document.source, found.statement.index) in witness.statements


def _conditions(found: DomainStatement) -> tuple[Place, ...]:
    return tuple(
        Place(condition.location, "these addresses are most of the internet")
        for condition in address_conditions(found)
        if condition.location is not None
    )


def address_conditions(found: DomainStatement) -> tuple[Condition, ...]:
    """The conditions of a statement about the caller's public address."""
    return tuple(
        condition
        for condition in found.statement.conditions
        if condition.key.lower() == "aws:sourceip" and condition.operator in ("IpAddress", "NotIpAddress")
    )


def allows_anyone(found: DomainStatement) -> bool:
    """Whether the statement names everybody as principal and allows."""
    principals = found.statement.principals
    if principals is None or found.statement.effect is Effect.DENY:
        return False
    return principals.negated or any(is_anyone(term) for term in principals.terms)
