"""Everything of OpenSearch Serverless that decides who reaches the data of its collections.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-security.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeAlias, TypeVar

from osreach.access.identity import Attachment
from osreach.access.network import GroupReference
from osreach.access.setting import Setting
from osreach.location import Location
from osreach.serverless.fault import Fault
from osreach.serverless.policy import (
    AccessContent,
    EncryptionContent,
    LifecycleContent,
    NetworkContent,
    PolicyType,
)
from osreach.value import Unknown

C = TypeVar("C", AccessContent, NetworkContent, EncryptionContent, LifecycleContent)


@dataclass(frozen=True, slots=True)
class ServerlessPolicy(Generic[C]):
    """A policy of OpenSearch Serverless and the resource that makes it.

    Policies bear on collections of their own account and region by name. `name`
    may hold holes. `content` is empty and partial where the text is not known
    (`unknown` then says why) or is no JSON (a problem says so). `length` is the
    number of characters of the text, None where a part is not known.
    `content_location` is where the policy is written. `faults` are about name,
    length and content together. Where `defined` is false the code only looks
    the policy up, and nothing is known of what it says.
    """

    address: str
    deployment: str
    kind: PolicyType
    account: str
    region: str
    name: str
    name_location: Location
    content: C
    location: Location
    content_location: Location
    length: int | None = None
    faults: tuple[Fault, ...] = ()
    unknown: Unknown | None = None
    defined: bool = True

    @property
    def key(self) -> str:
        """What tells one policy of a scan from another."""
        return f"{self.deployment}\0{self.address}"


DataAccessPolicy: TypeAlias = ServerlessPolicy[AccessContent]
NetworkPolicy: TypeAlias = ServerlessPolicy[NetworkContent]
EncryptionPolicy: TypeAlias = ServerlessPolicy[EncryptionContent]
LifecyclePolicy: TypeAlias = ServerlessPolicy[LifecycleContent]


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection.

    Policies of OpenSearch Serverless name it by `name`, those of IAM by its id,
    which AWS gives at deployment: `id` is then a hole, the same as in its ARN
    and its endpoints. `kind` is `SEARCH`, `TIMESERIES` or `VECTORSEARCH`. `encryption_key` and
    `aws_owned_key` are those given with the collection itself, which go before
    every encryption policy. `tags` are those with a known text; where
    `tags_partial` there may be more. Where `defined` is false the code only
    looks the collection up.
    Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-create.html
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-opensearchserverless-collection.html
    """

    address: str
    deployment: str
    name: str
    id: str
    partition: str
    region: str
    account: str
    location: Location
    name_location: Location
    kind: Setting[str]
    standby_replicas: Setting[str]
    deletion_protection: Setting[str]
    group: Setting[str | None]
    encryption_key: Setting[str | None]
    aws_owned_key: Setting[bool]
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tags_partial: bool = False
    faults: tuple[Fault, ...] = ()
    defined: bool = True

    @property
    def key(self) -> str:
        """What tells one collection of a scan from another."""
        return f"{self.deployment}\0{self.address}"

    @property
    def arn(self) -> str:
        """The ARN of the collection, which bears its id.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_opensearchserverless.html
        """
        return f"arn:{self.partition}:aoss:{self.region}:{self.account}:collection/{self.id}"

    @property
    def dashboards_arn(self) -> str:
        """The ARN that stands for Dashboards of every collection of the account (same source)."""
        return f"arn:{self.partition}:aoss:{self.region}:{self.account}:dashboards/default"


class EndpointKind(StrEnum):
    """`MANAGED` by OpenSearch Serverless, or an `INTERFACE` endpoint of EC2.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-vpc.html
    """

    MANAGED = "managed"
    INTERFACE = "interface"


@dataclass(frozen=True, slots=True)
class VpcEndpoint:
    """A VPC endpoint to OpenSearch Serverless.

    `id` is what network policies name (`vpce-...`), a hole where AWS gives it.
    `service` is the service name of an interface endpoint, None for a managed
    one. `groups_written` tells an endpoint without security groups from one
    whose groups are not written. `policies` are endpoint policies: where none
    is written everything is let through.
    """

    address: str
    deployment: str
    kind: EndpointKind
    id: str
    name: str
    service: Setting[str | None]
    vpc: Setting[str | None]
    subnets: tuple[str, ...]
    security_groups: tuple[GroupReference, ...]
    groups_written: bool
    groups_location: Location
    location: Location
    policies: tuple[Attachment, ...] = ()
    defined: bool = True

    @property
    def key(self) -> str:
        """What tells one endpoint of a scan from another."""
        return f"{self.deployment}\0{self.address}"


@dataclass(frozen=True, slots=True)
class SecurityConfiguration:
    """How users sign in who are no identities of IAM.

    `kind` is `saml`, `iamidentitycenter` or `iamfederation`. `user_attribute`
    and `group_attribute` are None where they are not written; `instance` is the
    ARN of an instance of IAM Identity Center, `session_minutes` 60 where it is
    not written.
    Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-saml.html
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-iam-identity-center.html
    """

    address: str
    deployment: str
    kind: Setting[str]
    name: str
    id: str
    user_attribute: Setting[str | None]
    group_attribute: Setting[str | None]
    metadata: Setting[str | None]
    entity_id: Setting[str | None]
    instance: Setting[str | None]
    session_minutes: Setting[int]
    location: Location
    defined: bool = True

    @property
    def key(self) -> str:
        """What tells one configuration of a scan from another."""
        return f"{self.deployment}\0{self.address}"


@dataclass(frozen=True, slots=True)
class CollectionGroup:
    """A group whose collections share capacity; `generation` is None where it is not written.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-collection-groups.html
    """

    address: str
    deployment: str
    name: str
    standby_replicas: Setting[str | None]
    generation: Setting[str | None]
    location: Location


@dataclass(frozen=True, slots=True)
class Serverless:
    """Everything of OpenSearch Serverless in the code, in its order."""

    collections: tuple[Collection, ...] = ()
    data_access: tuple[DataAccessPolicy, ...] = ()
    network: tuple[NetworkPolicy, ...] = ()
    encryption: tuple[EncryptionPolicy, ...] = ()
    lifecycle: tuple[LifecyclePolicy, ...] = ()
    configurations: tuple[SecurityConfiguration, ...] = ()
    endpoints: tuple[VpcEndpoint, ...] = ()
    groups: tuple[CollectionGroup, ...] = ()

    @property
    def policies(
        self,
    ) -> tuple[DataAccessPolicy | NetworkPolicy | EncryptionPolicy | LifecyclePolicy, ...]:
        """Every policy of every type."""
        return (*self.data_access, *self.network, *self.encryption, *self.lifecycle)
