"""Reports a role with access to a domain or to collections that too many can assume.

What the master user of a domain can do, or a role that its access policy or a data
access policy of OpenSearch Serverless names, everyone can do who may become that
role. A trust policy for anyone, for a whole other account, or for every user of an
identity provider gives the data away, however tight the access policy is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.identity import Identity, IdentityKind
from osreach.analysis import Analysis, statements_of
from osreach.evaluate.caller import account_of, is_account
from osreach.iam.document import Effect, PrincipalKind, PrincipalTerm, Statement
from osreach.iam.glob_match import is_everything, texts_equal
from osreach.iam.hole import has_hole
from osreach.iam.truth import Truth
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.principal import role_of
from osreach_rules.references import FINE_GRAINED, PRINCIPAL, SERVERLESS_DATA_ACCESS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each principal of a trust policy that lets too many become a role with access to data."""
    if not analysis.identity_policies and not analysis.domains and not analysis.serverless.data_access:
        return
    named = tuple(_named(analysis))
    if not named:
        return
    for identity in analysis.model.identities.values():
        if identity.kind is not IdentityKind.ROLE or not identity.defined:
            continue
        reached = next((found for found in named if texts_equal(found.arn, identity.arn) is Truth.TRUE), None)
        if reached is None:
            continue
        for trust in identity.trust:
            for statement in trust.document.statements:
                yield from _wide(analysis, identity, statement, trust.location, reached)


@dataclass(frozen=True, slots=True)
class _Named:
    """A role ARN that is let in: where, and to what as what, for people."""

    arn: str
    location: Location
    what: str


def _named(analysis: Analysis) -> Iterator[_Named]:
    """Every role ARN that a domain or a data access policy lets in."""
    for domain in analysis.model.domains:
        master = domain.fine_grained.master_arn
        if isinstance(master.value, str):
            yield _Named(master.value, master.location, f"the master user of `{domain.address}`")
        for found in statements_of(domain):
            statement = found.statement
            if statement.effect is not Effect.ALLOW or statement.principals is None:
                continue
            if not statement.principals.negated:
                for term in statement.principals.terms:
                    if term.kind is PrincipalKind.AWS:
                        place = term.location or found.location
                        yield _Named(term.text, place, f"let in to `{domain.address}`")
    for policy in analysis.serverless.data_access:
        for entry in policy.content.entries:
            for principal in entry.principals:
                arn = role_of(principal.text)
                if arn is not None:
                    what = f"let in to collections by `{policy.address}`"
                    yield _Named(arn, principal.location, what)


def _wide(
    analysis: Analysis,
    identity: Identity,
    statement: Statement,
    attached: Location,
    reached: _Named,
) -> Iterator[Match]:
    if (
        statement.effect is not Effect.ALLOW
        or statement.principals is None
        or statement.principals.negated
        or statement.conditions_unknown
    ):
        return
    for term in statement.principals.terms:
        found = _fault(analysis, identity, statement, term)
        if found is None:
            continue
        who, severity = found
        yield Match(
            f"{who} can become `{identity.address}`, which is {reached.what}",
            identity.address,
            (
                Place(term.location or statement.location or attached, "who may assume the role"),
                Place(reached.location, "what the role reaches"),
            ),
            severity=severity,
            principal=analysis.words(term.text),
        )


def _fault(
    analysis: Analysis, identity: Identity, statement: Statement, term: PrincipalTerm
) -> tuple[str, Severity | None] | None:
    """Who is let in too widely, and how bad that is; None where it is in order."""
    conditioned = any(
        not all(is_everything(value.text) for value in condition.values) for condition in statement.conditions
    )
    match term.kind:
        case PrincipalKind.ANYONE if not conditioned:
            return "anyone in any account", Severity.CRITICAL
        case PrincipalKind.AWS if is_account(term) and not conditioned:
            account = account_of(term) or ""
            unknown = has_hole(account) or has_hole(identity.account)
            if unknown or account == identity.account or account in analysis.trusted_accounts:
                return None
            return f"everyone in the account {account}", None
        case PrincipalKind.FEDERATED if not _names_users(statement):
            return f"every user of `{analysis.words(term.text)}`", None
        case _:
            return None


def _names_users(statement: Statement) -> bool:
    """Whether a condition says for whom, or for which application, the provider vouches."""
    return any(
        condition.key.lower().endswith((":sub", ":aud", ":oaud", ":amr"))
        and not all(is_everything(value.text) for value in condition.values)
        for condition in statement.conditions
    )


RULE = Rule(
    "OSR419",
    "widely-assumable-role",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, PRINCIPAL, SERVERLESS_DATA_ACCESS),
    remedy="name the roles that may assume it, with `sts:ExternalId` or the provider's `sub` as a condition",
)
