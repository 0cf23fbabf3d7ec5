"""Reports logins that the access policy lets nobody reach.

A policy that names roles or users lets only signed requests through, and a
request cannot be signed and carry a user name and password. Internal users and
users of SAML then get no further than the edge of the domain.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis, DomainStatement, statements_of
from osreach.evaluate.exposure import Reach
from osreach.iam.document import Effect
from osreach.iam.hole import has_hole
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED, SAML

_OF_IDENTITIES = (":role/", ":user/", ":assumed-role/", ":federated-user/")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with passwords or SAML of which every Allow names roles or users."""
    for domain in analysis.domains:
        login = _login(domain)
        allows = [one for one in statements_of(domain) if one.statement.effect is Effect.ALLOW]
        if login is None or not allows or any(policy.document is None for policy in domain.policies):
            continue
        unsigned = analysis.unsigned(domain)
        if unsigned.reach is not Reach.NOBODY or unsigned.confidence is not Confidence.CERTAIN:
            continue
        if unsigned.undecided or not all(map(_names_identities, allows)):
            continue
        what, location = login
        principals = allows[0].statement.principals
        term = principals.terms[0] if principals is not None else None
        place = (term.location if term is not None else None) or allows[0].location
        yield Match(
            f"{what} of `{domain.address}` cannot log in, because its access policy lets signed requests "
            "through only",
            domain.address,
            (Place(place, "only this caller, who signs"), Place(location, "this login does not sign")),
        )


def _login(domain: Domain) -> tuple[str, Location] | None:
    """Who logs in without signing; nobody where that is Cognito, of which the users sign with a role."""
    if not domain.fine_grained.enabled.is_certainly(value=True):
        return None
    if domain.saml.is_certainly(value=True):
        return "users of SAML", domain.saml.location
    if domain.fine_grained.internal_users.is_certainly(value=True) and domain.cognito.is_certainly(
        value=False
    ):
        return "internal users", domain.fine_grained.internal_users.location
    return None


def _names_identities(found: DomainStatement) -> bool:
    """Whether a statement is known to be for roles and users alone, not for an account or a service."""
    principals = found.statement.principals
    return (
        principals is not None
        and not principals.negated
        and bool(principals.terms)
        and all(
            not has_hole(term.text.partition(":iam::")[0])
            and any(part in term.text for part in _OF_IDENTITIES)
            for term in principals.terms
        )
    )


RULE = Rule(
    "OSR149",
    "signing-only-policy",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, SAML),
    remedy="allow `*` from the addresses of the users and let fine-grained access control ask for credentials",
)
