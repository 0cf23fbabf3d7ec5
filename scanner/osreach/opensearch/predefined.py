"""Roles and action groups that come with a cluster, by engine version, and which of them AWS offers.

The content is data made by `bench/make_cluster_data.py` from the Security
plugin's releases. What the managed service leaves out, adds and renames is
written here by hand, from its documentation.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any

from osreach.opensearch.action_group import ActionGroup
from osreach.opensearch.role import IndexPermission, Role, TenantPermission
from osreach.truth import Truth

FINE_GRAINED_ACCESS = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html"
RENAME = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/rename.html"


class Engine(Enum):
    """Whose software a cluster runs; the value is how versions of it begin."""

    ELASTICSEARCH = "Elasticsearch"
    OPENSEARCH = "OpenSearch"


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """`OpenSearch_2.11` as `(OPENSEARCH, 2, 11)`."""

    engine: Engine
    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.engine.value} {self.major}.{self.minor}"

    @property
    def order(self) -> tuple[bool, int, int]:
        """Later versions are greater; every OpenSearch is later than every Elasticsearch."""
        return (self.engine is Engine.OPENSEARCH, self.major, self.minor)


LATEST = EngineVersion(Engine.OPENSEARCH, 3, 8)
"""The newest release that the data knows."""


def engine_version(text: str) -> EngineVersion | None:
    """The version behind `OpenSearch_2.11`, `Elasticsearch_7.10` or `7.10`, None where it is none."""
    match = re.fullmatch(r"(?:(OpenSearch|Elasticsearch)_)?(\d{1,3})\.(\d{1,3})(?:\.\d+)*", text)
    if match is None:
        return None
    return EngineVersion(Engine(match[1] or "Elasticsearch"), int(match[2]), int(match[3]))


NOT_OFFERED = (
    "observability_full_access",
    "observability_read_access",
    "reports_full_access",
    "reports_read_access",
)
"""Roles of OpenSearch that the service does not offer, see `FINE_GRAINED_ACCESS`."""

ADDED = (
    "cold_manager",
    "ml_full_access",
    "notifications_full_access",
    "notifications_read_access",
    "ultrawarm_manager",
)
"""Roles that the service offers in addition, see `FINE_GRAINED_ACCESS`; of some no content is published."""

UNPUBLISHED = ("cold_manager", "default_role", "security_manager", "ultrawarm_manager")
"""Roles of the service of which no page lists the permissions."""

RENAMED: Mapping[str, str] = {
    "kibana_read_only": "opensearch_dashboards_read_only",
    "kibana_server": "opensearch_dashboards_server",
    "kibana_user": "opensearch_dashboards_user",
}
"""What roles are called on domains that were created with OpenSearch, see `RENAME`.

A domain that was upgraded from Elasticsearch keeps the old names, so both are
taken to be there. `RENAME` has the first and the last; the name of the server's
role is taken to follow them.
"""


@dataclass(frozen=True, slots=True)
class PredefinedRole:
    """A role that comes with the cluster.

    `offered` says whether the managed service has it in this version:
    `UNKNOWN` where the documentation says it of OpenSearch only.
    """

    role: Role
    offered: Truth
    source: str


@lru_cache(maxsize=1)
def _content() -> Mapping[str, Any]:
    raw = pkgutil.get_data(__package__, "data/predefined.json")
    if raw is None:
        raise OSError("`predefined.json` cannot be read")
    content: Mapping[str, Any] = json.loads(raw)
    return content


def source_header() -> Mapping[str, Any]:
    """Where the data comes from: repository, licence, day, and tag and commit of each release."""
    header: Mapping[str, Any] = _content()["header"]
    return header


def _known_version(version: EngineVersion) -> EngineVersion:
    """The newest release of the data that is not newer, or the oldest of all."""
    releases = [engine_version(source["release"]) for source in source_header()["sources"]]
    known = sorted((release for release in releases if release), key=lambda release: release.order)
    older = [release for release in known if release.order <= version.order]
    return older[-1] if older else known[0]


def _at(history: list[Mapping[str, Any]], version: EngineVersion) -> Mapping[str, Any] | None:
    for span in history:
        first, last = engine_version(span["from"]), engine_version(span["to"])
        if first is not None and last is not None and first.order <= version.order <= last.order:
            content: Mapping[str, Any] = span["content"]
            return content
    return None


def _role(name: str, content: Mapping[str, Any]) -> Role:
    return Role(
        name,
        tuple(content["cluster_permissions"]),
        tuple(
            IndexPermission(tuple(one["index_patterns"]), tuple(one["allowed_actions"]))
            for one in content["index_permissions"]
        ),
        tuple(
            TenantPermission(tuple(one["tenant_patterns"]), tuple(one["allowed_actions"]))
            for one in content["tenant_permissions"]
        ),
        predefined=True,
    )


@dataclass(frozen=True, slots=True)
class RoleSpan:
    """What a predefined role holds from one release of the engine to another, both included."""

    first: EngineVersion
    last: EngineVersion
    role: Role


@lru_cache(maxsize=1)
def role_history() -> Mapping[str, tuple[RoleSpan, ...]]:
    """Every published role by name, with what it held in which releases, the oldest first."""
    found: dict[str, tuple[RoleSpan, ...]] = {}
    for name, history in _content()["roles"].items():
        spans = []
        for span in history:
            first, last = engine_version(span["from"]), engine_version(span["to"])
            if first is not None and last is not None:
                spans.append(RoleSpan(first, last, _role(name, span["content"])))
        found[name] = tuple(spans)
    return found


@lru_cache(maxsize=64)
def predefined_roles(version: EngineVersion = LATEST) -> Mapping[str, PredefinedRole]:
    """Every role that comes with a cluster of this version, by name, also those the service leaves out."""
    at = _known_version(version)
    found: dict[str, PredefinedRole] = {}
    for name, history in _content()["roles"].items():
        content = _at(history, at)
        if content is None:
            continue
        if name in NOT_OFFERED:
            offered = Truth.FALSE
        else:
            static = any(span["content"]["static"] for span in history)
            offered = Truth.TRUE if static or name in ADDED else Truth.UNKNOWN
        found[name] = PredefinedRole(_role(name, content), offered, FINE_GRAINED_ACCESS)
        new = RENAMED.get(name)
        if new is not None and version.engine is Engine.OPENSEARCH:
            found[name] = replace(found[name], offered=Truth.UNKNOWN, source=RENAME)
            found[new] = PredefinedRole(_role(new, content), Truth.TRUE, RENAME)
    for name in (*ADDED, *UNPUBLISHED):
        if name not in found:
            role = Role(name, partial=True, predefined=True)
            found[name] = PredefinedRole(role, Truth.TRUE, FINE_GRAINED_ACCESS)
    return dict(sorted(found.items()))


@lru_cache(maxsize=64)
def default_action_groups(version: EngineVersion = LATEST) -> Mapping[str, ActionGroup]:
    """The action groups that come with a cluster of this version, by name; up to 6.8 in capitals."""
    at = _known_version(version)
    found: dict[str, ActionGroup] = {}
    for name, history in _content()["action_groups"].items():
        content = _at(history, at)
        if content is not None:
            found[name] = ActionGroup(name, tuple(content["allowed_actions"]))
    return found
