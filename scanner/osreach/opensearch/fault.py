"""What is wrong with a cluster's permissions by themselves, whoever asks for what.

Sources: https://docs.opensearch.org/latest/security/access-control/users-roles/,
https://docs.opensearch.org/latest/security/access-control/document-level-security/ and
https://docs.opensearch.org/latest/security/access-control/field-level-security/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from osreach.location import Location
from osreach.opensearch.action_group import circular_groups, is_action
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.pattern import HOLES, has_hole
from osreach.opensearch.role import Role, is_excluded


class Kind(Enum):
    """What kind of fault it is."""

    UNKNOWN_GROUP = "unknown action group"
    CIRCULAR_GROUP = "circular action group"
    UNDEFINED_ROLE = "mapping to a role that is not defined"
    QUERY_IS_NO_JSON = "document query is no JSON"
    MIXED_FIELDS = "included and excluded fields in one permission"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, what it is about (`role reader`), and where that is written."""

    kind: Kind
    message: str
    location: Location | None = None


_UNKNOWN_PART = re.compile(rf"\$\{{[^}}]*\}}+|{HOLES}")


def is_query(text: str) -> bool:
    """Whether a document query is a JSON object, whatever stands in for its variables and unknown parts."""
    if has_hole(text) and _UNKNOWN_PART.sub("", text).strip() == "":
        return True
    try:
        # A digit fits inside a text as well as in a list.
        content = json.loads(_UNKNOWN_PART.sub("0", text))
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict)


def faults(cluster: Cluster) -> tuple[Fault, ...]:
    """Every fault in what is not predefined, in the order of roles, groups and mappings."""
    return (
        *(
            fault
            for role in cluster.roles.values()
            if not role.predefined
            for fault in _in_role(cluster, role)
        ),
        *_in_groups(cluster),
        *(
            Fault(Kind.UNDEFINED_ROLE, f"the role `{mapping.role}` is not defined", mapping.location)
            for mapping in cluster.mappings
            if mapping.role not in cluster.roles and not has_hole(mapping.role)
        ),
    )


def _in_role(cluster: Cluster, role: Role) -> Iterator[Fault]:
    lists = [
        (role.cluster_permissions, role.location),
        *((one.actions, one.location or role.location) for one in role.index_permissions),
        *((one.actions, one.location or role.location) for one in role.tenant_permissions),
    ]
    for actions, location in lists:
        for name in actions:
            if name not in cluster.groups and not is_action(name):
                message = f"role `{role.name}` uses `{name}`, which is neither an action nor an action group"
                yield Fault(Kind.UNKNOWN_GROUP, message, location)
    for permission in role.index_permissions:
        location = permission.location or role.location
        if permission.document_query.strip() and not is_query(permission.document_query):
            message = f"the document query of role `{role.name}` is no JSON object"
            yield Fault(Kind.QUERY_IS_NO_JSON, message, location)
        if len({is_excluded(field) for field in permission.fields}) > 1:
            message = f"role `{role.name}` includes and excludes fields, so that only the exclusions count"
            yield Fault(Kind.MIXED_FIELDS, message, location)


def _in_groups(cluster: Cluster) -> Iterator[Fault]:
    for circle in circular_groups(cluster.groups):
        names = " holds ".join(f"`{name}`" for name in circle)
        yield Fault(Kind.CIRCULAR_GROUP, f"the action group {names}", cluster.groups[circle[0]].location)
    for group in cluster.groups.values():
        for name in group.actions:
            if name not in cluster.groups and not is_action(name):
                message = f"action group `{group.name}` uses `{name}`, which is neither an action nor a group"
                yield Fault(Kind.UNKNOWN_GROUP, message, group.location)
