"""The callers that a domain's access policy speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from osreach.iam.document import Document, Effect, PrincipalKind, PrincipalTerm
from osreach.iam.hole import is_hole
from osreach.iam.request import Anonymous, Principal, RoleSession, RootUser, Service, User
from osreach.location import Location

_ACCOUNT = re.compile(r"(?:arn:(?P<partition>[^:]*):iam::(?P<arn_account>[^:]*):root|(?P<account>[0-9]{12}))")
_ARN = re.compile(
    r"arn:(?P<partition>[^:]*):(?P<service>iam|sts)::(?P<account>[^:]*):(?P<rest>.+)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone whom a statement names: `name` is how it is written, `principal` one who is meant."""

    name: str
    principal: Principal
    location: Location | None


def account_of(term: PrincipalTerm) -> str | None:
    """The account that a principal belongs to (a hole where unknown), None where it has none."""
    if term.kind is not PrincipalKind.AWS:
        return None
    account = _ACCOUNT.fullmatch(term.text)
    if account:
        return account.group("account") or account.group("arn_account")
    arn = _ARN.fullmatch(term.text)
    return arn.group("account") if arn else None


def is_account(term: PrincipalTerm) -> bool:
    """Whether the principal is a whole account.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    return term.kind is PrincipalKind.AWS and _ACCOUNT.fullmatch(term.text) is not None


def is_anyone(term: PrincipalTerm) -> bool:
    """Whether the principal is everybody, those who do not sign included."""
    return term.kind is PrincipalKind.ANYONE


def callers(documents: Iterable[Document]) -> tuple[Caller, ...]:
    """Everyone whom an Allow statement names, each once, in the order of the policy."""
    found: dict[str, Caller] = {}
    for document in documents:
        for statement in document.statements:
            if statement.effect is Effect.DENY or statement.principals is None:
                continue
            if statement.principals.negated:
                continue
            for term in statement.principals.terms:
                principal = principal_of(term)
                if principal is not None:
                    found.setdefault(term.text, Caller(term.text, principal, term.location))
    return tuple(found.values())


def principal_of(term: PrincipalTerm) -> Principal | None:
    """One principal that the term means, or None where it means none or is unknown."""
    match term.kind:
        case PrincipalKind.ANYONE:
            return Anonymous()
        case PrincipalKind.SERVICE:
            return Service(term.text)
        case PrincipalKind.AWS:
            return _aws_principal(term.text)
        case _:
            return None


def _aws_principal(text: str) -> Principal | None:
    if len(text) == 1 and is_hole(text):
        return None
    account = _ACCOUNT.fullmatch(text)
    if account:
        partition = account.group("partition") or "aws"
        return RootUser(account.group("account") or account.group("arn_account"), partition)
    arn = _ARN.fullmatch(text)
    if arn is None:
        return None
    kind, _, name = arn.group("rest").partition("/")
    prefix = f"arn:{arn.group('partition')}:iam::{arn.group('account')}"
    match kind:
        case "user" if "*" not in name:
            return User(text)
        case "role" if "*" not in name:
            return RoleSession(text)
        case "assumed-role":
            role, _, session = name.partition("/")
            return RoleSession(f"{prefix}:role/{role}", session or "session")
        case _:
            return None
