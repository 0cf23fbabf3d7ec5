"""Reports a domain whose master user is everybody who can log in to Dashboards.

All users of an identity pool share its authenticated role, unless rules or
groups choose another. Where that role is the master user, or holds `all_access`,
every user administers the cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.iam.glob_match import texts_equal
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.pools import identity_pool_of, with_cognito
from osreach_rules.references import COGNITO, FINE_GRAINED

_EVERYTHING = frozenset({"all_access", "security_manager"})


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each identity pool of which the authenticated role administers the cluster."""
    for content, domain, options in with_cognito(analysis):
        pool = identity_pool_of(analysis, domain, options)
        if pool is None or pool.by_rules or not isinstance(pool.authenticated.value, str):
            continue
        place = _administers(content, domain, pool.authenticated.value)
        if place is not None:
            yield Match(
                f"everybody who can log in to Dashboards of `{domain.address}` administers its cluster",
                pool.address,
                (
                    Place(pool.authenticated.location, "the role of every user of the pool"),
                    place,
                    Place(options.identity_pool.location, "the pool logs users in here"),
                ),
                principal=pool.authenticated.value,
            )


def _administers(content: ClusterContent, domain: Domain, role: str) -> Place | None:
    """Where the role becomes an administrator."""
    if not domain.fine_grained.enabled.is_certainly(value=True):
        return None
    master = domain.fine_grained.master_arn
    if isinstance(master.value, str) and texts_equal(master.value, role) is Truth.TRUE:
        return Place(master.location, "the master user")
    for declared in content.mappings:
        mapping = declared.content
        entries = (*mapping.backend_roles, *mapping.users)
        if mapping.role in _EVERYTHING and any(texts_equal(one, role) is Truth.TRUE for one in entries):
            return Place(declared.location, f"it holds `{mapping.role}`")
    return None


RULE = Rule(
    "OSR237",
    "broad-cognito-role",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(COGNITO, FINE_GRAINED),
    remedy="give administrators a group with a role of its own, and let the token choose the role",
)
