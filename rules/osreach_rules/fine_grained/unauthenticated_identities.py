"""Reports an identity pool behind Dashboards that gives credentials to guests.

The service turns guests off when it sets the domain up; where the code turns
them on, the next deployment brings them back. Whoever asks then gets
credentials of the role for guests without any login.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.domain import HTTP_ACTIONS
from osreach.evaluate.effective import Outcome
from osreach.evaluate.level import Requests
from osreach.evaluate.target import of_domain
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.pools import identity_pool_of, role_behind, with_cognito
from osreach_rules.identity.statements import access_to
from osreach_rules.references import COGNITO

_REQUESTS = (Requests(HTTP_ACTIONS, ("/*",), ("/movies/_search",)),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each identity pool of a domain with guests, worse where these reach the domain."""
    for _, domain, options in with_cognito(analysis):
        pool = identity_pool_of(analysis, domain, options)
        if pool is None or not pool.guests.is_certainly(value=True):
            continue
        trail = [
            Place(pool.guests.location, "guests get credentials"),
            Place(options.identity_pool.location, f"of the pool for `{domain.address}`"),
        ]
        role = role_behind(analysis, domain, pool.unauthenticated.value)
        reaches = False
        if role is not None:
            access = access_to(analysis, role, of_domain(domain, analysis.model), _REQUESTS)
            reaches = access.outcome in (Outcome.ALLOWED, Outcome.CONDITIONAL)
        if role is not None and reaches:
            trail.append(Place(role.location, "the role of guests, which may send requests to the domain"))
        yield Match(
            f"guests without a login {'reach' if reaches else 'get credentials from the identity pool of'} "
            f"`{domain.address}`",
            pool.address,
            tuple(trail),
            severity=Severity.HIGH if reaches else None,
            principal=domain.address,
        )


RULE = Rule(
    "OSR236",
    "unauthenticated-identities",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(COGNITO,),
    remedy="turn unauthenticated identities off",
)
