"""Reports a role with access to a domain or to collections that too many can assume.

What the master user of a domain can do, or a role that its access policy, a mapping
inside its cluster or a data access policy of OpenSearch Serverless names, everyone can
do who may become that role. A trust policy for anyone, for a whole other account, or
for every user of an identity provider gives the data away, however tight the access
policy is. The same holds for a role whose own policies reach a domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.identity import Identity, IdentityKind
from osreach.analysis import Analysis, statements_of
from osreach.evaluate.caller import account_of, is_account
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import LEVELS, Level
from osreach.evaluate.reach import level_of
from osreach.evaluate.standing import standing_of
from osreach.evaluate.target import of_domain
from osreach.iam.document import Effect, PrincipalKind, PrincipalTerm, Statement
from osreach.iam.glob_match import is_everything, texts_equal
from osreach.iam.hole import has_hole
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.principal import role_of
from osreach.truth import Truth
from osreach_rules.references import FINE_GRAINED, PRINCIPAL, SERVERLESS_DATA_ACCESS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each principal of a trust policy that lets too many become a role with access to data."""
    if not analysis.identity_policies and not analysis.domains and not analysis.serverless.data_access:
        return
    named = tuple(_named(analysis))
    for identity in analysis.model.identities.values():
        if identity.kind is not IdentityKind.ROLE or not identity.defined:
            continue
        faults = tuple(_faults(analysis, identity))
        if not faults:
            continue
        reached = next((found for found in named if texts_equal(found.arn, identity.arn) is Truth.TRUE), None)
        if reached is None and any(fault.everywhere for fault in faults):
            reached = _by_own_policies(analysis, identity)
        if reached is not None:
            yield from _matches(analysis, identity, faults, reached)


@dataclass(frozen=True, slots=True)
class _Named:
    """A role ARN that is let in: where, and to what as what, for people."""

    arn: str
    location: Location
    what: str


@dataclass(frozen=True, slots=True)
class _Fault:
    """A principal of a trust policy that is too wide: who that is, for people, and how bad.

    `everywhere` where it is not the users of one account.
    """

    who: str
    term: PrincipalTerm
    location: Location
    severity: Severity | None
    everywhere: bool


def _named(analysis: Analysis) -> Iterator[_Named]:
    """Every role ARN that a domain, the inside of its cluster or a data access policy lets in."""
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
    for content in analysis.clusters:
        where = "a cluster" if content.domain is None else f"`{content.domain.address}`"
        for mapping in content.mappings:
            found_roles = (*mapping.content.users, *mapping.content.backend_roles)
            for name in (*found_roles, *mapping.content.and_backend_roles):
                what = f"mapped to `{analysis.words(mapping.content.role)}` of {where}"
                yield _Named(name, mapping.location, what)
    for policy in analysis.serverless.data_access:
        for entry in policy.content.entries:
            for principal in entry.principals:
                arn = role_of(principal.text)
                if arn is not None:
                    what = f"let in to collections by `{policy.address}`"
                    yield _Named(arn, principal.location, what)


def _by_own_policies(analysis: Analysis, identity: Identity) -> _Named | None:
    """What the role can do to a domain that names it nowhere; None where nothing is certain."""
    standing = standing_of(identity, analysis.model)
    for domain in analysis.model.domains:
        target = of_domain(domain, analysis.model)
        for level, requests in LEVELS[target.kind].items():
            if level is Level.CONFIGURE:
                continue
            access = level_of(analysis.access, standing, target, level, requests)
            if access.outcome in {Outcome.ALLOWED, Outcome.CONDITIONAL}:
                places = (one.location for one in access.because if one.location is not None)
                place = next(places, domain.location)
                return _Named(identity.arn, place, f"allowed to {level.value} `{domain.address}`")
    return None


def _faults(analysis: Analysis, identity: Identity) -> Iterator[_Fault]:
    """Each principal that lets too many become the role."""
    for trust in identity.trust:
        for statement in trust.document.statements:
            if (
                statement.effect is not Effect.ALLOW
                or statement.principals is None
                or statement.principals.negated
                or statement.conditions_unknown
            ):
                continue
            for term in statement.principals.terms:
                found = _fault(analysis, identity, statement, term)
                if found is not None:
                    place = term.location or statement.location or trust.location
                    yield _Fault(found[0], term, place, found[1], not is_account(term))


def _matches(
    analysis: Analysis, identity: Identity, faults: tuple[_Fault, ...], reached: _Named
) -> Iterator[Match]:
    for fault in faults:
        yield Match(
            f"{fault.who} can become `{identity.address}`, which is {reached.what}",
            identity.address,
            (
                Place(fault.location, "who may assume the role"),
                Place(reached.location, "what the role reaches"),
            ),
            severity=fault.severity,
            principal=analysis.words(fault.term.text),
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
