"""Reports a grant of decryption with every key.

It takes in keys that nobody thought of, those that are made later, and keys of
other accounts whose policies allow it. An ARN with the account at least keeps to
the keys of one's own. Conditions such as `kms:ViaService` or
`kms:ResourceAliases` narrow it where the keys cannot be listed. It is less
grave where no key of the code leaves its use to such policies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.key import Key
from osreach.analysis import Analysis
from osreach.iam.document import Effect, Statement
from osreach.iam.glob_match import is_everything
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.identity.people import all_administer_or_deploy, says_administrator
from osreach_rules.key.statements import (
    IdentityStatement,
    allows_every_action,
    condition_on,
    grants_to_identities,
    once_a_place,
    takes_in,
)
from osreach_rules.references import KEY_CONDITIONS

_ANY_KEY = re.compile(r"arn:[^:]*:kms:\*:\*:(?:\*|key/\*)")
_NARROWING = (
    "kms:viaservice",
    "kms:resourcealiases",
    "kms:requestalias",
    "kms:encryptioncontext",
    "kms:calleraccount",
    "kms:multiregion",
    "aws:resourcetag/",
    "aws:calledvia",
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow of `kms:Decrypt` on any key, for others than administrators."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for found in grants_to_identities(analysis):
        statement = found.statement
        if allows_every_action(statement.actions) or not takes_in(statement.actions, "kms:Decrypt"):
            continue
        place = _any_key(statement, found.location)
        if place is None or statement.conditions_unknown or condition_on(statement, *_NARROWING):
            continue
        if says_administrator(found.policy.name) or all_administer_or_deploy(found.policy.holders):
            continue
        key = _left_to_identities(analysis, found)
        trail = (Place(key.location, "one of the keys"),) if key is not None else ()
        yield Match(
            f"`{found.policy.name}` allows decryption with every key",
            found.policy.name,
            (Place(place, "every key"), *trail),
            severity=None if key is not None else Severity.LOW,
        )


def _any_key(statement: Statement, otherwise: Location) -> Location | None:
    """Where the statement takes in every key of every account."""
    if statement.resources is None or statement.resources.negated:
        return None
    for term in statement.resources.terms:
        if is_everything(term.text) or _ANY_KEY.fullmatch(term.text):
            return term.location or otherwise
    return None


def _left_to_identities(analysis: Analysis, found: IdentityStatement) -> Key | None:
    """A key of the same deployment whose policy leaves decryption to policies like this one."""
    for key in analysis.model.keys:
        if key.deployment != found.policy.deployment:
            continue
        root = f"arn:{key.arn.split(':', 2)[1]}:iam::{key.account}:root"
        for document in key.documents:
            for statement in document.statements:
                if (
                    statement.effect is Effect.ALLOW
                    and statement.principals is not None
                    and takes_in(statement.actions, "kms:Decrypt")
                    and any(term.text in (root, key.account) for term in statement.principals.terms)
                ):
                    return key
    return None


RULE = Rule(
    "OSR506",
    "decrypt-with-any-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(KEY_CONDITIONS,),
    remedy="name the keys, or ask for `kms:ViaService` in a condition",
)
