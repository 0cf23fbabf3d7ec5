"""Reports whoever may copy every index into a snapshot without being meant to.

Snapshots know no permissions on indexes: with the right to register a
repository and to take snapshots every index can be carried out of the cluster,
or an older copy brought back in. That right is for backups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.action_group import expand
from osreach.opensearch.escalation import gives_everything
from osreach.opensearch.pattern import matches
from osreach.opensearch.reach import Deed, reach
from osreach.opensearch.role import Role
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import (
    EVERYTHING_ROLES,
    entry_place,
    identities_in,
    listed,
    mapped_to,
    names_operator,
    of_cluster,
    others,
    own_roles,
)
from osreach_rules.fine_grained.wildcard import is_wild
from osreach_rules.references import SNAPSHOTS, USERS_AND_ROLES

_BACKUP = re.compile(r"snapshot|backup|back-up|restore|curator|archiv|disaster|recovery", re.IGNORECASE)
_NEEDED = (Deed.REGISTER_REPOSITORY, Deed.SNAPSHOT)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each mapping of a predefined role for snapshots, and each role of the code that can take them."""
    for content in analysis.clusters:
        yield from _mappings(analysis, content)
        for declared in own_roles(content):
            role = declared.content
            if not _copies(content, role) or gives_everything(role, content.cluster.groups):
                continue
            if _is_for_backups(analysis, content, role):
                continue
            name = next(
                name
                for action, name in expand(role.cluster_permissions, content.cluster.groups).actions
                if matches(action, Deed.SNAPSHOT.value) is Truth.TRUE
            )
            yield Match(
                f"`{name}` lets the role `{analysis.words(role.name)}` copy every index into a snapshot",
                declared.address,
                (
                    entry_place(analysis, declared, name, "the permission"),
                    Place(declared.location, "the role"),
                ),
                principal=role.name,
            )


def _mappings(analysis: Analysis, content: ClusterContent) -> Iterator[Match]:
    administrators = mapped_to(content, EVERYTHING_ROLES)
    callers = {one.content.caller for one in content.repositories}
    for declared in content.mappings:
        role = content.cluster.roles.get(declared.content.role)
        if role is None or not role.predefined or role.name == "all_access" or not _copies(content, role):
            continue
        entries = tuple(
            entry
            for entry in others(analysis, content, declared.content)
            if entry not in administrators | callers and not is_wild(entry) and not _BACKUP.search(entry)
        )
        if entries:
            yield Match(
                f"`{role.name}` lets {listed(analysis, entries)} copy every index{of_cluster(content)} into a snapshot",
                declared.address,
                (
                    entry_place(analysis, declared, entries[0], "the entry"),
                    Place(declared.location, "the mapping"),
                ),
                principal=entries[0],
            )


def _copies(content: ClusterContent, role: Role) -> bool:
    return set(_NEEDED) <= set(reach(role, content.cluster.groups).cluster)


def _is_for_backups(analysis: Analysis, content: ClusterContent, role: Role) -> bool:
    """Whether a role is for backups or administration by its name, or is mapped to nobody else."""
    name = analysis.words(role.name)
    if _BACKUP.search(name) or names_operator(name):
        return True
    administrators = mapped_to(content, EVERYTHING_ROLES)
    mappings = [one for one in content.cluster.mappings if one.role == role.name and identities_in(one)]
    return bool(mappings) and not any(
        entry
        for mapping in mappings
        for entry in others(analysis, content, mapping)
        if entry not in administrators and not _BACKUP.search(entry)
    )


RULE = Rule(
    "OSR225",
    "snapshot-of-everything",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SNAPSHOTS, USERS_AND_ROLES),
    remedy="leave snapshots to the role that makes backups",
)
