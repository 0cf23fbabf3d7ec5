"""Reports another account that may make VPC endpoints for a domain.

An authorized account gets a way through its own networks to the domain, past
the security groups of this one. What its requests may do is left to the
policies.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import VPC_ENDPOINTS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each authorization of an account that is neither the own one nor trusted."""
    for one in analysis.model.integrations.authorizations:
        if not one.account.isdigit() or (not has_hole(one.own) and one.account == one.own):
            continue
        if one.account in analysis.trusted_accounts:
            continue
        yield Match(
            f"the account `{one.account}` may reach `{analysis.words(one.domain)}` through VPC endpoints",
            one.address,
            (Place(one.location, "the account"),),
            principal=one.account,
        )


RULE = Rule(
    "OSR619",
    "foreign-vpc-endpoint",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(VPC_ENDPOINTS,),
    remedy="make sure that the account is meant, and list it in `trusted-accounts`",
)
