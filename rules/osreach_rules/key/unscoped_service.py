"""Reports a service that may use a key on behalf of anybody.

A service acts for all its customers. `aws:SourceArn` or `aws:SourceAccount`
limits it to the resources of this account, so that nobody else's can make it
use the key; so does the encryption context that a service is known to send.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import PrincipalKind
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import allows_on_keys, condition_on, takes_in
from osreach_rules.references import KEY_SERVICES

_SCOPES = (
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "kms:encryptioncontext:",
    "kms:viaservice",
    "kms:calleraccount",
    "aws:principalorgid",
)
_USES = ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:CreateGrant")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield the first service of each Allow without such a condition."""
    for found in allows_on_keys(analysis):
        statement = found.statement
        if statement.principals is None or statement.principals.negated or statement.conditions_unknown:
            continue
        if condition_on(statement, *_SCOPES) or not any(takes_in(statement.actions, one) for one in _USES):
            continue
        for term in statement.principals.terms:
            if term.kind is PrincipalKind.SERVICE:
                yield Match(
                    f"`{term.text}` may use `{found.key.address}` on behalf of any account",
                    found.key.address,
                    (Place(term.location or found.location, "the service"),),
                    principal=term.text,
                )
                break


RULE = Rule(
    "OSR518",
    "unscoped-service",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(KEY_SERVICES,),
    remedy="ask for `aws:SourceAccount` or `aws:SourceArn` in a condition",
)
