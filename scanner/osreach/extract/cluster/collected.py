"""What is declared for one cluster, gathered from every place where that is done."""

from __future__ import annotations

from dataclasses import dataclass, field

from osreach.access.cluster import Declared, SnapshotRepository
from osreach.opensearch.action_group import ActionGroup
from osreach.opensearch.index import Index
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.role import Role
from osreach.opensearch.user import InternalUser
from osreach.value import Value


@dataclass(slots=True)
class Collected:
    """What is declared for one cluster, while it is read.

    `configurations` are the values of `config` in `config.yml`.
    """

    roles: list[Declared[Role]] = field(default_factory=list)
    mappings: list[Declared[Mapping]] = field(default_factory=list)
    users: list[Declared[InternalUser]] = field(default_factory=list)
    tenants: list[Declared[str]] = field(default_factory=list)
    audit: list[Declared[bool]] = field(default_factory=list)
    repositories: list[Declared[SnapshotRepository]] = field(default_factory=list)
    templates: list[Declared[tuple[str, ...]]] = field(default_factory=list)
    groups: list[Declared[ActionGroup]] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    configurations: list[Value] = field(default_factory=list)
