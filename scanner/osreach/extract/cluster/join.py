"""Every cluster of the code: what its domain says of it, and what is declared inside, wherever that stands."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from osreach.access.cluster import ClusterContent, LoginOptions, Origin
from osreach.access.domain import Domain, EngineKind
from osreach.access.network import Exposure
from osreach.extract.cluster.collected import Collected
from osreach.extract.cluster.files import TYPES as FILE_TYPES
from osreach.extract.cluster.files import Kind, SecurityFile, collect_file, security_file
from osreach.extract.cluster.login import (
    SAML_TYPES,
    DomainLogin,
    forbidden_indexes_left_out,
    login_of_configuration,
    read_login,
)
from osreach.extract.cluster.part import one_text
from osreach.extract.cluster.provider import CONTENT, collect
from osreach.extract.cluster.provider import TYPES as PROVIDER_TYPES
from osreach.extract.cluster.target import Directory, Elsewhere, by_address, domain_of
from osreach.extract.network import referenced
from osreach.extract.owner import module_of
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes, has_hole
from osreach.opensearch.action_group import ActionGroup, too_large
from osreach.opensearch.authentication import Login
from osreach.opensearch.cluster import Settings, cluster_of
from osreach.opensearch.index import Indexes
from osreach.opensearch.predefined import LATEST, Engine, EngineVersion
from osreach.problem import Problem
from osreach.truth import Truth
from osreach.value import Unknown

TYPES = PROVIDER_TYPES | SAML_TYPES | FILE_TYPES
"""The resource types that tell of the inside of clusters, besides those of domains."""

_NEWEST_ELASTICSEARCH = EngineVersion(Engine.ELASTICSEARCH, 7, 10)

_Key = tuple[str, str]
"""Deployment and address, of a domain or of the configuration whose domain is not known."""


@dataclass(slots=True)
class _Pool:
    """What is declared for one cluster."""

    domain: Domain | None
    deployment: str
    content: Collected = field(default_factory=Collected)
    origins: set[Origin] = field(default_factory=set)


def read_clusters(
    resources: Sequence[Resource], domains: Sequence[Domain], holes: Holes, problems: list[Problem]
) -> tuple[ClusterContent, ...]:
    """One content for each domain, in their order, then one for each other cluster that code writes into."""
    directory = Directory(domains, by_address(resources), holes)
    pools: dict[_Key, _Pool] = {
        (domain.deployment, domain.address): _Pool(domain, domain.deployment) for domain in domains
    }
    _provider_content(resources, directory, pools, problems)
    _file_content(resources, directory, pools, problems)
    saml = _saml_resources(resources, directory)
    return tuple(_content(pool, directory, saml, problems) for pool in pools.values())


def _provider_content(
    resources: Iterable[Resource],
    directory: Directory,
    pools: dict[_Key, _Pool],
    problems: list[Problem],
) -> None:
    """Puts what the cluster-side providers make into the pools of its domains."""
    targets: dict[_Key, Domain | Elsewhere | None] = {}
    for resource in resources:
        if resource.type not in CONTENT:
            continue
        key = (resource.deployment, resource.provider)
        configuration = directory.resources.get(key) if resource.provider else None
        if key not in targets:
            targets[key] = domain_of(configuration, resource.deployment, directory)
        match targets[key]:
            case Elsewhere():
                continue
            case Domain() as domain:
                pool = pools[(domain.deployment, domain.address)]
            case None:
                pool = pools.setdefault(key, _Pool(None, resource.deployment))
        pool.origins.add(Origin.PROVIDER)
        collect(resource, _caller(configuration, directory.holes), pool.content, directory.holes, problems)


def _file_content(
    resources: Iterable[Resource],
    directory: Directory,
    pools: dict[_Key, _Pool],
    problems: list[Problem],
) -> None:
    """Puts what files of the Security plugin say into the pool of the only domain that they can be for.

    What Terraform makes under the same name is made of the file.
    """
    sets: dict[str, list[SecurityFile]] = {}
    made = _names_made(pools.values())
    for resource in resources:
        file = security_file(resource)
        if file is None:
            continue
        known = made.get(file.kind, frozenset())
        entries = {name: value for name, value in file.entries.items() if name not in known}
        if entries or not file.entries:
            sets.setdefault(file.group, []).append(replace(file, entries=entries))
    if not sets:
        return
    domains = _one_domain(directory)
    together = [file for files in sets.values() for file in files]
    alone = len(sets) == 1 or not _collide(together)
    if domains and alone:
        targets = [(pools[(domain.deployment, domain.address)], together) for domain in domains]
    else:
        targets = [
            (pools.setdefault((group, "files"), _Pool(None, group)), files) for group, files in sets.items()
        ]
    for pool, files in targets:
        for file in files:
            pool.origins.add(file.origin)
            collect_file(file, posixpath.dirname(file.path) or ".", pool.content, directory.holes, problems)


def _names_made(pools: Iterable[_Pool]) -> Mapping[Kind, frozenset[str]]:
    """The names of what Terraform makes inside any cluster."""
    contents = [pool.content for pool in pools]
    return {
        Kind.ROLES: frozenset(one.content.name for found in contents for one in found.roles),
        Kind.MAPPINGS: frozenset(one.content.role for found in contents for one in found.mappings),
        Kind.USERS: frozenset(one.content.name for found in contents for one in found.users),
        Kind.TENANTS: frozenset(one.content for found in contents for one in found.tenants),
    }


def _one_domain(directory: Directory) -> list[Domain]:
    """The only domain of the scan that may have fine-grained access control, under each of its circumstances."""
    found: dict[tuple[str, str], list[Domain]] = {}
    for domain in directory.domains:
        resource = directory.resource(domain)
        if resource is not None and domain.fine_grained.enabled.may_be(value=True):
            place = resource.deployment if resource.circumstance is None else resource.location.path
            found.setdefault((place, resource.plain_address), []).append(domain)
    return next(iter(found.values())) if len(found) == 1 else []


def _collide(files: Iterable[SecurityFile]) -> bool:
    """Whether two files say something about the same name, as those of two environments do."""
    seen: set[tuple[Kind, str]] = set()
    for file in files:
        names = {(file.kind, name) for name in file.entries}
        if names & seen:
            return True
        seen |= names
    return False


def _caller(configuration: Resource | None, holes: Holes) -> str:
    """The role that a provider configuration assumes, empty where it assumes none."""
    if configuration is None:
        return ""
    names = ("aws_assume_role_arn", "aws_web_identity_role_arn")
    return next((text for name in names if (text := one_text(configuration.get(name), holes))), "")


def _saml_resources(resources: Iterable[Resource], directory: Directory) -> Mapping[_Key, Resource]:
    """The resources that hold SAML options, by domain: the one that is referred to, else the one of that name."""
    found: dict[_Key, Resource] = {}
    for resource in resources:
        target = resource.get("domain_name") if resource.type in SAML_TYPES else None
        if target is None:
            continue
        name = one_text(target, directory.holes)
        own = [
            domain
            for domain in directory.domains
            if domain.deployment == resource.deployment and domain.name == name
        ]
        address = referenced(target)
        if address is not None and (domain := directory.at(address, resource.deployment)) is not None:
            own = [domain]
        if len(own) > 1:
            own = [domain for domain in own if module_of(domain.address) == module_of(resource.address)]
        for domain in own:
            found[(domain.deployment, domain.address)] = resource
    return found


def _version(domain: Domain | None, resource: Resource | None) -> EngineVersion:
    """The engine that decides which roles are predefined; the newest where it is not known."""
    engine = None if domain is None else domain.engine.value
    if engine is None or isinstance(engine, Unknown) or not engine.version:
        old = resource is not None and "lasticsearch" in resource.type
        return _NEWEST_ELASTICSEARCH if old else LATEST
    kind = Engine.ELASTICSEARCH if engine.kind is EngineKind.ELASTICSEARCH else Engine.OPENSEARCH
    major, minor = (*engine.version, 0)[:2]
    return EngineVersion(kind, major, minor)


_IN_VPC = {Exposure.VPC: True, Exposure.PUBLIC: False, Exposure.UNKNOWN: None}
_NOT_KNOWN = Login(*(Truth.UNKNOWN for _ in range(6)))


def _bounded_groups(declared: Collected, problems: list[Problem]) -> tuple[ActionGroup, ...]:
    """The action groups; those that hold more than can be looked through may hold anything."""
    groups = {one.content.name: one.content for one in declared.groups}
    large = too_large(groups, (name for one in declared.roles for name in one.content.permissions))
    if large:
        first = next(one for one in declared.groups if one.content.name in large)
        others = {1: "", 2: ", as does one other"}.get(len(large), f", as do {len(large) - 1:,} others")
        message = (
            f"the action group `{first.content.name}` holds too many actions to be looked through{others}"
        )
        problems.append(Problem(first.location, message))
    return tuple(
        replace(group, actions=(), partial=True) if group.name in large else group
        for group in groups.values()
    )


def _content(
    pool: _Pool, directory: Directory, saml: Mapping[_Key, Resource], problems: list[Problem]
) -> ClusterContent:
    domain, declared = pool.domain, pool.content
    resource = None if domain is None else directory.resource(domain)
    login = DomainLogin(_NOT_KNOWN, LoginOptions(), (), ())
    settings = None
    if domain is None and len(declared.configurations) == 1:
        # The service takes no `config.yml`; a cluster that its owner runs does.
        login = replace(login, login=login_of_configuration(declared.configurations[0]))
        settings = Settings(forbidden_indexes_left_out(declared.configurations[0]))
    if domain is not None:
        key = (domain.deployment, domain.address)
        login = read_login(domain, resource, saml.get(key), directory.holes)
    mappings = tuple(one.content for one in declared.mappings)
    cluster = cluster_of(
        tuple(one.content for one in declared.roles),
        (*login.mappings, *mappings),
        _bounded_groups(declared, problems),
        (*login.users, *(one.content for one in declared.users)),
        version=_version(domain, resource),
        tenants=tuple(one.content for one in declared.tenants),
        indexes=Indexes(tuple(one for one in declared.indexes if not has_hole(one.name))),
        settings=settings,
        in_vpc=None if domain is None else _IN_VPC[domain.exposure],
        # A mapping whose role is not known may be one of any role.
        mappings_partial=not mappings or any(has_hole(one.role) for one in mappings),
    )
    return ClusterContent(
        domain=domain,
        deployment=pool.deployment,
        cluster=cluster,
        login=login.login,
        options=login.options,
        origins=frozenset(pool.origins),
        roles=tuple(declared.roles),
        mappings=tuple(declared.mappings),
        users=tuple(declared.users),
        groups=tuple(declared.groups),
        tenants=tuple(declared.tenants),
        audit=tuple(declared.audit),
        repositories=tuple(declared.repositories),
        templates=tuple(declared.templates),
        users_partial=not declared.users,
    )
