"""Reports a key that another account can use, or a domain with the key of another.

Together with a policy over there, a key policy that names another account, or a
principal of it, lets people in whom this account does not control; a domain
whose key belongs to another account stands still when that account says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.evaluate.caller import account_of
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.statements import allows_on_keys, once_a_place, takes_in
from osreach_rules.references import CROSS_ACCOUNT, KEY_EVALUATION, KEY_POLICY

_ARN_PARTS = 6


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each principal of a known other account, and each domain with a known other account's key."""
    return once_a_place(_found(analysis))


def _found(analysis: Analysis) -> Iterator[Match]:
    for found in allows_on_keys(analysis):
        principals = found.statement.principals
        if principals is None or principals.negated or has_hole(found.key.account):
            continue
        for term in principals.terms:
            account = account_of(term)
            if account is None or not _is_external(account, found.key.account, analysis):
                continue
            changes = takes_in(found.statement.actions, "kms:PutKeyPolicy")
            yield Match(
                f"`{term.text}` belongs to another account than `{found.key.address}`",
                found.key.address,
                (
                    Place(term.location or found.location, "the principal"),
                    Place(found.key.location, "the key"),
                ),
                severity=Severity.HIGH if changes else None,
                principal=term.text,
            )
    for domain in analysis.domains:
        account = _account_of_key(domain)
        if account and not has_hole(domain.account) and _is_external(account, domain.account, analysis):
            yield Match(
                f"`{domain.address}` is encrypted with a key of the account `{account}`",
                domain.address,
                (Place(domain.encryption_key.location, "the key"), analysis.domain_place(domain)),
                principal=account,
            )


def _is_external(account: str, own: str, analysis: Analysis) -> bool:
    return account.isdigit() and account != own and account not in analysis.trusted_accounts


def _account_of_key(domain: Domain) -> str:
    name = domain.encryption_key.value
    parts = name.split(":") if isinstance(name, str) else []
    return parts[4] if len(parts) == _ARN_PARTS and parts[2] == "kms" else ""


RULE = Rule(
    "OSR517",
    "external-key-access",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(KEY_POLICY, KEY_EVALUATION, CROSS_ACCOUNT),
    remedy="make sure that the account is meant, name one role of it, and list it in `trusted-accounts`",
)
