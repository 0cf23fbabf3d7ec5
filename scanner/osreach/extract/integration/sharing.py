"""Ways for other accounts and clusters into a domain: connections, VPC endpoints, packages, applications.

Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cross-cluster-search.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc-interface-endpoints.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/custom-packages.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/direct-query-s3-creating.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/application.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from osreach.access.integration import (
    AcceptedConnection,
    Application,
    ApplicationSetting,
    Connection,
    DomainEndpoint,
    EndpointAuthorization,
    Package,
    PackageAssociation,
    QuerySource,
)
from osreach.extract.integration.named import entry, setting, texts, words
from osreach.extract.network import referenced
from osreach.extract.owner import account_of
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.json_text import read_json
from osreach.location import Location
from osreach.value import Json, Value

_APPLICATIONS = frozenset(
    {
        "aws_opensearch_application",
        "awscc_opensearchservice_application",
        "AWS::OpenSearchService::Application",
    }
)
_QUERY_SOURCES = frozenset({"AWS::OpenSearch::DataSource", "awscc_opensearch_data_source"})
_OUTBOUND = "aws_opensearch_outbound_connection"
_INBOUND = "aws_opensearch_inbound_connection_accepter"
_AUTHORIZATION = "aws_opensearch_authorize_vpc_endpoint_access"
_ENDPOINTS = frozenset({"aws_opensearch_vpc_endpoint", "aws_elasticsearch_vpc_endpoint"})
_PACKAGE = "aws_opensearch_package"
_ASSOCIATION = "aws_opensearch_package_association"

TYPES = (
    _APPLICATIONS
    | _QUERY_SOURCES
    | _ENDPOINTS
    | {_OUTBOUND, _INBOUND, _AUTHORIZATION, _PACKAGE, _ASSOCIATION}
)
"""The types of resources that this module reads."""

Shared: TypeAlias = (
    Connection
    | AcceptedConnection
    | EndpointAuthorization
    | DomainEndpoint
    | Package
    | PackageAssociation
    | QuerySource
    | Application
)
"""One of the ways."""


def read_sharing(resource: Resource, holes: Holes) -> Shared:
    """What the resource, of one of `TYPES`, opens."""
    address, deployment, location = resource.address, resource.deployment, resource.location

    def said(path: str) -> str:
        return words(setting(resource, path), holes)

    match resource.type:
        case "aws_opensearch_outbound_connection":
            return _connection(resource, holes)
        case "aws_opensearch_inbound_connection_accepter":
            connection = setting(resource, "connectionid")
            by = (referenced(connection) or "") if connection is not None else ""
            return AcceptedConnection(address, deployment, said("connectionid"), by, location)
        case "aws_opensearch_authorize_vpc_endpoint_access":
            account = setting(resource, "account")
            place = account.location if account is not None else location
            own = account_of(resource, holes)
            return EndpointAuthorization(address, deployment, said("domainname"), said("account"), own, place)
        case "aws_opensearch_package":
            return Package(address, deployment, said("packagesource.s3bucketname"), location)
        case "aws_opensearch_package_association":
            return PackageAssociation(address, deployment, said("packageid"), said("domainname"), location)
        case _ if resource.type in _ENDPOINTS:
            return DomainEndpoint(address, deployment, said("domainarn"), location)
        case _ if resource.type in _QUERY_SOURCES:
            role = said("datasourcetype.s3gluedatacatalog.rolearn")
            return QuerySource(address, deployment, said("domainname"), role, location)
        case _:
            return Application(address, deployment, tuple(_settings(resource, holes)), location)


def _connection(resource: Resource, holes: Holes) -> Connection:
    def side(block: str) -> tuple[str, str, Location]:
        found = setting(resource, block)
        parts = [
            words(entry(found, name), holes) if found is not None else ""
            for name in ("ownerid", "region", "domainname")
        ]
        owner = entry(found, "ownerid") if found is not None else None
        place = owner.location if owner is not None else resource.location
        return "/".join(parts), parts[0], place

    local, local_account, _ = side("localdomaininfo")
    remote, remote_account, place = side("remotedomaininfo")
    accounts = (local_account or account_of(resource, holes), remote_account)
    return Connection(resource.address, resource.deployment, local, remote, accounts, place)


def _settings(resource: Resource, holes: Holes) -> Iterator[ApplicationSetting]:
    written = setting(resource, "appconfig") or setting(resource, "appconfigs")
    for one in written.items if written is not None else ():
        value = entry(one, "value")
        found = tuple(texts(_listed(value), holes)) if value is not None else ()
        yield ApplicationSetting(words(entry(one, "key"), holes), found, one.location)


def _listed(value: Value) -> Value:
    """The list that a text holds as JSON, as the API returns several users; anything else as it is."""
    if isinstance(value.data, Json):
        return value.data.value
    text = value.text
    if text is None or not text.lstrip().startswith("["):
        return value
    reading = read_json(value, "value")
    return value if reading.problem is not None else reading.value
