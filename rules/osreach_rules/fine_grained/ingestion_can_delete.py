"""Reports a role for ingestion that may also delete.

`write` and `crud` hold every way to write, deleting documents among them, and
`manage` and `indices_all` delete whole indexes. Whatever ships logs needs to
create indexes and to add documents. The set that the documentation gives for
delivery streams is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Declared
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.action_group import expand
from osreach.opensearch.pattern import matches
from osreach.opensearch.reach import Deed
from osreach.opensearch.role import IndexPermission, Role
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import own_roles
from osreach_rules.references import ACTION_GROUPS, FIREHOSE

_INGESTION = re.compile(
    r"ingest(?:ion|er|or)?|ship(?:per|ping)|forward(?:er|ing)|fluent-?_?(?:d|bit)|fluentd|logstash|"
    r"filebeat|metricbeat|vector|collector|producer|append(?:er)?"
)
_DOCUMENTED = frozenset({"create_index", "crud", "manage"})
"""Source: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html"""


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each permission that deletes in a role whose name says that it is for ingestion."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            if not _is_for_ingestion(declared.content.name):
                continue
            for permission in declared.content.index_permissions:
                yield from _in_permission(analysis, content, declared, permission)


def _in_permission(
    analysis: Analysis, content: ClusterContent, declared: Declared[Role], permission: IndexPermission
) -> Iterator[Match]:
    if {*permission.actions, "crud"} <= _DOCUMENTED:
        return
    role = analysis.words(declared.content.name)
    for deed, what in ((Deed.DELETE_INDEX, "whole indexes"), (Deed.DELETE_DOCUMENT, "documents")):
        names = [
            name
            for action, name in expand(permission.actions, content.cluster.groups).actions
            if matches(action, deed.value) is Truth.TRUE
        ]
        if names and "delete" not in names:
            patterns = ", ".join(f"`{analysis.words(pattern)}`" for pattern in permission.patterns)
            yield Match(
                f"`{names[0]}` lets the role `{role}` delete {what} of {patterns}",
                declared.address,
                (
                    Place(permission.location or declared.location, "the permission"),
                    Place(declared.location, "the role"),
                ),
                principal=declared.content.name,
            )
            return


def _is_for_ingestion(name: str) -> bool:
    """Whether one of the words of a role's name is one for ingestion."""
    lower = name.lower()
    return any(
        not (lower[: found.start()][-1:].isalpha() or lower[found.end() :][:1].isalpha())
        for found in _INGESTION.finditer(lower)
    )


RULE = Rule(
    "OSR224",
    "ingestion-can-delete",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACTION_GROUPS, FIREHOSE),
    remedy="permit `create_index`, `index` and `indices:data/write/bulk*`",
)
