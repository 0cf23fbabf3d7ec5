"""Reports a service that may use a key on behalf of anybody.

A service acts for all its customers. `aws:SourceArn` or `aws:SourceAccount`
limits it to the resources of this account, so that nobody else's can make it
use the key; so does the encryption context that a service is known to send.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import PrincipalKind, PrincipalTerm
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import KeyStatement, allows_on_key, condition_on, once_a_place, takes_in
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
    """Yield each key with such an Allow, the further ones as the trail."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for key in analysis.model.keys:
        found = [(term, statement) for statement in allows_on_key(key) for term in _unscoped(statement)]
        if not found:
            continue
        names = list(dict.fromkeys(term.text for term, _ in found))
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Match(
            f"`{names[0]}`{others} may use `{key.address}` on behalf of any account",
            key.address,
            tuple(Place(term.location or statement.location, "the service") for term, statement in found),
            principal=", ".join(names),
        )


def _unscoped(found: KeyStatement) -> Iterator[PrincipalTerm]:
    statement = found.statement
    if statement.principals is None or statement.principals.negated or statement.conditions_unknown:
        return
    if condition_on(statement, *_SCOPES) or not any(takes_in(statement.actions, one) for one in _USES):
        return
    for term in statement.principals.terms:
        if term.kind is PrincipalKind.SERVICE:
            yield term


RULE = Rule(
    "OSR518",
    "unscoped-service",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(KEY_SERVICES,),
    remedy="ask for `aws:SourceAccount` or `aws:SourceArn` in a condition",
)
