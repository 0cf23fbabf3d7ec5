"""Everything that writes to clusters or reads from them, and every other way in and out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osreach.access.domain import Domain
from osreach.access.integration import (
    AcceptedConnection,
    Application,
    Archiving,
    Connection,
    DomainEndpoint,
    EndpointAuthorization,
    Integrations,
    LogPolicy,
    Package,
    PackageAssociation,
    Pipeline,
    PolicyTemplate,
    QuerySource,
    SearchClient,
)
from osreach.access.workload import Workload
from osreach.extract.integration import delivery, function, pipeline, services, sharing, storage
from osreach.extract.integration.destination import named
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.problem import Problem

_CLIENTS = delivery.TYPES | pipeline.TYPES | function.TYPES | services.TYPES
_OWN = _CLIENTS | sharing.TYPES | storage.LOG_POLICIES | storage.LIFECYCLES

TYPES = _OWN
"""The resource types that this module reads."""


def read_integrations(
    resources: Iterable[Resource], domains: Sequence[Domain], holes: Holes, problems: list[Problem]
) -> Integrations:
    """All of them; what cannot be read of a pipeline's body or a policy is added to `problems`."""
    listed = tuple(resources)
    own = [resource for resource in listed if resource.type in _OWN and not is_data(resource)]
    if not own:
        return Integrations()
    known = named(listed, domains)
    clients: list[SearchClient] = []
    pipelines: list[Pipeline] = []
    shared: list[sharing.Shared] = []
    policies: list[LogPolicy] = []
    templates: list[PolicyTemplate] = []
    archiving: list[Archiving] = []
    for resource in own:
        kind = resource.type
        if kind in pipeline.TYPES:
            found, uses = pipeline.read_pipeline(resource, known, holes, problems)
            pipelines.append(found)
            clients.extend(uses)
        elif kind in delivery.TYPES:
            clients.extend(delivery.read_delivery(resource, known, holes))
        elif kind in function.TYPES:
            clients.extend(function.read_function(resource, known, holes))
            templates.extend(function.read_templates(resource, holes))
        elif kind in services.TYPES:
            clients.extend(services.read_service(resource, known, holes))
        elif kind in sharing.TYPES:
            shared.append(sharing.read_sharing(resource, holes))
        elif kind in storage.LOG_POLICIES:
            policy = storage.read_log_policy(resource, holes, problems)
            policies.extend([policy] if policy is not None else [])
        else:
            archiving.extend(storage.read_archiving(resource, holes))
    return Integrations(
        clients=tuple(clients),
        pipelines=tuple(pipelines),
        applications=tuple(one for one in shared if isinstance(one, Application)),
        connections=tuple(one for one in shared if isinstance(one, Connection)),
        accepted=tuple(one for one in shared if isinstance(one, AcceptedConnection)),
        authorizations=tuple(one for one in shared if isinstance(one, EndpointAuthorization)),
        endpoints=tuple(one for one in shared if isinstance(one, DomainEndpoint)),
        query_sources=tuple(one for one in shared if isinstance(one, QuerySource)),
        log_policies=tuple(policies),
        policy_templates=tuple(templates),
        archiving=tuple(archiving),
        packages=tuple(one for one in shared if isinstance(one, Package)),
        package_associations=tuple(one for one in shared if isinstance(one, PackageAssociation)),
    )


def with_clients(workloads: Sequence[Workload], integrations: Integrations) -> tuple[Workload, ...]:
    """The workloads, and the clients among the integrations that run as a role and are not among them."""
    known = {(one.key, one.role) for one in workloads}
    found: dict[tuple[str, str], Workload] = {}
    for client in integrations.clients:
        if client.role and (client.key, client.role) not in known:
            workload = Workload(
                client.address, client.deployment, client.service, client.role, client.location
            )
            found.setdefault((client.key, client.role), workload)
    return (*workloads, *found.values())
