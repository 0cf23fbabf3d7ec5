"""Reports a permission that limits what is read and permits to write.

A document query, a list of fields and masking act on reads only. Whoever may
write the same index can change and delete documents that the query hides, and
overwrite fields that are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.action_group import expand
from osreach.opensearch.pattern import matches
from osreach.opensearch.role import IndexPermission
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import limits_documents, own_roles
from osreach_rules.references import DOCUMENT_LEVEL, FIELD_LEVEL

_WRITING = (
    "indices:data/write/index",
    "indices:data/write/update",
    "indices:data/write/delete",
    "indices:admin/delete",
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each permission on indexes with a limit and an action that writes."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            for permission in declared.content.index_permissions:
                limit, name = _limit(permission), _writing(content, permission)
                if limit and name:
                    yield Match(
                        f"`{name}` of the role `{analysis.words(declared.content.name)}` writes past its {limit}",
                        declared.address,
                        (
                            Place(permission.location or declared.location, "the limit and the permission"),
                            Place(declared.location, "the role"),
                        ),
                        principal=declared.content.name,
                    )


def _limit(permission: IndexPermission) -> str:
    """What limits the permission, for people; empty where nothing does."""
    if limits_documents(permission):
        return "document query"
    if any(field != "*" for field in permission.fields):
        return "list of fields"
    return "masked fields" if permission.masked_fields else ""


def _writing(content: ClusterContent, permission: IndexPermission) -> str:
    """The first action or group of the permission that writes, empty where none does."""
    actions = expand(permission.actions, content.cluster.groups).actions
    return next(
        (name for action, name in actions if any(matches(action, one) is Truth.TRUE for one in _WRITING)), ""
    )


RULE = Rule(
    "OSR226",
    "write-past-limits",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(DOCUMENT_LEVEL, FIELD_LEVEL),
    remedy="limit reading in a role of its own, and permit writing where nothing is hidden",
)
