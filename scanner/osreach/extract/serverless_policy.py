"""The policies of OpenSearch Serverless, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearchserverless_access_policy
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearchserverless_security_policy
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearchserverless_lifecycle_policy
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_OpenSearchServerless.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from osreach.access.serverless import (
    DataAccessPolicy,
    EncryptionPolicy,
    LifecyclePolicy,
    NetworkPolicy,
    ServerlessPolicy,
)
from osreach.extract.attribute import with_holes
from osreach.extract.domain import SHOWN
from osreach.extract.owner import account_of, is_data, region_of
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.json_text import read_json
from osreach.location import Location
from osreach.problem import Problem
from osreach.serverless.check import check_length, check_policy_name
from osreach.serverless.fault import Fault, FaultKind
from osreach.serverless.parse import parse_access, parse_encryption, parse_lifecycle, parse_network
from osreach.serverless.policy import (
    AccessContent,
    EncryptionContent,
    LifecycleContent,
    NetworkContent,
    Pattern,
    PolicyType,
    Rule,
)
from osreach.value import Json, Object, Text, Unknown, Value, unknowns_of

C = TypeVar("C", AccessContent, NetworkContent, EncryptionContent, LifecycleContent)

_ACCESS, _SECURITY, _LIFECYCLE = (PolicyType.DATA,), (PolicyType.NETWORK, PolicyType.ENCRYPTION), ()
_POLICIES: Mapping[str, tuple[str, tuple[PolicyType, ...]]] = {
    "aws_opensearchserverless_access_policy": ("policy", _ACCESS),
    "aws_opensearchserverless_security_policy": ("policy", _SECURITY),
    "aws_opensearchserverless_lifecycle_policy": ("policy", _LIFECYCLE),
    "awscc_opensearchserverless_access_policy": ("policy", _ACCESS),
    "awscc_opensearchserverless_security_policy": ("policy", _SECURITY),
    "awscc_opensearchserverless_lifecycle_policy": ("policy", _LIFECYCLE),
    "AWS::OpenSearchServerless::AccessPolicy": ("Policy", _ACCESS),
    "AWS::OpenSearchServerless::SecurityPolicy": ("Policy", _SECURITY),
    "AWS::OpenSearchServerless::LifecyclePolicy": ("Policy", _LIFECYCLE),
}
"""The attribute with the text, and the types of policies that the resource may make."""

TYPES = frozenset(_POLICIES)
"""The resource types that this module reads."""


@dataclass(slots=True)
class PolicyReading:
    """The policies by their type, in the order of the code."""

    data_access: list[DataAccessPolicy] = field(default_factory=list)
    network: list[NetworkPolicy] = field(default_factory=list)
    encryption: list[EncryptionPolicy] = field(default_factory=list)
    lifecycle: list[LifecyclePolicy] = field(default_factory=list)


def read_policies(
    resources: Iterable[Resource], ids: frozenset[str], holes: Holes, problems: list[Problem]
) -> PolicyReading:
    """Every policy; `ids` are the holes that stand for ids of collections, which policies do not name.

    Text that is no JSON is a problem, and its policy may say anything.
    """
    found = PolicyReading()
    for resource in resources:
        known = _POLICIES.get(resource.type)
        if known is None:
            continue
        attribute, kinds = known
        body = _Body(resource, attribute, holes, problems)
        match _kind(resource, kinds, body.value, problems):
            case PolicyType.DATA:
                found.data_access.append(_policy(body, PolicyType.DATA, parse_access, AccessContent, ids))
            case PolicyType.NETWORK:
                found.network.append(_policy(body, PolicyType.NETWORK, parse_network, NetworkContent, ids))
            case PolicyType.ENCRYPTION:
                found.encryption.append(
                    _policy(body, PolicyType.ENCRYPTION, parse_encryption, EncryptionContent, ids)
                )
            case PolicyType.RETENTION:
                found.lifecycle.append(
                    _policy(body, PolicyType.RETENTION, parse_lifecycle, LifecycleContent, ids)
                )
    return found


def unknowns_in_policy(resource: Resource) -> Iterator[tuple[Unknown, Location]]:
    """What the files do not tell of a policy; the account, Region and partition stand for themselves."""
    attribute, _ = _POLICIES[resource.type]
    value = resource.get(attribute)
    if value is not None and not is_data(resource):
        for unknown, location in unknowns_of(value):
            if not unknown.resource and unknown.expression not in SHOWN:
                yield unknown, location


class _Body:
    """The JSON of one policy, read once."""

    __slots__ = (
        "faults",
        "holes",
        "length",
        "location",
        "name",
        "name_location",
        "resource",
        "unknown",
        "value",
        "written",
    )

    def __init__(self, resource: Resource, attribute: str, holes: Holes, problems: list[Problem]) -> None:
        self.resource = resource
        self.holes = holes
        self.name, self.name_location = _name(resource, holes)
        self.faults: list[Fault] = []
        self.written = None if is_data(resource) else resource.get(attribute)
        self.location = self.written.location if self.written is not None else resource.location
        self.value = Value(Unknown(f"{resource.address}.{attribute}", "it is not written"), self.location)
        self.unknown: Unknown | None = None
        if self.written is not None:
            reading = read_json(self.written, attribute)
            problems.extend((*reading.duplicates, *((reading.problem,) if reading.problem else ())))
            self.value = reading.value
            if isinstance(self.written.data, Object | tuple):
                message = f"`{attribute}` is not a text with the JSON of a policy"
                self.faults.append(Fault(FaultKind.SHAPE, message, self.location, attribute))
        elif is_data(resource):
            self.value = Value(
                Unknown(f"{resource.address}.policy", "only its name is in the files"), self.location
            )
        if isinstance(self.value.data, Unknown):
            self.unknown = self.value.data
        self.length = _length(self.written) if self.written is not None else None
        if not is_data(resource):
            self.faults.extend(check_policy_name(self.name, self.name_location))
        self.faults.extend(check_length(self.length, self.location))


def _kind(
    resource: Resource, kinds: tuple[PolicyType, ...], value: Value, problems: list[Problem]
) -> PolicyType:
    """The type of a policy; one that is not known is told by the shape of the JSON."""
    if not kinds:
        return PolicyType.RETENTION
    if len(kinds) == 1:
        return kinds[0]
    written = resource.get("type") or resource.get("Type")
    text = written.text if written is not None else None
    for kind in kinds:
        if text == kind.value:
            return kind
    if text is not None and written is not None:
        message = f"`{text}` is no type of a security policy, which is `encryption` or `network`"
        problems.append(Problem(written.location, message))
    return PolicyType.ENCRYPTION if isinstance(value.data, Object) else PolicyType.NETWORK


def _policy(
    body: _Body,
    kind: PolicyType,
    parse: Callable[[Value, Callable[[Value], str]], C],
    empty: Callable[..., C],
    ids: frozenset[str],
) -> ServerlessPolicy[C]:
    known = not isinstance(body.value.data, Unknown)
    read: C = parse(body.value, partial(with_holes, holes=body.holes)) if known else empty(partial=True)
    faults: list[Fault] = []
    content: C = _without_ids(read, ids, faults)
    return ServerlessPolicy(
        address=body.resource.address,
        deployment=body.resource.deployment,
        kind=kind,
        account=account_of(body.resource, body.holes),
        region=region_of(body.resource, body.holes),
        name=body.name,
        name_location=body.name_location,
        content=content,
        location=body.resource.location,
        content_location=body.location,
        length=body.length,
        faults=(*body.faults, *content.faults, *faults),
        unknown=body.unknown,
        defined=not is_data(body.resource),
    )


def _name(resource: Resource, holes: Holes) -> tuple[str, Location]:
    value = resource.get("name") or resource.get("Name")
    if value is None:
        return holes.hole(f"{resource.address}.name"), resource.location
    return with_holes(value, holes), value.location


def _without_ids(content: C, ids: frozenset[str], faults: list[Fault]) -> C:
    """The policy in which resources that name a collection by its id match nothing; `faults` gets one for each.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
    """

    def checked(pattern: Pattern) -> Pattern:
        if pattern.many or not any(letter in ids for letter in pattern.collection):
            return pattern
        message = (
            f"the resource `{pattern.text}` matches nothing: policies of OpenSearch Serverless name "
            "collections by their name, not by their id"
        )
        faults.append(Fault(FaultKind.IMPOSSIBLE_PATTERN, message, pattern.location, pattern.text))
        return replace(pattern, impossible=True)

    def rules_of(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(replace(rule, resources=tuple(map(checked, rule.resources))) for rule in rules)

    if not ids:
        return content
    match content:
        case AccessContent(entries=entries):
            new = tuple(replace(entry, rules=rules_of(entry.rules)) for entry in entries)
            return replace(content, entries=new)
        case NetworkContent(entries=openings):
            told = tuple(replace(entry, rules=rules_of(entry.rules)) for entry in openings)
            return replace(content, entries=told)
        case EncryptionContent(rules=rules):
            return replace(content, rules=rules_of(rules))
        case _:
            return content


def _length(value: Value) -> int | None:
    """The number of characters of a policy's text, None where a part is not known."""
    match value.data:
        case str() as text:
            return len(text)
        case Text() as text:
            known = text.known
            return len(known) if known is not None else None
        case Json(inner):
            try:
                return len(json.dumps(_plain(inner), separators=(",", ":"), ensure_ascii=False))
            except ValueError:
                return None
        case _:
            return None


def _plain(value: Value) -> object:
    """The plain value; raises ValueError where a part is not known."""
    match value.data:
        case Object(entries, rest) if not rest:
            return {name: _plain(entry) for name, entry in entries.items()}
        case tuple() as items:
            return [_plain(item) for item in items]
        case Json(inner):
            return json.dumps(_plain(inner), separators=(",", ":"), ensure_ascii=False)
        case Text() as text if text.known is not None:
            return text.known
        case None | str() | bool() | int() | float():
            return value.data
        case _:
            raise ValueError("a part is not known")
