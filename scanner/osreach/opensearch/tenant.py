"""Who may see and change the saved objects of a tenant of Dashboards.

Source: https://docs.opensearch.org/latest/security/multi-tenancy/tenant-index/
and `TenantPrivileges` of the Security plugin.
"""

from __future__ import annotations

from dataclasses import dataclass

from osreach.opensearch.action_group import expand
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.mapping import Held, mapped_roles
from osreach.opensearch.pattern import matches
from osreach.opensearch.subject import Subject
from osreach.opensearch.substitution import substituted
from osreach.truth import Truth

PRIVATE_TENANT = "__user__"
GLOBAL_TENANT = "global_tenant"
WRITE = "kibana:saved_objects/*/write"

DASHBOARDS_ROLES = ("kibana_user", "opensearch_dashboards_user")
"""Roles that may use the global tenant without a tenant permission."""


@dataclass(frozen=True, slots=True)
class TenantAccess:
    """Whether a tenant's objects can be read and changed, and which role says so."""

    tenant: str
    read: Truth
    write: Truth
    because: str


def _speaks(cluster: Cluster, subject: Subject, held: tuple[Held, ...], tenant: str) -> list[TenantAccess]:
    roles = tuple(one.role for one in held)
    found = []
    for one in held:
        role = cluster.roles.get(one.role)
        if role is None:
            continue
        for permission in role.tenant_permissions:
            truth = Truth.FALSE
            for pattern in permission.patterns:
                text, missing = substituted(pattern, subject, roles)
                if not missing:
                    truth = max(truth, min(one.truth, matches(text, tenant)))
            if truth is Truth.FALSE:
                continue
            expansion = expand(permission.actions, cluster.groups)
            writes = any(action in {WRITE, "*"} for action, _ in expansion.actions)
            write = truth if writes else (Truth.UNKNOWN if expansion.partial else Truth.FALSE)
            found.append(TenantAccess(tenant, truth, write, f"role `{one.role}` ({one.entry})"))
        if role.partial:
            because = f"role `{one.role}`, of which the permissions are not known"
            found.append(TenantAccess(tenant, Truth.UNKNOWN, Truth.UNKNOWN, because))
    return found


def tenant_access(cluster: Cluster, subject: Subject, tenant: str) -> TenantAccess:
    """What the subject may do in `tenant`; everybody has a private one, called `__user__`.

    A tenant that nobody has declared is open to nobody.
    """
    if tenant == PRIVATE_TENANT:
        return TenantAccess(tenant, Truth.TRUE, Truth.TRUE, "everybody has a tenant of their own")
    if tenant not in cluster.tenants:
        return TenantAccess(tenant, Truth.FALSE, Truth.FALSE, f"the tenant `{tenant}` is not declared")
    held = mapped_roles(cluster.mappings, subject, in_vpc=cluster.in_vpc)
    found = _speaks(cluster, subject, held, tenant)
    if tenant == GLOBAL_TENANT and not any(one.read is Truth.TRUE for one in found):
        found += [
            TenantAccess(tenant, one.truth, one.truth, f"role `{one.role}` opens the global tenant")
            for one in held
            if one.role in DASHBOARDS_ROLES
        ]
    if not found:
        return TenantAccess(tenant, Truth.FALSE, Truth.FALSE, f"no role speaks of the tenant `{tenant}`")
    best = max(found, key=lambda one: (one.write, one.read))
    return TenantAccess(tenant, max(one.read for one in found), best.write, best.because)
