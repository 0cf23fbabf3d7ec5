"""Which resources of a template decide who reaches a cluster's data, and which conditions decide about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from osreach.iac.cloudformation.cdk import is_custom
from osreach.iac.cloudformation.walk import conditions_in, names_in
from osreach.value import Object, Value

_SEARCHED: Final = ("AWS::OpenSearch", "AWS::Elasticsearch::", "AWS::OSIS::")
_IDENTITY: Final = "AWS::IAM::"
_ACTIONS: Final = ("es:", "aoss:", "osis:")
_GROUP: Final = "AWS::EC2::SecurityGroup"
_NESTED: Final = frozenset({"AWS::CloudFormation::Stack", "AWS::Serverless::Application"})
_NAMES: Final = ("Name", "Path")
_SIZES: Final = frozenset(
    {
        "ClusterConfig",
        "ElasticsearchClusterConfig",
        "EBSOptions",
        "SnapshotOptions",
        "OffPeakWindowOptions",
        "SoftwareUpdateOptions",
        "Tags",
    }
)
"""Properties that say nothing about access; conditions in them would multiply the combinations."""


def is_searched(kind: str) -> bool:
    """Whether a type is one of the search services."""
    return kind.startswith(_SEARCHED)


def is_nested(resource: Value) -> bool:
    """Whether a resource is a stack of its own."""
    return _kind(resource) in _NESTED


def relevant(resources: Mapping[str, Value], stacks: set[str]) -> tuple[set[str], set[str]]:
    """The resources that say who reaches a cluster, and the conditions that they depend on.

    These are the resources of the search services, `stacks` (nested ones with
    such resources), custom resources that set a policy, identities whose
    permissions to search depend on conditions, and the security groups and
    identities that all these name. What others they name is not looked into, but
    for what makes up its name.
    """
    chosen = stacks | {
        name
        for name, resource in resources.items()
        if is_searched(_kind(resource)) or _sets_policy(resource) or _may_search(resource)
    }
    if not chosen:
        return set(), set()
    pending = list(chosen)
    while pending:
        current = resources[pending.pop()]
        identity = _kind(current).startswith(_IDENTITY)
        for name in names_in(current):
            kind = _kind(resources[name]) if name in resources and name not in chosen else ""
            if kind == _GROUP or (identity and kind.startswith(_IDENTITY)):
                chosen.add(name)
                pending.append(name)
    for name, resource in resources.items():
        if _kind(resource) == f"{_GROUP}Ingress" and chosen.intersection(names_in(resource)):
            chosen.add(name)
    names: set[str] = set()
    for name in chosen:
        names.update(conditions_in(_about_access(resources[name])))
        mentioned = set(names_in(resources[name])) - chosen
        for other in mentioned & resources.keys():
            names.update(_conditions_of_name(resources[other]))
    return chosen, names


def _kind(resource: Value) -> str:
    kind = resource.get("Type") if isinstance(resource.data, Object) else None
    return (kind.text if kind is not None else None) or ""


def _sets_policy(resource: Value) -> bool:
    """Whether a custom resource could set a domain's policy: it makes calls when it is created."""
    if not is_custom(_kind(resource)):
        return False
    properties = resource.get("Properties")
    written = [properties.get(name) for name in ("Create", "Update")] if properties is not None else []
    return any("omainConfig" in text for value in written if value is not None for text in _texts(value))


def _may_search(resource: Value) -> bool:
    """Whether a resource is an identity, or its policy, with actions on clusters and with conditions."""
    if not _kind(resource).startswith(_IDENTITY):
        return False
    body = _about_access(resource)
    return any(conditions_in(body)) and any(text.startswith(_ACTIONS) for text in _texts(body))


def _texts(value: Value) -> Iterable[str]:
    match value.data:
        case tuple() as items:
            for item in items:
                yield from _texts(item)
        case Object(entries):
            for entry in entries.values():
                yield from _texts(entry)
        case _:
            if value.text is not None:
                yield value.text


def _about_access(resource: Value) -> Value:
    """The part of a resource that decides whether it exists and who reaches it."""
    if not isinstance(resource.data, Object):
        return resource
    entries = {name: entry for name, entry in resource.data.entries.items() if name == "Condition"}
    properties = resource.data.entries.get("Properties")
    if properties is not None and isinstance(properties.data, Object):
        kept = {name: entry for name, entry in properties.data.entries.items() if name not in _SIZES}
        entries["Properties"] = Value(Object(kept), properties.location)
    return Value(Object(entries), resource.location)


def _conditions_of_name(resource: Value) -> Iterable[str]:
    properties = resource.get("Properties")
    if properties is None or not isinstance(properties.data, Object):
        return
    for name, entry in properties.data.entries.items():
        if name.endswith(_NAMES):
            yield from conditions_in(entry)
