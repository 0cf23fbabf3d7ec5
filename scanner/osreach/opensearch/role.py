"""Roles of a cluster: what they permit on the cluster, on indexes and on tenants.

Source: https://docs.opensearch.org/latest/security/access-control/api/#create-role
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.location import Location


@dataclass(frozen=True, slots=True)
class IndexPermission:
    """Actions that are permitted on the indexes of some patterns.

    `document_query` is the text of a query (JSON) that limits which documents
    are seen, empty where nothing does. `fields` are names to include, or with
    `~` or `!` in front to exclude; `masked_fields` are names, each with
    `::algorithm` or `::/expression/::replacement` behind it where it says so.
    """

    patterns: tuple[str, ...]
    actions: tuple[str, ...]
    document_query: str = ""
    fields: tuple[str, ...] = ()
    masked_fields: tuple[str, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class TenantPermission:
    """What is permitted on the saved objects of some tenants of Dashboards."""

    patterns: tuple[str, ...]
    actions: tuple[str, ...]
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A role; roles only add to each other, there is no way to deny.

    `partial` says that the role may hold more than is written here, because a
    part could not be read or because its content is not published.
    `predefined` tells the roles that come with the cluster.
    """

    name: str
    cluster_permissions: tuple[str, ...] = ()
    index_permissions: tuple[IndexPermission, ...] = ()
    tenant_permissions: tuple[TenantPermission, ...] = ()
    partial: bool = False
    predefined: bool = False
    location: Location | None = None

    @property
    def permissions(self) -> Iterator[str]:
        """Every action and action group that is written in it, as often as it is."""
        yield from self.cluster_permissions
        for on_indexes in self.index_permissions:
            yield from on_indexes.actions
        for on_tenants in self.tenant_permissions:
            yield from on_tenants.actions


EXCLUDED = ("~", "!")
"""What stands in front of a field that is excluded."""


def is_excluded(field: str) -> bool:
    """Whether a field rule excludes, as `~actors` does."""
    return field.startswith(EXCLUDED)


def masked_field(rule: str) -> str:
    """The field of a masking rule: `title` for `title::/./::*`."""
    return rule.partition("::")[0]
