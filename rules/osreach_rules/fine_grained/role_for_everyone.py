"""Reports a role that is mapped to everyone who can log in.

An entry `*` matches every name, and one such as `arn:aws:iam::123456789012:role/*`
every role of the account. What keeps others out then is only the network, the
access policy and who can get any credentials at all. Roles for Dashboards and
for indexes of one's own are made to be mapped so.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.reach import Deed, reach
from osreach.opensearch.role import Role
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import (
    EVERYTHING_ROLES,
    entry_place,
    is_of_dashboards,
    limits_documents,
    of_cluster,
)
from osreach_rules.fine_grained.wildcard import is_every_role, is_everyone
from osreach_rules.references import FINE_GRAINED, MAPPING_API

_READING = (Deed.SEARCH, Deed.GET)
_LOWER = {Severity.CRITICAL: Severity.HIGH, Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each entry that matches everyone, or every role, in a mapping of a role that reaches data."""
    for content in analysis.clusters:
        for declared in content.mappings:
            mapping = declared.content
            hosts = () if content.cluster.in_vpc else mapping.hosts
            for entry in dict.fromkeys((*mapping.users, *mapping.backend_roles, *hosts)):
                who = _who(entry)
                grade = _severity(content, mapping.role) if who else None
                if grade is None:
                    continue
                severity, sure = grade
                everyone = is_everyone(entry)
                yield Match(
                    f"{who} holds `{analysis.words(mapping.role)}`{of_cluster(content)}",
                    declared.address,
                    (
                        entry_place(analysis, declared, entry, "this matches them all"),
                        Place(declared.location, "the mapping"),
                    ),
                    confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
                    severity=severity if everyone else _LOWER.get(severity, severity),
                    principal=entry,
                )


def _who(entry: str) -> str:
    """Whom an entry matches, for people; empty where it is no wildcard for all of a kind."""
    if is_everyone(entry):
        return "everyone who can log in"
    if is_every_role(entry):
        return f"every identity like `{entry}`"
    return ""


def _severity(content: ClusterContent, name: str) -> tuple[Severity, bool] | None:
    """How bad it is and whether that is sure, None where the role reaches nothing of others."""
    role = content.cluster.roles.get(name)
    if name in EVERYTHING_ROLES:
        return Severity.CRITICAL, True
    if role is None or role.partial:
        return Severity.MEDIUM, False
    found = reach(role, content.cluster.groups)
    if set(found.cluster) - {Deed.MONITOR} or any(
        _of_others(found.on(deed)) for deed, _ in found.indexes if deed not in _READING
    ):
        return Severity.CRITICAL, True
    if any(_of_others(found.on(deed)) for deed in _READING):
        return (Severity.MEDIUM, True) if _limited_to_oneself(role) else (Severity.HIGH, True)
    return None


def _of_others(patterns: tuple[str, ...]) -> bool:
    """Whether some pattern is neither of Dashboards nor made from the caller's own name."""
    return any(not is_of_dashboards(pattern) and "${user" not in pattern for pattern in patterns)


def _limited_to_oneself(role: Role) -> bool:
    """Whether a query with a variable limits every permission on indexes of others."""
    return all(
        limits_documents(permission) and "${" in permission.document_query
        for permission in role.index_permissions
        if _of_others(permission.patterns)
    )


RULE = Rule(
    "OSR216",
    "role-for-everyone",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(MAPPING_API, FINE_GRAINED),
    remedy="list the users and backend roles that need the role",
)
