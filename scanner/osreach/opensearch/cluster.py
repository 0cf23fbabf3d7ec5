"""A cluster as its permissions see it: roles, mappings, users, groups, indexes and the settings that matter."""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from types import MappingProxyType

from osreach.opensearch.action_group import ActionGroup
from osreach.opensearch.index import Indexes
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.predefined import LATEST, EngineVersion, default_action_groups, predefined_roles
from osreach.opensearch.role import Role
from osreach.opensearch.user import InternalUser
from osreach.truth import Truth


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the Security plugin; `UNKNOWN` is what the managed service does not document.

    `forbidden_indexes_left_out` (`do_not_fail_on_forbidden`): a read over some
    forbidden indexes leaves them out instead of failing.
    `unlimited_role_wins` (`dfm_empty_overrides_all`): a role without a document
    query, field list or mask lifts those of other roles.
    `security_permissions_count` (`restapi.admin.enabled`): `restapi:admin/*`
    opens the security API. `security_roles` (`restapi.roles_enabled`) open it
    by themselves; on the managed service it is `security_manager` only:
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html#fgac-master-user
    `system_indexes_protected`: system indexes are closed to ordinary permissions.
    """

    forbidden_indexes_left_out: Truth = Truth.UNKNOWN
    unlimited_role_wins: Truth = Truth.FALSE
    security_permissions_count: Truth = Truth.UNKNOWN
    security_roles: tuple[str, ...] = ("security_manager",)
    system_indexes_protected: Truth = Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything that decides a request inside a cluster.

    `roles`, `groups` and `users` go by name. `mappings_partial` says that roles
    may be mapped to identities in ways that are not known (by hand, in
    Dashboards); whoever lacks a permission then only may lack it.
    `in_vpc` is None where it is not known.
    """

    roles: Names[str, Role]
    mappings: tuple[Mapping, ...] = ()
    groups: Names[str, ActionGroup] = field(default_factory=default_action_groups)
    users: Names[str, InternalUser] = field(default_factory=lambda: MappingProxyType({}))
    tenants: tuple[str, ...] = ("global_tenant",)
    indexes: Indexes = field(default_factory=Indexes)
    version: EngineVersion = LATEST
    settings: Settings = field(default_factory=Settings)
    in_vpc: bool | None = None
    mappings_partial: bool = False


def cluster_of(
    roles: tuple[Role, ...] = (),
    mappings: tuple[Mapping, ...] = (),
    groups: tuple[ActionGroup, ...] = (),
    users: tuple[InternalUser, ...] = (),
    *,
    version: EngineVersion = LATEST,
    tenants: tuple[str, ...] = (),
    indexes: Indexes | None = None,
    settings: Settings | None = None,
    in_vpc: bool | None = None,
    mappings_partial: bool = False,
) -> Cluster:
    """A cluster of the managed service with its predefined roles and groups and what is added to them.

    A role of one's own takes the place of a predefined one of the same name
    that the service is not known to offer.
    """
    predefined = predefined_roles(version)
    held = {name: one.role for name, one in predefined.items() if one.offered is not Truth.FALSE}
    own = {
        role.name: role
        for role in roles
        if role.name not in predefined or predefined[role.name].offered is not Truth.TRUE
    }
    return Cluster(
        held | own,
        mappings,
        dict(default_action_groups(version)) | {group.name: group for group in groups},
        {user.name: user for user in users},
        ("global_tenant", *tenants),
        indexes or Indexes(),
        version,
        settings or Settings(),
        in_vpc,
        mappings_partial,
    )
