"""Reports a principal of a data access policy that the service does not know, or of another account.

A data access policy names roles, users, and users and groups of SAML or IAM
Identity Center, one by one. It is not documented that it can name everyone, an
account or a group of IAM; whether AWS refuses such a policy, ignores the principal
or lets everyone in is not documented either. A principal of another account gets
nothing: it has to assume a role of the collection's account. Patterns of role
sessions (`assumed-role/NAME/*`) are in order, as deliveries use them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.serverless import DataAccessPolicy
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.pattern import has_hole
from osreach.serverless.policy import Written
from osreach.serverless.principal import PrincipalKind, named
from osreach.witness import Confidence
from osreach_rules.references import FIREHOSE, SERVERLESS_DATA_ACCESS

_OF_IAM = (PrincipalKind.ROLE, PrincipalKind.USER, PrincipalKind.SESSION, PrincipalKind.SESSIONS)
_OTHER_LISTS = ("saml/", "iamidentitycenter/", "iamfederation/")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such principal."""
    for policy in analysis.serverless.data_access:
        own = _own_account(policy)
        for entry in policy.content.entries:
            for principal in entry.principals:
                found = _fault(analysis, own, principal)
                if found is not None:
                    message, severity, confidence = found
                    yield Match(
                        message,
                        policy.address,
                        (Place(principal.location, "the principal"),),
                        confidence=confidence,
                        severity=severity,
                        principal=analysis.words(principal.text),
                    )


@dataclass(frozen=True, slots=True)
class _Account:
    """The account of a policy: `certain` where the code says it, else that of most of its principals."""

    account: str
    certain: bool


def _own_account(policy: DataAccessPolicy) -> _Account:
    if not has_hole(policy.account):
        return _Account(policy.account, certain=True)
    accounts = Counter(
        who.account
        for entry in policy.content.entries
        for who in (named(principal.text) for principal in entry.principals)
        if who.kind in _OF_IAM and not has_hole(who.account)
    )
    return _Account(next((account for account, _ in accounts.most_common(1)), ""), certain=False)


def _fault(
    analysis: Analysis, own: _Account, principal: Written
) -> tuple[str, Severity | None, Confidence] | None:
    who = named(principal.text)
    text = analysis.words(principal.text)
    if who.kind is PrincipalKind.ANYONE:
        message = "`*` is no documented principal of a data access policy, and may mean everyone"
        return message, None, Confidence.POSSIBLE
    if who.kind is PrincipalKind.ACCOUNT:
        message = f"`{text}` is an account, which is no documented principal of a data access policy"
        return message, None, Confidence.POSSIBLE
    if who.kind is PrincipalKind.OTHER and not principal.text.startswith(_OTHER_LISTS):
        if "*" in principal.text:
            message = f"`{text}` is a pattern, which is no documented principal of a data access policy"
            return message, None, Confidence.POSSIBLE
        message = f"`{text}` is no documented principal of a data access policy, so it may get nothing"
        return message, Severity.MEDIUM, Confidence.POSSIBLE
    if who.kind in _OF_IAM and own.account and not has_hole(who.account) and who.account != own.account:
        whose = "the policy" if own.certain else "the other principals"
        message = f"`{text}` gets nothing, as it is not of the account of {whose}, {own.account}"
        confidence = Confidence.CERTAIN if own.certain else Confidence.POSSIBLE
        return message, Severity.MEDIUM, confidence
    return None


RULE = Rule(
    "OSR312",
    "unusable-data-principal",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SERVERLESS_DATA_ACCESS, FIREHOSE),
    remedy="name a role of the account of the collection by its ARN",
)
