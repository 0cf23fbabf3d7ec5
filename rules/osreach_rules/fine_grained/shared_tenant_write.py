"""Reports a role that changes the saved objects of everybody in Dashboards.

All users share the global tenant, and a pattern for all tenants takes in those
of other teams. Who writes there can change the dashboards and queries that
others trust.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.opensearch.action_group import expand
from osreach.opensearch.pattern import matches_any
from osreach.opensearch.tenant import GLOBAL_TENANT, WRITE
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import entry_place, is_for_operators, own_roles
from osreach_rules.references import TENANTS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role, but for those of operators, that writes to all tenants, or to the shared one beside others."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            role = declared.content
            for permission in role.tenant_permissions:
                actions = [action for action, _ in expand(permission.actions, content.cluster.groups).actions]
                pattern = next((one for one in permission.patterns if one in ("*", GLOBAL_TENANT)), None)
                if pattern is None or matches_any(actions, WRITE) is not Truth.TRUE:
                    continue
                if pattern == GLOBAL_TENANT and not content.tenants:
                    continue  # one team, one tenant
                if is_for_operators(analysis, content, role):
                    continue
                where = "every tenant" if pattern == "*" else "the tenant that everybody shares"
                yield Match(
                    f"the role `{analysis.words(role.name)}` changes the saved objects of {where}",
                    declared.address,
                    (entry_place(analysis, declared, pattern, "these tenants"),),
                    principal=role.name,
                )


RULE = Rule(
    "OSR244",
    "shared-tenant-write",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(TENANTS,),
    remedy="give each team a tenant of its own, and let it read the shared one",
)
