"""Which domain a provider configuration works on, told by its `url`.

Sources:
https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs#schema
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/customendpoint.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from osreach.access.domain import Domain
from osreach.extract.attribute import find
from osreach.extract.cluster.part import one_text
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes, has_hole
from osreach.value import Text, Unknown, Value

_URL = re.compile(r"(?:[a-z]+://)?(?:[^@/]*@)?(?P<host>\[[^\]]*\]|[^/:?#]*)", re.DOTALL)
_ENDPOINT = re.compile(
    r"(?:search|vpc)-(?P<name>.+)-[^.-]+\."
    r"(?:[^.]+\.es\.amazonaws\.com(?:\.cn)?|aos\.[^.]+\.on\.aws)",
    re.DOTALL,
)
"""`search-logs-abc123.eu-west-1.es.amazonaws.com` or, for both kinds of addresses, `....aos.eu-west-1.on.aws`."""

_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"})  # noqa: S104 - compared, not bound
_COLLECTION = "opensearchserverless_collection"
_DOMAINS = ("aws_opensearch_domain", "aws_elasticsearch_domain")
_OTHER_STATE = "terraform_remote_state"
_FROM_OUTSIDE = (_OTHER_STATE, "aws_ssm_parameter", "aws_secretsmanager_secret_version")
_MODULE = re.compile(r"(?:module\.[^.]+\.)+(?!var\.|local\.|data\.|path\.)[^.]+\Z")
_CUSTOM_ENDPOINT = ("domain_endpoint_options.custom_endpoint", "DomainEndpointOptions.CustomEndpoint")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The configuration works on something that is no domain: a collection of OpenSearch Serverless."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The domains of a scan and the resources that make them, by deployment and address."""

    domains: Sequence[Domain]
    resources: Mapping[tuple[str, str], Resource]
    holes: Holes

    def resource(self, domain: Domain) -> Resource | None:
        """What makes a domain; None where only a policy tells of it.

        Where one module makes domains in several deployments, their addresses
        end with the deployment.
        """
        address = domain.address.removesuffix(f" (in {domain.deployment})")
        found = self.resources.get((domain.deployment, address))
        return found if found is not None and "omain" in found.type and _is_domain(found) else None

    def possible(self, deployment: str) -> list[Domain]:
        """The domains of a deployment that may have fine-grained access control."""
        return [
            domain
            for domain in self.domains
            if domain.deployment == deployment
            and domain.fine_grained.enabled.may_be(value=True)
            and self.resource(domain) is not None
        ]

    def named(self, name: str, deployment: str) -> Domain | None:
        """The domain of a name, in the same deployment or the only one in another."""
        same = [domain for domain in self.domains if domain.name == name]
        own = [domain for domain in same if domain.deployment == deployment]
        found = own or ([] if has_hole(name) else same)
        return found[0] if len(found) == 1 else None

    def at(self, address: str, deployment: str) -> Domain | None:
        """The domain of a resource, or the one that a data source looks up."""
        for domain in self.domains:
            if domain.deployment == deployment and address == domain.address.removesuffix(
                f" (in {deployment})"
            ):
                return domain
        looked_up = self.resources.get((deployment, address))
        if looked_up is None or looked_up.type not in _DOMAINS:
            return None
        return self.named(one_text(looked_up.get("domain_name"), self.holes), deployment)


def _is_domain(resource: Resource) -> bool:
    return resource.type in {*_DOMAINS, "AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"}


def domain_of(
    configuration: Resource | None, deployment: str, directory: Directory
) -> Domain | Elsewhere | None:
    """The domain that a configuration works on, None where the code does not tell."""
    url = None if configuration is None else configuration.get("url")
    if configuration is not None and one_text(configuration.get("aws_signature_service"), Holes()) == "aoss":
        return Elsewhere()
    if configuration is None or url is None:
        return _only(deployment, directory)
    override = configuration.get("host_override")
    for value in (url,) if override is None else (override, url):
        found = _told(value, deployment, directory)
        if found is not None:
            return found
    if _modules(url):
        return _in_module(url, deployment, directory) if _may_be_own(url, directory.holes) else None
    if _may_be_own(url, directory.holes):
        found = _only(deployment, directory)
        if found is not None:
            return found
    return _elsewhere(url, deployment, directory)


