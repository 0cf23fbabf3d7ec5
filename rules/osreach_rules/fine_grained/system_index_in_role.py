"""Reports a role for the indexes in which the cluster keeps its own state.

Nobody can be given the security index. Other system indexes hold the monitors,
policies and jobs of all users: whoever changes them past the plugins changes
what others set up.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.opensearch.action_group import expand
from osreach.opensearch.body import SECURITY_INDEX
from osreach.opensearch.pattern import matches, matches_any
from osreach.opensearch.role import IndexPermission
from osreach.opensearch.system_index import EXPLICIT_PERMISSION, SYSTEM_INDEXES
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import entry_place, is_for_operators, own_roles
from osreach_rules.references import SYSTEM_INDEX

_CHANGES = ("indices:data/write/index", "indices:data/write/delete")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role with the permission for system indexes, or that writes to some."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            role = declared.content
            if is_for_operators(analysis, content, role):
                continue
            for permission in role.index_permissions:
                found = _fault(content, permission)
                if found is not None:
                    entry, what, severity = found
                    yield Match(
                        f"the role `{analysis.words(role.name)}` {what}",
                        declared.address,
                        (entry_place(analysis, declared, entry, "here"),),
                        severity=severity,
                        principal=role.name,
                    )
                    break


def _fault(content: ClusterContent, permission: IndexPermission) -> tuple[str, str, Severity | None] | None:
    """The entry that is wrong, what it does, and how bad that is where it is less than usual."""
    if EXPLICIT_PERMISSION in permission.actions:
        return EXPLICIT_PERMISSION, "may change system indexes", None
    for pattern in permission.patterns:
        if pattern.startswith(".") and matches(pattern, SECURITY_INDEX) is Truth.TRUE:
            words = f"asks for `{pattern}`, with the security index that nobody can be given"
            return pattern, words, None if pattern == SECURITY_INDEX else Severity.LOW
    actions = [action for action, _ in expand(permission.actions, content.cluster.groups).actions]
    if not any(matches_any(actions, change) is Truth.TRUE for change in _CHANGES):
        return None
    for pattern in permission.patterns:
        if pattern.startswith(".") and pattern.strip(".*") and _is_of_system(pattern):
            return (
                pattern,
                f"writes to `{pattern}`, in which plugins keep the state of all users",
                Severity.LOW,
            )
    return None


def _is_of_system(pattern: str) -> bool:
    return any(
        pattern == one or matches(pattern, one.replace("*", "x")) is Truth.TRUE for one in SYSTEM_INDEXES
    )


RULE = Rule(
    "OSR246",
    "system-index-in-role",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SYSTEM_INDEX,),
    remedy="remove the index and use the API of the plugin, with its own permissions",
)
