"""Reports a grant to another account.

Together with an identity policy over there, it lets principals in that this
account does not control. Naming the whole account, or allowing changes, is
worse than letting one role read.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import account_of, is_account
from osreach.iam.document import Effect
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.actions import http_actions
from osreach_rules.references import ACCESS_CONTROL, CROSS_ACCOUNT

_READ_ONLY = frozenset({"es:ESHttpGet", "es:ESHttpHead"})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow for a principal of an account that is neither the domain's own nor trusted."""
    for found in analysis.statements:
        domain, statement = found.domain, found.statement
        if (
            statement.effect is not Effect.ALLOW
            or statement.principals is None
            or statement.principals.negated
        ):
            continue
        for term in statement.principals.terms:
            account = account_of(term)
            if account is None or has_hole(account) or has_hole(domain.account) or not account.isdigit():
                continue
            if account == domain.account or account in analysis.trusted_accounts:
                continue
            serious = is_account(term) or not http_actions(statement.actions) <= _READ_ONLY
            yield Match(
                f"`{term.text}` belongs to another account than `{domain.address}`",
                domain.address,
                (Place(term.location or found.location, "the principal"), analysis.domain_place(domain)),
                severity=Severity.HIGH if serious else None,
                principal=term.text,
            )


RULE = Rule(
    "OSR123",
    "external-account",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CROSS_ACCOUNT, ACCESS_CONTROL),
    remedy="make sure that the account is meant, name one role of it, and list it in `trusted-accounts`",
)
