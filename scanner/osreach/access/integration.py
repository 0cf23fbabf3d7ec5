"""What writes to domains and collections and reads from them, and the other ways in and out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.access.identity import Attachment
from osreach.access.setting import Setting
from osreach.location import Location
from osreach.value import Unknown


class ClientKind(StrEnum):
    """What kind of service sends requests."""

    DELIVERY = "delivery stream"
    PIPELINE = "pipeline"
    TOPIC_RULE = "topic rule"
    FUNCTION = "function"
    MIGRATION = "migration endpoint"
    RESOLVER = "data source of an API"
    DASHBOARD = "data source of dashboards"
    KNOWLEDGE_BASE = "knowledge base"


class Direction(StrEnum):
    """Whether data goes into the cluster or comes out of it; a function may do either."""

    WRITES = "writes"
    READS = "reads"
    EITHER = "reads or writes"


class DestinationKind(StrEnum):
    """What requests are sent to."""

    DOMAIN = "domain"
    COLLECTION = "collection"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Destination:
    """A domain or collection that requests are sent to.

    `address` is that of the resource where the code defines it, else empty.
    `text` is how it is named: an ARN, an endpoint or a name, holes included.
    `index` is the index, empty where none is named; it may hold holes and the
    pipeline's own expressions (`logs-%{yyyy.MM.dd}`).
    """

    kind: DestinationKind
    address: str
    text: str
    index: str
    location: Location


@dataclass(frozen=True, slots=True)
class SearchClient:
    """A service that sends requests to one destination as a role.

    `service` is the principal that assumes the role, `role` the role as the code
    names it (an ARN or a name, holes included), empty where none is named.
    """

    address: str
    deployment: str
    kind: ClientKind
    service: str
    direction: Direction
    role: str
    role_location: Location
    destination: Destination
    location: Location

    @property
    def key(self) -> str:
        """What tells one client of a scan from another; one with several destinations has one key."""
        return f"{self.deployment}\0{self.address}"


@dataclass(frozen=True, slots=True)
class PipelineSource:
    """What a pipeline takes data from: the plugin's name (`http`, `s3`, `otel_logs_source`)."""

    plugin: str
    location: Location


@dataclass(frozen=True, slots=True)
class Credential:
    """A value in a pipeline's body that stands where a secret does; `unknown` where its text is not known."""

    name: str
    unknown: Unknown | None
    location: Location


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline of OpenSearch Ingestion.

    `in_vpc` says whether its endpoint is in a VPC. `roles` are all that its body
    and its own setting name. `body_known` is false where its body could not be
    read; what stands in it is then not known.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-config-reference.html
    """

    address: str
    deployment: str
    name: str
    in_vpc: Setting[bool]
    roles: tuple[tuple[str, Location], ...]
    sources: tuple[PipelineSource, ...]
    credentials: tuple[Credential, ...]
    policy: Attachment | None
    body_known: bool
    location: Location

    @property
    def key(self) -> str:
        """What tells one pipeline of a scan from another."""
        return f"{self.deployment}\0{self.address}"


@dataclass(frozen=True, slots=True)
class ApplicationSetting:
    """One entry of an application's configuration: the texts of its value, each with its place.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_AppConfig.html
    """

    key: str
    values: tuple[tuple[str, Location], ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Application:
    """An application of OpenSearch UI."""

    address: str
    deployment: str
    settings: tuple[ApplicationSetting, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection between clusters, from the side that searches.

    `local` and `remote` name the domains as `account/region/name`; parts may be
    holes. `accounts` are the accounts of the two, in that order.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cross-cluster-search.html
    """

    address: str
    deployment: str
    local: str
    remote: str
    accounts: tuple[str, str]
    location: Location


@dataclass(frozen=True, slots=True)
class AcceptedConnection:
    """A connection that another domain asked for and that the code accepts.

    `requested_by` is the address of the connection where the code makes that too,
    else empty.
    """

    address: str
    deployment: str
    connection: str
    requested_by: str
    location: Location


@dataclass(frozen=True, slots=True)
class EndpointAuthorization:
    """An account that may make VPC endpoints for a domain; `own` is the account of the resource.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc-interface-endpoints.html
    """

    address: str
    deployment: str
    domain: str
    account: str
    own: str
    location: Location


@dataclass(frozen=True, slots=True)
class QuerySource:
    """A data source that a domain queries directly, as a role.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/direct-query-s3-creating.html
    """

    address: str
    deployment: str
    domain: str
    role: str
    location: Location


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """A policy that lets services write to log groups."""

    address: str
    deployment: str
    policy: Attachment
    location: Location


@dataclass(frozen=True, slots=True)
class PolicyTemplate:
    """A policy template of SAM that a function takes, with the domain it is about.

    Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
    """

    address: str
    deployment: str
    name: str
    domain: str
    words: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Archiving:
    """A lifecycle rule that moves objects of a bucket into an archive; `bucket` is its name, holes included."""

    address: str
    deployment: str
    bucket: str
    storage: str
    location: Location


@dataclass(frozen=True, slots=True)
class Package:
    """A package (dictionary, plugin) with the bucket that it comes from; names may hold holes."""

    address: str
    deployment: str
    bucket: str
    location: Location


@dataclass(frozen=True, slots=True)
class PackageAssociation:
    """A package in a domain, as the code names both."""

    address: str
    deployment: str
    package: str
    domain: str
    location: Location


@dataclass(frozen=True, slots=True)
class DomainEndpoint:
    """A VPC endpoint that the service manages for a domain; `domain` is its ARN as the code names it."""

    address: str
    deployment: str
    domain: str
    location: Location


@dataclass(frozen=True, slots=True)
class Integrations:
    """All of them, each in the order of the code."""

    clients: tuple[SearchClient, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    applications: tuple[Application, ...] = ()
    connections: tuple[Connection, ...] = ()
    accepted: tuple[AcceptedConnection, ...] = ()
    authorizations: tuple[EndpointAuthorization, ...] = ()
    endpoints: tuple[DomainEndpoint, ...] = ()
    query_sources: tuple[QuerySource, ...] = ()
    log_policies: tuple[LogPolicy, ...] = ()
    policy_templates: tuple[PolicyTemplate, ...] = ()
    archiving: tuple[Archiving, ...] = ()
    packages: tuple[Package, ...] = ()
    package_associations: tuple[PackageAssociation, ...] = ()