def _only(deployment: str, directory: Directory) -> Domain | None:
    possible = directory.possible(deployment)
    return possible[0] if len(possible) == 1 else None


def _elsewhere(url: Value, deployment: str, directory: Directory) -> Domain | None:
    """The only domain of the scan, for a deployment that has none and is given the URL from outside."""
    given = {unknown.expression.partition(".")[0] for unknown in _unknowns(url)} == {"var"} or any(
        source in unknown.expression for unknown in _unknowns(url) for source in _FROM_OUTSIDE
    )
    if not given or any(domain.deployment == deployment for domain in directory.domains):
        return None
    others = {domain.deployment for domain in directory.domains}
    possible = [domain for other in others for domain in directory.possible(other)]
    return possible[0] if len(possible) == 1 else None


def _unknowns(value: Value) -> Iterator[Unknown]:
    match value.data:
        case Unknown() as unknown:
            yield unknown
        case Text() as text:
            yield from text.unknowns


def _told(value: Value, deployment: str, directory: Directory) -> Domain | Elsewhere | None:
    """The domain that the URL itself names."""
    for unknown in _unknowns(value):
        address = unknown.resource or unknown.expression
        if _COLLECTION in address:
            return Elsewhere()
        found = directory.at(unknown.resource, deployment) if unknown.resource else None
        if found is not None:
            return found
    host = host_of(one_text(value, directory.holes))
    if host.endswith(".aoss.amazonaws.com"):
        return Elsewhere()
    endpoint = _ENDPOINT.fullmatch(host)
    if endpoint is not None:
        return directory.named(endpoint["name"], deployment)
    return _custom(host, deployment, directory)


def host_of(url: str) -> str:
    """The host of a URL, which may be written without its scheme."""
    found = _URL.match(url)
    return "" if found is None else found["host"].lower()


def _custom(host: str, deployment: str, directory: Directory) -> Domain | None:
    """The domain that has the host as its custom endpoint."""
    if not host:
        return None
    found: list[Domain] = []
    for domain in directory.domains:
        resource = directory.resource(domain)
        if resource is None or (has_hole(host) and domain.deployment != deployment):
            continue
        values = (find(resource, path)[0] for path in _CUSTOM_ENDPOINT)
        if any(value is not None and one_text(value, directory.holes).lower() == host for value in values):
            found.append(domain)
    own = [domain for domain in found if domain.deployment == deployment]
    chosen = own or found
    return chosen[0] if len(chosen) == 1 else None


def _may_be_own(url: Value, holes: Holes) -> bool:
    """Whether a URL that names no domain of the code may still be that of a domain of the same deployment."""
    if any(_OTHER_STATE in unknown.expression for unknown in _unknowns(url)):
        return False
    host = host_of(one_text(url, holes))
    looked_up = (unknown.resource for unknown in _unknowns(url))
    if any(f"data.{kind}." in address for address in looked_up for kind in _DOMAINS):
        # A data source that names a domain of the code was found before.
        return False
    return _ENDPOINT.fullmatch(host) is None or has_hole(host)


def _modules(url: Value) -> tuple[str, ...]:
    """The outputs of modules that the URL is made of and that could not be read."""
    return tuple(unknown.expression for unknown in _unknowns(url) if _MODULE.match(unknown.expression))


def _in_module(url: Value, deployment: str, directory: Directory) -> Domain | None:
    """The only domain inside the module whose output the URL is."""
    for expression in _modules(url):
        module = expression.rpartition(".")[0]
        inside = [one for one in directory.possible(deployment) if one.address.startswith(f"{module}.")]
        if len(inside) == 1:
            return inside[0]
    return None


def by_address(resources: Iterable[Resource]) -> dict[tuple[str, str], Resource]:
    """Resources by deployment and address."""
    return {(resource.deployment, resource.address): resource for resource in resources}
