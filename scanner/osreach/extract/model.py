"""The whole access model from what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from osreach.access.domain import Domain
from osreach.access.model import Model
from osreach.extract.bucket import TYPES as BUCKET_TYPES
from osreach.extract.bucket import read_buckets
from osreach.extract.cluster.join import TYPES as CLUSTER_TYPES
from osreach.extract.cluster.join import read_clusters
from osreach.extract.cognito import TYPES as COGNITO_TYPES
from osreach.extract.cognito import read_pools
from osreach.extract.domain import TYPES as DOMAIN_TYPES
from osreach.extract.domain import read_domains
from osreach.extract.identity import read_identities
from osreach.extract.identity_names import TYPES as IDENTITY_TYPES
from osreach.extract.integration.read import TYPES as INTEGRATION_TYPES
from osreach.extract.integration.read import read_integrations, with_clients
from osreach.extract.key import TYPES as KEY_TYPES
from osreach.extract.key import read_keys
from osreach.extract.network import TYPES as NETWORK_TYPES
from osreach.extract.network import read_security_groups
from osreach.extract.organization import TYPES as ORGANIZATION_TYPES
from osreach.extract.organization import read_organization
from osreach.extract.place import learn, with_place
from osreach.extract.serverless import TYPES as SERVERLESS_TYPES
from osreach.extract.serverless import read_serverless
from osreach.extract.settle import settle
from osreach.extract.workload import TYPES as WORKLOAD_TYPES
from osreach.extract.workload import read_workloads
from osreach.iac.resource import Inputs, Resource
from osreach.iam.hole import Holes
from osreach.problem import Problem

TYPES = (
    DOMAIN_TYPES
    | NETWORK_TYPES
    | IDENTITY_TYPES
    | KEY_TYPES
    | BUCKET_TYPES
    | WORKLOAD_TYPES
    | ORGANIZATION_TYPES
    | INTEGRATION_TYPES
    | CLUSTER_TYPES
    | SERVERLESS_TYPES
    | COGNITO_TYPES
)
"""The resource types that the model is made of."""

ALSO_NAMED = frozenset(
    {
        "aws_osis_pipeline",
        "AWS::OSIS::Pipeline",
    }
)
"""Types that are not weighed but can be asked about by address."""


def _with_account(resource: Resource, inputs: Inputs) -> Resource:
    """`resource` in the account that the user names, where the reader does not tell."""
    if resource.account is not None or inputs.account is None:
        return resource
    return replace(resource, account=inputs.account)


def read_model(
    resources: Sequence[Resource], domains: Sequence[Domain], inputs: Inputs, holes: Holes
) -> Model:
    """Everything in `resources` that decides about access; `domains` are those of them, settled."""
    problems: list[Problem] = []
    learned = learn(domains, resources)
    placed = [with_place(_with_account(resource, inputs), learned) for resource in resources]
    if any(one is not other for one, other in zip(placed, resources, strict=True)):
        groups = read_security_groups(placed)
        domains = [settle(domain) for domain in read_domains(placed, groups, inputs, holes).domains]
    identities = read_identities(placed, holes, problems)
    integrations = read_integrations(placed, domains, holes, problems)
    return Model(
        holes=holes,
        domains=tuple(domains),
        clusters=read_clusters(placed, domains, holes, problems),
        pools=read_pools(placed, holes),
        identities=identities.identities,
        providers=identities.providers,
        keys=read_keys(placed, holes, problems),
        buckets=read_buckets(placed, holes, problems),
        workloads=with_clients(read_workloads(placed, holes), integrations),
        integrations=integrations,
        organization=read_organization(placed, holes, problems),
        serverless=read_serverless(placed, holes, problems),
        unplaced=identities.unplaced,
        problems=tuple(dict.fromkeys(problems)),
    )
