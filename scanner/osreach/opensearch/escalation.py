"""How somebody could get more out of the permissions they hold than these say.

Sources: https://docs.opensearch.org/latest/security/access-control/api/#access-control-for-the-api (who may
change users, roles and mappings can give themselves every role) and
https://docs.opensearch.org/latest/tuning-your-cluster/availability-and-recovery/snapshots/snapshot-restore/
(whoever registers a repository and takes snapshots takes every index along).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from osreach.opensearch.action_group import ActionGroup, expand
from osreach.opensearch.body import SECURITY_INDEX
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.decision import Check, check_needs
from osreach.opensearch.index import Every
from osreach.opensearch.mapping import Held, mapped_roles
from osreach.opensearch.need import Need
from osreach.opensearch.pattern import covers
from osreach.opensearch.role import Role
from osreach.opensearch.subject import Subject
from osreach.truth import Truth, all_of


class Way(Enum):
    """A way to more."""

    EVERYTHING = "holds every permission on the cluster and on every index"
    MAPS_ROLES = "can map every role to itself"
    CHANGES_ROLES = "can add every permission to a role that it holds"
    CHANGES_USERS = "can create a user with the backend roles of an administrator, or set a user's password"
    CHANGES_GROUPS = "can add every action to a group that its roles use"
    CHANGES_CONFIGURATION = "can change how the cluster knows its users"
    COPIES_EVERY_INDEX = "can copy every index into a repository that it registers"
    RESTORES = "can put an older or altered copy in the place of an index"


_REPOSITORY = Need("cluster:admin/repository/put")
_ANY_INDEX = Every("*", (SECURITY_INDEX,))
NEEDS: Mapping[Way, tuple[Need, ...]] = {
    Way.MAPS_ROLES: (Need("restapi:admin/rolesmapping"),),
    Way.CHANGES_ROLES: (Need("restapi:admin/roles"),),
    Way.CHANGES_USERS: (Need("restapi:admin/internalusers"),),
    Way.CHANGES_GROUPS: (Need("restapi:admin/actiongroups"),),
    Way.CHANGES_CONFIGURATION: (Need("restapi:admin/config/update"),),
    Way.COPIES_EVERY_INDEX: (_REPOSITORY, Need("cluster:admin/snapshot/create")),
    Way.RESTORES: (
        Need("cluster:admin/snapshot/restore"),
        Need("indices:admin/create", (_ANY_INDEX,)),
        Need("indices:data/write/index", (_ANY_INDEX,)),
    ),
}
"""What each way needs, but for `EVERYTHING`."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """A way that is open, or may be, and the permissions that open it."""

    way: Way
    truth: Truth
    checks: tuple[Check, ...] = ()
    role: str = ""


def gives_everything(role: Role, groups: Mapping[str, ActionGroup]) -> bool:
    """Whether a role is `all_access` by whatever name: every cluster action, every action on every index."""
    on_cluster = tuple(action for action, _ in expand(role.cluster_permissions, groups).actions)
    everywhere = tuple(
        action
        for permission in role.index_permissions
        if "*" in permission.patterns and not permission.document_query.strip()
        for action, _ in expand(permission.actions, groups).actions
    )
    return (
        covers(on_cluster, "cluster:*") is Truth.TRUE and covers(everywhere, "indices:data/*") is Truth.TRUE
    )


def escalations(cluster: Cluster, subject: Subject) -> tuple[Escalation, ...]:
    """Every way to more that the subject has or may have."""
    held = mapped_roles(cluster.mappings, subject, in_vpc=cluster.in_vpc)
    found = list(_everything(cluster, held))
    for way, needs in NEEDS.items():
        checks = check_needs(cluster, subject, held, needs)
        truth = all_of(check.truth for check in checks)
        if truth is not Truth.FALSE:
            found.append(Escalation(way, truth, checks))
    return tuple(found)


def _everything(cluster: Cluster, held: tuple[Held, ...]) -> tuple[Escalation, ...]:
    return tuple(
        Escalation(Way.EVERYTHING, one.truth, (), one.role)
        for one in held
        if one.role in cluster.roles and gives_everything(cluster.roles[one.role], cluster.groups)
    )
