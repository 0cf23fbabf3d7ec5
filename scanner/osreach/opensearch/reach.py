"""How far a role reaches: on which indexes it does what, and what it does to the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from osreach.opensearch.action_group import ActionGroup, expand
from osreach.opensearch.pattern import matches_any
from osreach.opensearch.role import Role
from osreach.truth import Truth


class Deed(Enum):
    """What can be done to an index, or to the cluster, told by the action that does it."""

    SEARCH = "indices:data/read/search"
    GET = "indices:data/read/get"
    INDEX = "indices:data/write/index"
    DELETE_DOCUMENT = "indices:data/write/delete"
    CREATE_INDEX = "indices:admin/create"
    DELETE_INDEX = "indices:admin/delete"
    MONITOR = "cluster:monitor/state"
    SETTINGS = "cluster:admin/settings/update"
    REGISTER_REPOSITORY = "cluster:admin/repository/put"
    SNAPSHOT = "cluster:admin/snapshot/create"
    RESTORE = "cluster:admin/snapshot/restore"
    CHANGE_ROLES = "restapi:admin/roles"


ON_INDEXES = (
    Deed.SEARCH,
    Deed.GET,
    Deed.INDEX,
    Deed.DELETE_DOCUMENT,
    Deed.CREATE_INDEX,
    Deed.DELETE_INDEX,
)


@dataclass(frozen=True, slots=True)
class Reach:
    """For each deed on indexes the patterns on which a role does it, and the deeds it does to the cluster."""

    indexes: tuple[tuple[Deed, tuple[str, ...]], ...]
    cluster: tuple[Deed, ...]

    def on(self, deed: Deed) -> tuple[str, ...]:
        """The patterns of indexes on which `deed` is permitted."""
        return next((patterns for one, patterns in self.indexes if one is deed), ())

    @property
    def reads_every_index(self) -> bool:
        """Whether documents of every index can be searched or fetched."""
        return "*" in (*self.on(Deed.SEARCH), *self.on(Deed.GET))


def reach(role: Role, groups: Mapping[str, ActionGroup]) -> Reach:
    """What the role certainly permits; wildcards do not stand for `restapi:` permissions."""
    on_indexes: dict[Deed, dict[str, None]] = {deed: {} for deed in ON_INDEXES}
    for permission in role.index_permissions:
        actions = [action for action, _ in expand(permission.actions, groups).actions]
        for deed in ON_INDEXES:
            if matches_any(actions, deed.value) is Truth.TRUE:
                on_indexes[deed].update(dict.fromkeys(permission.patterns))
    on_cluster = [action for action, _ in expand(role.cluster_permissions, groups).actions]
    explicit = [action for action in on_cluster if action.startswith("restapi:")]
    return Reach(
        tuple((deed, tuple(patterns)) for deed, patterns in on_indexes.items() if patterns),
        tuple(
            deed
            for deed in Deed
            if deed not in ON_INDEXES
            and matches_any(explicit if deed is Deed.CHANGE_ROLES else on_cluster, deed.value) is Truth.TRUE
        ),
    )
