"""Who may assume which role: the trust policy and the caller's own policies, both taken into account.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from osreach.access.model import Model
from osreach.evaluate.candidates import Candidates
from osreach.evaluate.effective import Access, EffectiveAccess, Outcome
from osreach.evaluate.level import ASSUME, Requests
from osreach.evaluate.standing import Standing, outside
from osreach.evaluate.target import Target, roles_of
from osreach.iam.document import Effect, PrincipalKind, PrincipalTerm
from osreach.iam.hole import has_hole
from osreach.iam.principal_name import principal_from_text
from osreach.iam.request import Service, User, WebIdentity

STRANGER = "anyone with an AWS account"
"""Who may assume a role that trusts everyone."""

# An account that stands for all that the code does not mention.
_STRANGERS_ARN = "arn:aws:iam::999999999999:user/anyone"
_ACTIONS = ("sts:AssumeRole",)
_FEDERATED = (Requests(("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")),)


Report = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """`caller` may assume the role of `target`."""

    caller: Standing
    target: Target
    access: Access


def assumptions(
    effective: EffectiveAccess, callers: Candidates, report: Report | None = None
) -> tuple[Assumption, ...]:
    """Every way in which a caller may become a role; callers of the code, and those that trust policies name."""
    found: list[Assumption] = []
    roles = roles_of(effective.model)
    for number, target in enumerate(roles):
        if report is not None:
            report("working out who may assume which role", number, len(roles))
        for caller, requests in _candidates(target, callers, effective.model):
            if caller.identity is not None and caller.identity.key == target.key:
                continue
            access = effective.of(caller, target, requests)
            if access.outcome is not Outcome.DENIED:
                found.append(Assumption(caller, target, access))
    return tuple(found)


def _candidates(
    target: Target, callers: Candidates, model: Model
) -> Iterator[tuple[Standing, tuple[Requests, ...]]]:
    """Whoever the trust policy may name, once."""
    seen: set[str] = set()
    for term in _terms(target):
        for caller, requests in _named(term, target, callers, model):
            if caller.key not in seen:
                seen.add(caller.key)
                yield caller, requests
    if _open(target):
        everyone = (*callers.standings, _stranger(model)) if _excepts(target) else callers.standings
        for caller in everyone:
            if caller.key not in seen:
                yield caller, ASSUME


def _terms(target: Target) -> Iterator[PrincipalTerm]:
    for document in target.documents:
        for statement in document.statements:
            if statement.effect is not Effect.DENY and statement.principals is not None:
                yield from statement.principals.terms


def _open(target: Target) -> bool:
    """Whether the trust policy may name anyone: it is not known, or names everyone but some."""
    return any(
        document.unknown
        or any(
            statement.principals is not None
            and statement.effect is not Effect.DENY
            and (
                statement.principals.negated
                or any(
                    term.kind in {PrincipalKind.UNKNOWN, PrincipalKind.ANYONE}
                    or (term.kind is PrincipalKind.AWS and len(term.text) == 1)
                    for term in statement.principals.terms
                )
            )
            for statement in document.statements
        )
        for document in target.documents
    )


def _excepts(target: Target) -> bool:
    """Whether the trust policy names everyone but some."""
    return any(
        statement.principals is not None
        and statement.principals.negated
        and statement.effect is not Effect.DENY
        for document in target.documents
        for statement in document.statements
    )


def _stranger(model: Model) -> Standing:
    """Someone whom the code does not mention, whose own policies are no matter of the code."""
    return replace(outside(User(_STRANGERS_ARN), STRANGER, model), assumed="")


def _named(
    term: PrincipalTerm, target: Target, callers: Candidates, model: Model
) -> Iterator[tuple[Standing, tuple[Requests, ...]]]:
    match term.kind:
        case PrincipalKind.SERVICE:
            yield Standing(term.text, Service(term.text)), ASSUME
        case PrincipalKind.FEDERATED:
            yield Standing(term.text, WebIdentity(term.text)), _FEDERATED
        case PrincipalKind.ANYONE:
            yield _stranger(model), ASSUME
        case PrincipalKind.AWS:
            known = callers.by_arn.get(term.text)
            if known is not None:
                for number in known:
                    yield callers.standings[number], ASSUME
                return
            account = _account(term.text)
            if account:
                for standing in callers.allowed(_ACTIONS, target.arn):
                    yield standing, ASSUME
            if has_hole(term.text):
                return
            if account == target.account or len(term.text) == 1:
                return
            try:
                principal = principal_from_text(term.text)
            except ValueError:
                return
            yield outside(principal, term.text, model), ASSUME
        case _:
            return


def _account(text: str) -> str:
    """The account that a principal stands for as a whole, empty where it stands for one identity."""
    if text.isdecimal():
        return text
    return text.split(":")[4] if text.endswith(":root") and text.count(":") == 5 else ""
