"""Reports a right to create grants on a key that is not limited to AWS services.

Whoever can create a grant can hand the use of the key to anybody. Services that
encrypt for a caller create grants as well; `kms:GrantIsForAWSResource` or
`kms:ViaService` limits the right to those. Administrators of the key, who can
change its policy anyway, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import is_account
from osreach.iam.document import PrincipalKind, Statement
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.people import all_administer_or_deploy, says_administrator
from osreach_rules.key.statements import (
    allows_on_keys,
    condition_on,
    grants_to_identities,
    once_a_place,
    takes_in,
)
from osreach_rules.references import ENCRYPTION_AT_REST, KEY_CONDITIONS

_LIMITS = ("kms:grant", "kms:viaservice", "aws:calledvia", "aws:viaawsservice")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of `kms:CreateGrant` to a principal that does not administer the key."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for found in allows_on_keys(analysis):
        if not _is_unlimited(found.statement) or found.statement.principals is None:
            continue
        if found.statement.principals.negated:
            continue
        for term in found.statement.principals.terms:
            if term.kind is not PrincipalKind.AWS or is_account(term) or says_administrator(term.text):
                continue
            yield Match(
                f"`{term.text}` can create any grant on `{found.key.address}`",
                found.key.address,
                (
                    Place(_action(found.statement, found.location), "the right to create grants"),
                    Place(term.location or found.location, "who has it"),
                ),
                principal=term.text,
            )
    for granted in grants_to_identities(analysis):
        if not _is_unlimited(granted.statement):
            continue
        if says_administrator(granted.policy.name) or all_administer_or_deploy(granted.policy.holders):
            continue
        yield Match(
            f"`{granted.policy.name}` lets its holders create any grant",
            granted.policy.name,
            (Place(_action(granted.statement, granted.location), "the right to create grants"),),
        )


def _is_unlimited(statement: Statement) -> bool:
    return (
        takes_in(statement.actions, "kms:CreateGrant")
        and not takes_in(statement.actions, "kms:PutKeyPolicy")
        and not statement.conditions_unknown
        and condition_on(statement, *_LIMITS) is None
    )


def _action(statement: Statement, otherwise: Location) -> Location:
    for term in statement.actions.terms:
        if takes_in(type(statement.actions)((term,)), "kms:CreateGrant"):
            return term.location or otherwise
    return otherwise


RULE = Rule(
    "OSR508",
    "unlimited-grant-creation",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ENCRYPTION_AT_REST, KEY_CONDITIONS),
    remedy="ask for `kms:GrantIsForAWSResource` to be true in a condition",
)
