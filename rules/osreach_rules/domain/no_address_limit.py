"""Reports principals that may use a public domain from anywhere.

Without fine-grained access control a stolen key is all it takes. For public
domains the documentation asks for the principal and its address together.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis, statements_of
from osreach.evaluate.caller import is_account
from osreach.evaluate.exposure import Protection, is_public, protection
from osreach.iam.document import Effect, PrincipalKind, PrincipalTerm
from osreach.iam.glob_match import texts_equal
from osreach.iam.hole import is_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.domain.opening import address_conditions, allows_anyone
from osreach_rules.domain.split_address_and_principal import names_principals
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow for users, accounts or roles of people without a condition on the address."""
    if not any(is_public(one) and protection(one) is Protection.OFF for one in analysis.domains):
        return
    for domain in analysis.model.domains:
        if not is_public(domain) or protection(domain) is not Protection.OFF:
            continue
        statements = tuple(statements_of(domain))
        if any(
            address_conditions(one) and (one.statement.effect is Effect.DENY or allows_anyone(one))
            for one in statements
        ):
            continue
        for found in filter(names_principals, statements):
            principals = found.statement.principals
            term = next(
                (
                    one
                    for one in (principals.terms if principals is not None else ())
                    if one.kind is PrincipalKind.AWS
                    and not (len(one.text) == 1 and is_hole(one.text))
                    and not _is_workload(analysis, one)
                ),
                None,
            )
            if term is not None:
                caller = analysis.caller(term.text, domain)
                who = "the whole account" if is_account(term) else f"`{caller}`"
                yield Match(
                    f"{who} can use the public endpoint from any address",
                    domain.address,
                    (Place(term.location or found.location, "the principal"), analysis.domain_place(domain)),
                    principal=caller,
                )


def _is_workload(analysis: Analysis, term: PrincipalTerm) -> bool:
    """Whether the principal is a role of the code that only services take: these have no address of their own."""
    for identity in analysis.model.identities.values():
        if texts_equal(identity.arn, term.text) is not Truth.TRUE:
            continue
        takers = [
            one
            for trust in identity.trust
            for statement in trust.document.statements
            for one in (statement.principals.terms if statement.principals is not None else ())
        ]
        if takers and all(one.kind in (PrincipalKind.SERVICE, PrincipalKind.FEDERATED) for one in takers):
            return True
    return False


RULE = Rule(
    "OSR135",
    "no-address-limit",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="add a condition on `aws:SourceIp` to the statement, or turn on fine-grained access control",
)
