"""Collections of OpenSearch Serverless and what stands around them, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearchserverless_collection
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearchserverless_vpc_endpoint
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearchserverless_security_config
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_OpenSearchServerless.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from osreach.access.network import GroupReference, SecurityGroup
from osreach.access.serverless import (
    Collection,
    CollectionGroup,
    EndpointKind,
    SecurityConfiguration,
    Serverless,
    VpcEndpoint,
)
from osreach.access.setting import Setting
from osreach.extract.attached import read_attached
from osreach.extract.attribute import boolean, find, with_holes
from osreach.extract.network import read_security_groups, referenced
from osreach.extract.owner import account_of, is_data, partition_of, region_of
from osreach.extract.serverless_policy import TYPES as POLICY_TYPES
from osreach.extract.serverless_policy import read_policies
from osreach.iac.resource import Resource
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes, is_hole
from osreach.problem import Problem
from osreach.serverless.check import check_collection_name
from osreach.value import Object, Unknown, Value

T = TypeVar("T")

_COLLECTIONS = frozenset(
    {
        "aws_opensearchserverless_collection",
        "awscc_opensearchserverless_collection",
        "AWS::OpenSearchServerless::Collection",
    }
)
_CONFIGURATIONS = frozenset(
    {
        "aws_opensearchserverless_security_config",
        "awscc_opensearchserverless_security_config",
        "AWS::OpenSearchServerless::SecurityConfig",
    }
)
_GROUPS = frozenset(
    {
        "aws_opensearchserverless_collection_group",
        "awscc_opensearchserverless_collection_group",
        "AWS::OpenSearchServerless::CollectionGroup",
    }
)
_ENDPOINTS: Mapping[str, EndpointKind] = {
    "aws_opensearchserverless_vpc_endpoint": EndpointKind.MANAGED,
    "awscc_opensearchserverless_vpc_endpoint": EndpointKind.MANAGED,
    "AWS::OpenSearchServerless::VpcEndpoint": EndpointKind.MANAGED,
    "aws_vpc_endpoint": EndpointKind.INTERFACE,
    "awscc_ec2_vpc_endpoint": EndpointKind.INTERFACE,
    "AWS::EC2::VPCEndpoint": EndpointKind.INTERFACE,
}

OWN_TYPES = (
    POLICY_TYPES
    | _COLLECTIONS
    | _CONFIGURATIONS
    | _GROUPS
    | {kind for kind, made in _ENDPOINTS.items() if made is EndpointKind.MANAGED}
)
"""The resource types of OpenSearch Serverless itself."""

TYPES = OWN_TYPES | frozenset(_ENDPOINTS)
"""The resource types that this module reads."""

_SERVICE = re.compile(r"(?:^|[.\-])aoss(?:$|[.\-])")
_ARN_PARTS = 6
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class _Attribute:
    """One resource read in the spelling of its language: `vpc_id` is `VpcId` in templates."""

    resource: Resource
    holes: Holes

    def _path(self, path: str) -> str:
        if "::" not in self.resource.type:
            return path
        return ".".join(
            "".join(_WORDS.get(word, word.capitalize()) for word in name.split("_"))
            for name in path.split(".")
        )

    def value(self, path: str) -> Value | None:
        return find(self.resource, self._path(path))[0]

    def text(self, path: str, default: T) -> Setting[str | T]:
        """A text with holes; one that is an attribute of another resource is known by its hole."""
        value, location = find(self.resource, self._path(path))
        if value is None:
            return Setting(default, location, written=False)
        if isinstance(value.data, Unknown) and not value.data.resource:
            return Setting(value.data, location)
        return Setting(with_holes(value, self.holes), location)

    def flag(self, path: str) -> Setting[bool]:
        return boolean(self.resource, self._path(path), default=False)

    def name(self, path: str = "name") -> str:
        value = self.value(path)
        if value is None:
            return self.holes.hole(f"{self.resource.address}.{self._path(path)}")
        return with_holes(value, self.holes)

    def id(self) -> str:
        """The id that AWS gives, a hole where no file tells it."""
        known = self.resource.get("id")
        if known is not None:
            return with_holes(known, self.holes)
        name = "Id" if "::" in self.resource.type else "id"
        return self.holes.hole(f"{self.resource.plain_address}.{name}")

    def list(self, path: str) -> tuple[Value, ...]:
        value = self.value(path)
        return value.items if value is not None else ()


_WORDS = {"aws": "AWS"}


def read_serverless(resources: Sequence[Resource], holes: Holes, problems: list[Problem]) -> Serverless:
    """Everything of OpenSearch Serverless, with the faults and the problems of its policies."""
    listed = tuple(resource for resource in resources if resource.type in TYPES)
    if not listed:
        return Serverless()
    collections = tuple(
        _collection(_Attribute(resource, holes)) for resource in listed if resource.type in _COLLECTIONS
    )
    ids = frozenset(one.id for one in collections if len(one.id) == 1 and is_hole(one.id))
    endpoints = tuple(resource for resource in listed if _is_endpoint(resource, holes))
    groups = read_security_groups(resources) if endpoints else MappingProxyType({})
    policies = read_policies(listed, ids, holes, problems)
    return Serverless(
        collections,
        tuple(policies.data_access),
        tuple(policies.network),
        tuple(policies.encryption),
        tuple(policies.lifecycle),
        tuple(
            _configuration(_Attribute(resource, holes))
            for resource in listed
            if resource.type in _CONFIGURATIONS
        ),
        tuple(_endpoint(_Attribute(resource, holes), groups, problems) for resource in endpoints),
        tuple(
            _group(_Attribute(resource, holes))
            for resource in listed
            if resource.type in _GROUPS and not is_data(resource)
        ),
    )


def _collection(read: _Attribute) -> Collection:
    resource, holes = read.resource, read.holes
    arn = resource.get("arn")
    parts = with_holes(arn, holes).split(":", _ARN_PARTS - 1) if arn is not None else []
    known = len(parts) == _ARN_PARTS
    name = read.name()
    value = read.value("name")
    name_location = value.location if value is not None else resource.location
    tags, more = _tags(resource, holes)
    return Collection(
        address=resource.address,
        deployment=resource.deployment,
        name=name,
        id=parts[5].removeprefix("collection/") if known else read.id(),
        partition=parts[1] if known else partition_of(resource, holes),
        region=parts[3] if known else region_of(resource, holes),
        account=parts[4] if known else account_of(resource, holes),
        location=resource.location,
        name_location=name_location,
        kind=read.text("type", "TIMESERIES"),
        standby_replicas=read.text("standby_replicas", "ENABLED"),
        deletion_protection=read.text("deletion_protection", "DISABLED"),
        group=read.text("collection_group_name", None),
        encryption_key=_given_key(read),
        aws_owned_key=read.flag("encryption_config.aws_owned_key"),
        tags=MappingProxyType(tags),
        tags_partial=more or is_data(resource),
        faults=tuple(check_collection_name(name, name_location)) if not is_data(resource) else (),
        defined=not is_data(resource),
    )


def _given_key(read: _Attribute) -> Setting[str | None]:
    """The key that the collection is created with; the provider of Terraform exports one under another name."""
    first = read.text("encryption_config.kms_key_arn", None)
    return first if first.written else read.text("encryption_config.kms_arn", None)


def _tags(resource: Resource, holes: Holes) -> tuple[dict[str, str], bool]:
    """Tags with a known name, and whether there may be more.

    Those that the provider adds to every resource (`default_tags`) are not in
    the resource.
    """
    value = resource.get("tags") or resource.get("Tags")
    found: dict[str, str] = {}
    match value.data if value is not None else None:
        case Object(entries, rest):
            return {key: with_holes(entry, holes) for key, entry in entries.items()}, bool(rest)
        case tuple() as items:
            more = False
            for item in items:
                key = item.get("Key") or item.get("key")
                word = item.get("Value") or item.get("value")
                if key is not None and key.text is not None and word is not None:
                    found[key.text] = with_holes(word, holes)
                else:
                    more = True
            return found, more
        case None:
            return found, False
        case _:
            return found, True


def _is_endpoint(resource: Resource, holes: Holes) -> bool:
    kind = _ENDPOINTS.get(resource.type)
    if kind is None:
        return False
    if kind is EndpointKind.MANAGED:
        return True
    service = _Attribute(resource, holes).value("service_name")
    return service is not None and _SERVICE.search(with_holes(service, holes)) is not None


def _endpoint(
    read: _Attribute,
    groups: Mapping[tuple[str, str], SecurityGroup],
    problems: list[Problem],
) -> VpcEndpoint:
    resource, holes = read.resource, read.holes
    kind = _ENDPOINTS[resource.type]
    listed = read.value("security_group_ids")
    attribute = "policy" if "::" not in resource.type else "PolicyDocument"
    attribute = "policy_document" if resource.type == "awscc_ec2_vpc_endpoint" else attribute
    body = resource.get(attribute) if kind is EndpointKind.INTERFACE else None
    policies = (
        (read_attached(body, PolicyKind.RESOURCE, resource, attribute, holes, problems),)
        if body is not None
        else ()
    )
    given = resource.get("vpc_endpoint_id")
    return VpcEndpoint(
        address=resource.address,
        deployment=resource.deployment,
        kind=kind,
        id=with_holes(given, holes) if given is not None else read.id(),
        name=read.name() if kind is EndpointKind.MANAGED else "",
        service=read.text("service_name", None),
        vpc=read.text("vpc_id", None),
        subnets=tuple(with_holes(item, holes) for item in read.list("subnet_ids")),
        security_groups=tuple(_reference(item, resource, groups) for item in read.list("security_group_ids")),
        groups_written=listed is not None,
        groups_location=listed.location if listed is not None else resource.location,
        location=resource.location,
        policies=policies,
        defined=not is_data(resource),
    )


def _reference(
    item: Value, resource: Resource, groups: Mapping[tuple[str, str], SecurityGroup]
) -> GroupReference:
    address = referenced(item)
    group = groups.get((resource.deployment, address)) if address else None
    if group is not None:
        return group
    if isinstance(item.data, Unknown):
        return item.data
    return Unknown(item.text or "security group", "it is not in the scanned files")


_OPTIONS = ("saml_options", "iam_identity_center_options", "iam_federation_options")


def _configuration(read: _Attribute) -> SecurityConfiguration:
    resource = read.resource

    def option(name: str) -> Setting[str | None]:
        for options in _OPTIONS:
            found = read.text(f"{options}.{name}", None)
            if found.written:
                return found
        return Setting(None, resource.location, written=False)

    kind, name = read.text("type", "saml"), read.name()
    # An id that the reader does not export is spelt as AWS does.
    spelt = f"{kind.value}/{account_of(resource, read.holes)}/{name}"
    known = resource.get("id") is not None or is_data(resource) or isinstance(kind.value, Unknown)
    return SecurityConfiguration(
        address=resource.address,
        deployment=resource.deployment,
        kind=kind,
        name=name,
        id=read.id() if known else spelt,
        user_attribute=option("user_attribute"),
        group_attribute=option("group_attribute"),
        metadata=option("metadata"),
        entity_id=option("open_search_serverless_entity_id"),
        instance=option("instance_arn"),
        session_minutes=_minutes(read),
        location=resource.location,
        defined=not is_data(resource),
    )


def _minutes(read: _Attribute) -> Setting[int]:
    written = read.text("saml_options.session_timeout", None)
    match written.value:
        case str() as digits if digits.isdigit():
            return Setting(int(digits), written.location)
        case None:
            return Setting(_MINUTES, written.location, written=False)
        case Unknown() as unknown:
            return Setting(unknown, written.location)
        case _:
            return Setting(Unknown("session_timeout", "it is no number"), written.location)


def _group(read: _Attribute) -> CollectionGroup:
    return CollectionGroup(
        address=read.resource.address,
        deployment=read.resource.deployment,
        name=read.name(),
        standby_replicas=read.text("standby_replicas", None),
        generation=read.text("generation", None),
        location=read.resource.location,
    )
