"""What a request needs: actions, on indexes or on the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from osreach.opensearch.index import Target


class When(Enum):
    """In which case a need arises."""

    ALWAYS = ""
    NEW_INDEX = "where the index does not exist yet"
    NEW_FIELD = "where a document brings new fields"


@dataclass(frozen=True, slots=True)
class Need:
    """One action; `targets` are the indexes it acts on, none for an action on the cluster."""

    action: str
    targets: tuple[Target, ...] = ()
    when: When = When.ALWAYS


_CLUSTER_PREFIXES = (
    "cluster:",
    "indices:admin/template/",
    "indices:admin/index_template/",
    "indices:data/read/scroll",
    "indices:data/read/msearch",
)
_CLUSTER_ACTIONS = frozenset(
    {
        "indices:data/write/bulk",
        "indices:data/read/mget",
        "indices:data/read/mtv",
        "indices:data/write/reindex",
        "indices:data/read/search/template/render",
    }
)


def is_cluster_action(action: str) -> bool:
    """Whether an action is looked up among a role's cluster permissions.

    Some actions that begin with `indices:` are, because they speak of several
    indexes at once: `isClusterPerm` of the Security plugin, and
    https://docs.opensearch.org/latest/security/access-control/permissions/
    """
    return (
        action.startswith(_CLUSTER_PREFIXES)
        or action in _CLUSTER_ACTIONS
        or not action.startswith("indices:")
    )


def is_reading(action: str) -> bool:
    """Whether an action gives content of documents."""
    return action.startswith("indices:data/read/")
