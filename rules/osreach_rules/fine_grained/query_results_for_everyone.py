"""Notes a role for the indexes of direct queries that everyone holds.

A data source for direct queries keeps what was asked and what came back in
indexes of the domain. Who reads them sees the queries and the results of
all others, whatever the buckets and tables behind would let them read.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.opensearch.action_group import expand
from osreach.opensearch.pattern import matches_any
from osreach.opensearch.reach import Deed
from osreach.opensearch.role import IndexPermission
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import entry_place, identities_in, limits_documents, own_roles
from osreach_rules.fine_grained.group import is_everyones_group
from osreach_rules.fine_grained.wildcard import is_wild
from osreach_rules.references import DIRECT_QUERY

_INDEXES = ("query_execution_", ".query_execution_")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role that names these indexes, may read them, and is mapped to everyone or to a group of all."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            pattern = next(
                (found for one in declared.content.index_permissions for found in _read(content, one)), ""
            )
            if not pattern:
                continue
            for mapping in content.mappings:
                entries = identities_in(mapping.content)
                everyone = next((one for one in entries if is_wild(one) or is_everyones_group(one)), None)
                if mapping.content.role == declared.content.name and everyone is not None:
                    yield Match(
                        f"`{analysis.words(everyone)}` reads the direct queries of all others and their results",
                        declared.address,
                        (
                            entry_place(analysis, declared, pattern, "the indexes of direct queries"),
                            entry_place(analysis, mapping, everyone, "everyone holds the role"),
                        ),
                        principal=everyone,
                    )


def _read(content: ClusterContent, permission: IndexPermission) -> Iterator[str]:
    """The patterns of a permission to search that name indexes of direct queries."""
    actions = [action for action, _ in expand(permission.actions, content.cluster.groups).actions]
    if matches_any(actions, Deed.SEARCH.value) is Truth.TRUE and not limits_documents(permission):
        yield from (one for one in permission.patterns if one.startswith(_INDEXES))


RULE = Rule(
    "OSR260",
    "query-results-for-everyone",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(DIRECT_QUERY,),
    remedy="give each group result indexes of its own, and map the role to those who run the queries",
)
