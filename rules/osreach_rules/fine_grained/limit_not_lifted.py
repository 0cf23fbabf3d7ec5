"""Reports somebody who holds a role with a document query and another one for the same indexes without.

The wider role does not lift the query: the query stays in force for whoever
holds both, and they see less than the wider role says. Several queries are
joined by or, which is what one would expect.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Declared
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.action_group import expand
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.pattern import has_hole, intersects, matches_any
from osreach.opensearch.reach import Deed
from osreach.opensearch.role import IndexPermission, Role
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import entry_place, identities_in, is_of_dashboards, limits_documents
from osreach_rules.references import DOCUMENT_LEVEL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each entry, once for a limited role, that also holds an unlimited role for the same indexes."""
    for content in analysis.clusters:
        if content.cluster.settings.unlimited_role_wins is Truth.TRUE:
            continue
        for limited in content.mappings:
            narrow = content.cluster.roles.get(limited.content.role)
            if narrow is None or not any(map(limits_documents, narrow.index_permissions)):
                continue
            for entry in identities_in(limited.content):
                found = _wider(content, limited, narrow, entry)
                if found is not None and not _is_lifted(content, narrow, entry):
                    yield Match(
                        f"`{analysis.words(entry)}` sees only what the document query of `{narrow.name}` lets "
                        f"through, although it holds `{found.content.role}` too",
                        limited.address,
                        (
                            entry_place(analysis, limited, entry, "the role with the query"),
                            Place(found.location, "the role without one"),
                        ),
                        principal=entry,
                    )


def _wider(
    content: ClusterContent, limited: Declared[Mapping], narrow: Role, entry: str
) -> Declared[Mapping] | None:
    """A mapping of another role to the same entry that reads some of the limited indexes without a query."""
    for declared in content.mappings:
        role = content.cluster.roles.get(declared.content.role)
        if (
            role is None
            or declared is limited
            or role.name == narrow.name
            or entry not in identities_in(declared.content)
        ):
            continue
        if any(
            limits_documents(one) and not other.document_query.strip() and _overlap(one, other)
            for one in _reading(content.cluster, narrow)
            for other in _reading(content.cluster, role)
        ):
            return declared
    return None


def _is_lifted(content: ClusterContent, narrow: Role, entry: str) -> bool:
    """Whether a role of the same identity has a query that matches every document."""
    roles = [one.role for one in content.cluster.mappings if entry in identities_in(one)]
    return any(
        other.document_query.strip() and not limits_documents(other) and _overlap(one, other)
        for name in roles
        if (role := content.cluster.roles.get(name)) is not None
        for one in narrow.index_permissions
        for other in _reading(content.cluster, role)
    )


def _reading(cluster: Cluster, role: Role) -> Iterator[IndexPermission]:
    for permission in role.index_permissions:
        actions = [action for action, _ in expand(permission.actions, cluster.groups).actions]
        if matches_any(actions, Deed.SEARCH.value) is Truth.TRUE:
            yield permission


def _overlap(one: IndexPermission, other: IndexPermission) -> bool:
    """Whether an index can match both; a pattern that is partly unknown only where it is the same text."""
    return any(
        first == second or (not has_hole(first) and not has_hole(second) and intersects(first, second))
        for first in one.patterns
        for second in other.patterns
        if "${" not in first and "${" not in second and not is_of_dashboards(second)
    )


RULE = Rule(
    "OSR227",
    "limit-not-lifted",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(DOCUMENT_LEVEL,),
    remedy="give each identity one of the two roles",
)
