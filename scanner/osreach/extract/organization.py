"""Organizations and their policies, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy_attachment
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-policy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from osreach.access.identity import Attachment
from osreach.access.organization import (
    NodeKind,
    Organization,
    OrganizationAttachment,
    OrganizationNode,
)
from osreach.extract.attached import read_attached, unknown_attachment
from osreach.extract.attribute import with_holes
from osreach.extract.network import referenced
from osreach.extract.owner import account_of, is_data
from osreach.iac.resource import Resource
from osreach.iam.document import Document, Effect, PolicyKind, Statement, Term, Terms
from osreach.iam.hole import Holes
from osreach.problem import Problem
from osreach.value import Unknown, Value

_POLICIES: Mapping[str, tuple[str, str, str]] = {
    "aws_organizations_policy": ("content", "type", ""),
    "AWS::Organizations::Policy": ("Content", "Type", "TargetIds"),
}
_ATTACHMENT = "aws_organizations_policy_attachment"
_NODES: Mapping[str, tuple[NodeKind, str]] = {
    "aws_organizations_organization": (NodeKind.ROOT, ""),
    "aws_organizations_organizational_unit": (NodeKind.UNIT, "parent_id"),
    "aws_organizations_account": (NodeKind.ACCOUNT, "parent_id"),
    "AWS::Organizations::Organization": (NodeKind.ROOT, ""),
    "AWS::Organizations::OrganizationalUnit": (NodeKind.UNIT, "ParentId"),
    "AWS::Organizations::Account": (NodeKind.ACCOUNT, "ParentIds"),
}

TYPES = frozenset(_POLICIES) | frozenset(_NODES) | {_ATTACHMENT}
"""The resource types that this module reads."""

FULL_ACCESS = "FullAWSAccess"
_FULL_ACCESS_ID = "p-FullAWSAccess"
_KINDS = {
    "SERVICE_CONTROL_POLICY": PolicyKind.SERVICE_CONTROL,
    "RESOURCE_CONTROL_POLICY": PolicyKind.RESOURCE_CONTROL,
}


def full_access() -> Document:
    """The policy that AWS attaches to every root, unit and account at first.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    """
    everything = Terms((Term("*"),))
    return Document((Statement(Effect.ALLOW, everything, everything),), "2012-10-17", source=FULL_ACCESS)


def read_organization(resources: Iterable[Resource], holes: Holes, problems: list[Problem]) -> Organization:
    """The nodes of the organization, and which policy is attached to which."""
    listed = [resource for resource in resources if resource.type in TYPES and not is_data(resource)]
    if not listed:
        return Organization()
    nodes = tuple(_node(resource, holes) for resource in listed if resource.type in _NODES)
    kinds = {name: node.kind for node in nodes for name in node.names}
    policies: dict[tuple[str, str], tuple[Attachment, bool]] = {}
    attachments: list[OrganizationAttachment] = []
    for resource in listed:
        names = _POLICIES.get(resource.type)
        if names is None:
            continue
        kind = _KINDS.get(_text_of(resource, names[1]) or "SERVICE_CONTROL_POLICY")
        if kind is None:
            continue  # tags, backups and the like say nothing about access
        policy = _policy(resource, names[0], kind, holes, problems)
        control = kind is PolicyKind.RESOURCE_CONTROL
        policies[resource.deployment, resource.address] = policy, control
        targets = resource.blocks(names[2]) if names[2] else ()
        attachments += [
            _attached(policy, target, resource, kinds, holes, control=control) for target in targets
        ]
    for resource in listed:
        attachments.extend(_separate(resource, policies, kinds, holes))
    management = frozenset(
        account_of(resource, holes)
        for resource in listed
        if resource.type in _NODES and _NODES[resource.type][0] is NodeKind.ROOT
    )
    return Organization(nodes, tuple(attachments), management)


def _text_of(resource: Resource, name: str) -> str | None:
    value = resource.get(name)
    return value.text if value is not None else None


def _policy(
    resource: Resource, name: str, kind: PolicyKind, holes: Holes, problems: list[Problem]
) -> Attachment:
    body = resource.get(name)
    if body is None:
        unknown = Unknown(f"{resource.address}.{name}", "it is not written")
        return unknown_attachment(unknown, holes, resource.address, resource.location)
    return read_attached(body, kind, resource, name, holes, problems)


def _separate(
    resource: Resource,
    policies: Mapping[tuple[str, str], tuple[Attachment, bool]],
    kinds: Mapping[str, NodeKind],
    holes: Holes,
) -> Iterator[OrganizationAttachment]:
    if resource.type != _ATTACHMENT:
        return
    policy, target = resource.get("policy_id"), resource.get("target_id")
    if policy is None or target is None:
        return
    if policy.text == _FULL_ACCESS_ID:
        document = full_access()
        attached = Attachment(FULL_ACCESS, resource.address, document, resource.location)
        yield _attached(attached, target, resource, kinds, holes, control=False)
        return
    found = policies.get((resource.deployment, referenced(policy) or ""))
    if found is not None:
        yield _attached(found[0], target, resource, kinds, holes, control=found[1])
        return
    unknown = (
        policy.data
        if isinstance(policy.data, Unknown)
        else Unknown(holes.fill(with_holes(policy, holes)), "the policy is not in the scanned files")
    )
    attached = unknown_attachment(unknown, holes, resource.address, resource.location)
    yield _attached(attached, target, resource, kinds, holes, control=False)


def _attached(
    policy: Attachment,
    target: Value,
    owner: Resource,
    kinds: Mapping[str, NodeKind],
    holes: Holes,
    *,
    control: bool,
) -> OrganizationAttachment:
    name = referenced(target) or with_holes(target, holes)
    kind = kinds.get(name) or _kind_of(name)
    placed = replace(policy, owner=owner.address, location=target.location)
    return OrganizationAttachment(placed, name, kind, control)


def _kind_of(name: str) -> NodeKind:
    """What an id is the id of.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
    """
    if re.fullmatch(r"[0-9]{12}", name):
        return NodeKind.ACCOUNT
    if name.startswith("r-"):
        return NodeKind.ROOT
    return NodeKind.UNIT if name.startswith("ou-") else NodeKind.UNKNOWN


def _node(resource: Resource, holes: Holes) -> OrganizationNode:
    kind, parent_name = _NODES[resource.type]
    parent = resource.get(parent_name) if parent_name else None
    first = parent.items[0] if parent is not None and parent.items else parent
    above = ""
    if first is not None:
        above = referenced(first) or with_holes(first, holes)
    names = {resource.address}
    if kind is NodeKind.ACCOUNT:
        names |= {holes.hole(f"{resource.address}.id"), holes.hole(f"{resource.address}.AccountId")}
    return OrganizationNode(kind, frozenset(names), above, resource.location)
