"""Everything of the access model together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from osreach.access.bucket import Bucket
from osreach.access.cluster import ClusterContent
from osreach.access.cognito import Pools
from osreach.access.domain import Domain
from osreach.access.identity import Attachment, Identity, Provider
from osreach.access.integration import Integrations
from osreach.access.key import Key
from osreach.access.organization import Organization
from osreach.access.serverless import Serverless
from osreach.access.workload import Workload
from osreach.iam.hole import Holes
from osreach.problem import Problem


@dataclass(frozen=True, slots=True)
class Model:
    """Who there is, what there is, and every policy between them.

    `identities` is by key. `unplaced` are policies that are attached to
    identities which nobody can name. `holes` says what unknown parts are.
    """

    holes: Holes
    domains: tuple[Domain, ...] = ()
    clusters: tuple[ClusterContent, ...] = ()
    pools: Pools = field(default_factory=Pools)
    identities: Mapping[str, Identity] = field(default_factory=lambda: MappingProxyType({}))
    providers: tuple[Provider, ...] = ()
    keys: tuple[Key, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    workloads: tuple[Workload, ...] = ()
    integrations: Integrations = field(default_factory=Integrations)
    organization: Organization = field(default_factory=Organization)
    serverless: Serverless = field(default_factory=Serverless)
    unplaced: tuple[Attachment, ...] = ()
    problems: tuple[Problem, ...] = ()
