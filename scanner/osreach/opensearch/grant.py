"""Which permissions of the roles that a subject holds speak of an action."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from osreach.location import Location
from osreach.opensearch.action_group import expand
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.index import pattern_of_date_math
from osreach.opensearch.mapping import Held
from osreach.opensearch.pattern import matches
from osreach.opensearch.role import IndexPermission, Role
from osreach.opensearch.subject import Subject
from osreach.opensearch.substitution import substituted
from osreach.truth import Truth


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission for an action.

    `permission` is what the role says (`read`), `action` the pattern behind it
    (`indices:data/read*`), `index` the pattern of indexes with its variables
    filled in, empty for the cluster. `entry` is the mapping's entry that gives
    the role. `truth` is `UNKNOWN` where the grant may not hold.
    """

    role: str
    permission: str
    action: str
    index: str
    entry: str
    truth: Truth
    location: Location | None = None


NOT_KNOWN = "permissions that are not known"


def _role_of(cluster: Cluster, held: Held) -> Role | None:
    return cluster.roles.get(held.role)


def rendered(
    patterns: Iterable[str], subject: Subject, held: tuple[Held, ...]
) -> tuple[tuple[str, Truth], ...]:
    """Index patterns with variables filled in; one with a variable that does not exist matches nothing.

    A pattern in date math matches names that cannot be told here.
    """
    found = []
    for pattern in patterns:
        text = pattern
        if "${" in pattern:
            text, missing = substituted(pattern, subject, (one.role for one in held))
            if missing:
                continue
        if text.startswith("<") and text.endswith(">"):
            found.append((pattern_of_date_math(text), Truth.UNKNOWN))
        else:
            found.append((text, Truth.TRUE))
    return tuple(found)


def missing_variables(
    cluster: Cluster, subject: Subject, held: tuple[Held, ...]
) -> tuple[tuple[str, str], ...]:
    """Each role and variable in its index patterns that does not exist for the subject."""
    roles = tuple(one.role for one in held)
    found: dict[tuple[str, str], None] = {}
    for one in held:
        role = _role_of(cluster, one)
        for permission in role.index_permissions if role else ():
            for pattern in permission.patterns:
                for name in substituted(pattern, subject, roles)[1]:
                    found.setdefault((one.role, name))
    return tuple(found)


def _allowing(cluster: Cluster, actions: tuple[str, ...], action: str) -> tuple[tuple[str, str, Truth], ...]:
    """What is written, the pattern behind it and whether it matches, of every entry that speaks of `action`."""
    expansion = expand(actions, cluster.groups)
    found = []
    for pattern, written in expansion.actions:
        truth = matches(pattern, action)
        if truth is not Truth.FALSE:
            found.append((written, pattern, truth))
    if expansion.partial:
        found.append((NOT_KNOWN, "*", Truth.UNKNOWN))
    return tuple(found)


def cluster_grants(cluster: Cluster, held: tuple[Held, ...], action: str) -> tuple[Grant, ...]:
    """Every permission for an action on the cluster, surest first."""
    found: list[Grant] = []
    for one in held:
        role = _role_of(cluster, one)
        if role is None:
            continue
        found += [
            Grant(role.name, written, pattern, "", one.entry, min(one.truth, truth), role.location)
            for written, pattern, truth in _allowing(cluster, role.cluster_permissions, action)
        ]
        if role.partial:
            found.append(Grant(role.name, NOT_KNOWN, "*", "", one.entry, Truth.UNKNOWN, role.location))
    return tuple(sorted(found, key=lambda grant: -grant.truth))


def index_grants(
    cluster: Cluster, subject: Subject, held: tuple[Held, ...], action: str
) -> tuple[Grant, ...]:
    """Every permission for an action on indexes, one for each pattern of indexes, surest first."""
    found: list[Grant] = []
    for one in held:
        role = _role_of(cluster, one)
        if role is None:
            continue
        for permission in role.index_permissions:
            allowing = _allowing(cluster, permission.actions, action)
            if not allowing:
                continue
            written, pattern, truth = max(allowing, key=lambda entry: entry[2])
            found += [
                Grant(
                    role.name,
                    written,
                    pattern,
                    index,
                    one.entry,
                    min(one.truth, truth, sure),
                    permission.location or role.location,
                )
                for index, sure in rendered(permission.patterns, subject, held)
            ]
        if role.partial:
            found.append(Grant(role.name, NOT_KNOWN, "*", "*", one.entry, Truth.UNKNOWN, role.location))
    return tuple(sorted(found, key=lambda grant: -grant.truth))


def explicit_patterns(
    cluster: Cluster, subject: Subject, held: tuple[Held, ...], action: str
) -> tuple[str, ...]:
    """Index patterns for which a role certainly has `action` written out, not by a wildcard."""
    found: dict[str, None] = {}
    for one in held:
        role = _role_of(cluster, one)
        if role is None or one.truth is not Truth.TRUE:
            continue
        for permission in role.index_permissions:
            if _writes_out(cluster, permission, action):
                for index, sure in rendered(permission.patterns, subject, held):
                    if sure is Truth.TRUE:
                        found.setdefault(index)
    return tuple(found)


def _writes_out(cluster: Cluster, permission: IndexPermission, action: str) -> bool:
    return any(pattern == action for pattern, _ in expand(permission.actions, cluster.groups).actions)
