"""Reports a grant to the whole account instead of to roles.

An account as principal is not its root user: it hands the decision to the
identity policies of the account, in which every administrator can let anyone
in.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.caller import account_of, is_account
from osreach.evaluate.exposure import Protection, protection
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import CREATE_DOMAIN, FINE_GRAINED, PRINCIPAL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow for the domain's own account without fine-grained access control behind it."""
    for found in analysis.statements:
        if found.statement.effect is not Effect.ALLOW or protection(found.domain) is not Protection.OFF:
            continue
        for term in found.statement.principals.terms if found.statement.principals else ():
            if is_account(term) and account_of(term) == found.domain.account:
                yield Match(
                    f"the whole account can be let in to `{found.domain.address}` by identity policies",
                    found.domain.address,
                    (
                        Place(term.location or found.location, "the account"),
                        analysis.domain_place(found.domain),
                    ),
                    principal=analysis.words(term.text),
                )


RULE = Rule(
    "OSR122",
    "account-wide-principal",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(PRINCIPAL, CREATE_DOMAIN, FINE_GRAINED),
    remedy="name the roles that need the domain",
)
