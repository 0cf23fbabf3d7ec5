"""Reports a permission that is neither an action nor an action group, and groups that hold themselves.

A name that is no group permits nothing, so that a misspelt `indices_alll` takes
away what was meant. Groups that are made by hand are not seen here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Declared
from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Location, Place
from osreach.opensearch.action_group import ActionGroup, circular_groups, is_action
from osreach.opensearch.predefined import LATEST, Engine, EngineVersion, default_action_groups
from osreach.opensearch.role import Role
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import entry_place, own_roles
from osreach_rules.references import ACTION_GROUPS

_OF_THE_SERVICE = frozenset({"opensearch_dashboards_all_read", "opensearch_dashboards_all_write"})
"""Domains of the managed service show these in place of `kibana_all_read` and `kibana_all_write`."""

_MOST_SHOWN = 5
_OLDEST = EngineVersion(Engine.ELASTICSEARCH, 6, 7)
_OLD_PREFIX = re.compile(r"^(?:OPENDISTRO_SECURITY|SGS)_")
_BETWEEN = EngineVersion(Engine.ELASTICSEARCH, 7, 10)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each name in a role or group of the code that nothing defines, and each circle of groups."""
    for content in analysis.clusters:
        known = _known(content)
        for declared in own_roles(content):
            for name, block in _names(declared):
                if _is_unknown(content, name, known):
                    place = entry_place(analysis, declared, name, "the permission")
                    if block is not None:
                        place = Place(block, "the permission")
                    yield Match(
                        f"`{name}` in the role `{analysis.words(declared.content.name)}` "
                        "is neither an action nor an action group",
                        declared.address,
                        (place, Place(declared.location, "the role")),
                        confidence=Confidence.POSSIBLE,
                        principal=name,
                    )
        for group in content.groups:
            for name in group.content.actions:
                if _is_unknown(content, name, known):
                    yield Match(
                        f"`{name}` in the action group `{analysis.words(group.content.name)}` "
                        "is neither an action nor an action group",
                        group.address,
                        (Place(group.location, "the group"),),
                        confidence=Confidence.POSSIBLE,
                        principal=name,
                    )
        yield from _circles(content)


def _circles(content: ClusterContent) -> Iterator[Match]:
    own: dict[str, Declared[ActionGroup]] = {group.content.name: group for group in content.groups}
    written = {name: group.content for name, group in own.items()}
    for circle in circular_groups({**content.cluster.groups, **written}):
        first = next((own[name] for name in circle if name in own), None)
        if first is not None:
            yield Match(
                f"the action group {' holds '.join(_shown(circle))}",
                first.address,
                (Place(first.location, "a group that holds itself"),),
                remedy="take one of the groups out of the other",
            )


def _shown(circle: tuple[str, ...]) -> Iterator[str]:
    """The names of a circle, of a large one its beginning and its end."""
    for number, name in enumerate(circle):
        left = len(circle) - number
        if number < _MOST_SHOWN or left <= _MOST_SHOWN:
            yield f"`{name}`"
        elif number == _MOST_SHOWN:
            yield f"{len(circle) - 2 * _MOST_SHOWN} more, of which the last"


def _names(declared: Declared[Role]) -> Iterator[tuple[str, Location | None]]:
    """Every permission of a role, each once, with the place of the block it stands in."""
    role = declared.content
    lists: tuple[tuple[tuple[str, ...], Location | None], ...] = (
        (role.cluster_permissions, None),
        *((one.actions, one.location) for one in role.index_permissions),
        *((one.actions, one.location) for one in role.tenant_permissions),
    )
    for names, location in lists:
        for name in dict.fromkeys(names):
            yield name, location


def _is_unknown(content: ClusterContent, name: str, known: frozenset[str]) -> bool:
    if has_hole(name) or name in known or name in _OF_THE_SERVICE or _OLD_PREFIX.sub("", name) in known:
        return False
    return name not in content.cluster.groups and not is_action(name)


def _known(content: ClusterContent) -> frozenset[str]:
    """The groups of any release where nobody knows which one the cluster runs."""
    if content.domain is not None and content.domain.engine.written:
        return frozenset(content.cluster.groups)
    return frozenset(
        name for version in (_OLDEST, _BETWEEN, LATEST) for name in default_action_groups(version)
    )


RULE = Rule(
    "OSR228",
    "broken-action-group",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(ACTION_GROUPS,),
    remedy="write the name of an action group or an action",
)
