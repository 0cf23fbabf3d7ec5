"""Reports a role for a feature that also reads every index.

Predefined roles such as `anomaly_full_access` or `ppl_full_access` may search
all indexes, since the feature does. Mapped next to a carefully limited role they
undo its limits.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.reach import reach
from osreach.opensearch.role import Role
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import (
    EVERYTHING_ROLES,
    entry_place,
    listed,
    mapped_to,
    of_cluster,
    others,
)
from osreach_rules.fine_grained.group import is_everyones_group
from osreach_rules.fine_grained.wildcard import is_wild
from osreach_rules.references import DEFINED_ROLES, FINE_GRAINED

_SAY_SO = frozenset({"all_access", "readall", "readall_and_monitor"})
"""Predefined roles whose name tells that they read everything."""


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each mapping of such a role to identities that may not read everything by another one."""
    for content in analysis.clusters:
        readers = mapped_to(content, _SAY_SO | EVERYTHING_ROLES)
        for declared in content.mappings:
            role = content.cluster.roles.get(declared.content.role)
            if role is None or not _reads_unexpectedly(content, role):
                continue
            entries = tuple(
                entry
                for entry in others(analysis, content, declared.content)
                if entry not in readers and not is_wild(entry)
            )
            if entries:
                yield Match(
                    f"`{role.name}` lets {listed(analysis, entries)} search every index{of_cluster(content)}",
                    declared.address,
                    (
                        entry_place(analysis, declared, role.name, "the role", in_list=False),
                        Place(declared.location, "the mapping"),
                    ),
                    severity=None if any(map(is_everyones_group, entries)) else Severity.LOW,
                    principal=entries[0],
                )


def _reads_unexpectedly(content: ClusterContent, role: Role) -> bool:
    known = role.predefined and role.name not in _SAY_SO | EVERYTHING_ROLES
    return known and reach(role, content.cluster.groups).reads_every_index


RULE = Rule(
    "OSR223",
    "hidden-read-all",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DEFINED_ROLES, FINE_GRAINED),
    remedy="define a role with the actions of the feature and the patterns of the indexes that are needed",
)
