"""Reports a user pool behind Dashboards in which anyone can sign up.

Unless only administrators create users, everybody can make an account for
themselves and log in to Dashboards with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.pools import user_pool_of, with_cognito
from osreach_rules.references import COGNITO


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each user pool of a domain without the switch; a function or another provider may still decide."""
    for _, domain, options in with_cognito(analysis):
        pool = user_pool_of(analysis, domain, options)
        if pool is None or not pool.only_administrators.is_certainly(value=False):
            continue
        switch = pool.only_administrators
        guarded = domain.fine_grained.enabled.is_certainly(value=True)
        yield Match(
            f"anyone can sign up for Dashboards of `{domain.address}`",
            pool.address,
            (
                Place(
                    switch.location, "it is off" if switch.written else "nothing leaves it to administrators"
                ),
                Place(options.user_pool.location, "the pool logs users in here"),
            ),
            confidence=Confidence.POSSIBLE if pool.checked or pool.external else Confidence.CERTAIN,
            severity=Severity.MEDIUM if guarded else None,
            principal=domain.address,
        )


RULE = Rule(
    "OSR238",
    "self-registration",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(COGNITO,),
    remedy="set `allow_admin_create_user_only` (`AllowAdminCreateUserOnly`) to true",
)
