"""What the cluster-side providers of Terraform make inside a cluster.

Sources:
https://registry.terraform.io/providers/opensearch-project/opensearch/latest/docs
https://registry.terraform.io/providers/phillbaker/elasticsearch/latest/docs
"""

from __future__ import annotations

from osreach.access.cluster import Declared, SnapshotRepository
from osreach.extract.attribute import boolean_of
from osreach.extract.cluster.collected import Collected
from osreach.extract.cluster.part import Texts, one_text, texts
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.json_text import read_json
from osreach.opensearch.index import Index
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.role import IndexPermission, Role, TenantPermission
from osreach.opensearch.user import InternalUser
from osreach.problem import Problem
from osreach.value import Object, Unknown, Value

_OLD = ("elasticsearch_opensearch_", "elasticsearch_opendistro_")


def _kinds(name: str, *others: str) -> frozenset[str]:
    """The types of one kind of resource in both providers; `others` as they are called in the second only."""
    return frozenset({f"opensearch_{name}", *(f"{old}{one}" for old in _OLD for one in (name, *others))})


_ROLES = _kinds("role")
_MAPPINGS = _kinds("roles_mapping")
_USERS = _kinds("user")
_TENANTS = _kinds("dashboard_tenant", "kibana_tenant")
_AUDIT = _kinds("audit_config")
_REPOSITORIES = frozenset({"opensearch_snapshot_repository", "elasticsearch_snapshot_repository"})
_INDEXES = frozenset({"opensearch_index", "elasticsearch_index"})
_STREAMS = frozenset({"opensearch_data_stream", "elasticsearch_data_stream"})
_TEMPLATES = frozenset(
    f"{provider}_{kind}"
    for provider in ("opensearch", "elasticsearch")
    for kind in ("index_template", "composable_index_template")
)

CONFIGURATIONS = frozenset({"provider.opensearch", "provider.elasticsearch"})
"""The types that readers give to the configurations of these providers."""

CONTENT = _ROLES | _MAPPINGS | _USERS | _TENANTS | _AUDIT | _REPOSITORIES | _INDEXES | _STREAMS | _TEMPLATES
"""The resource types that make something inside a cluster."""

TYPES = CONTENT | CONFIGURATIONS
"""The resource types that this module reads."""


def collect(resource: Resource, caller: str, into: Collected, holes: Holes, problems: list[Problem]) -> None:
    """Adds what one resource makes; `caller` is the ARN that its provider acts as, empty where unknown."""
    if is_data(resource):
        return
    address, deployment, place = resource.address, resource.deployment, resource.location
    if resource.type in _ROLES:
        role = _role(resource, holes)
        into.roles.append(Declared(address, deployment, role, place))
    elif resource.type in _MAPPINGS:
        mapping = _mapping(resource, holes)
        into.mappings.append(Declared(address, deployment, mapping, place))
    elif resource.type in _USERS:
        into.users.append(Declared(address, deployment, _user(resource, holes), place))
    elif resource.type in _TENANTS:
        into.tenants.append(Declared(address, deployment, _name(resource, "tenant_name", holes), place))
    elif resource.type in _AUDIT:
        enabled = resource.get("enabled")
        switch = boolean_of(enabled) if enabled is not None else False
        # Whether an unknown switch is on is not known; that it is managed is.
        into.audit.append(Declared(address, deployment, switch is not False, place))
    elif resource.type in _REPOSITORIES:
        repository = _repository(resource, caller, holes)
        into.repositories.append(Declared(address, deployment, repository, place))
    elif resource.type in _TEMPLATES:
        patterns = _patterns(resource, holes, problems)
        into.templates.append(Declared(address, deployment, patterns, place))
    elif resource.type in _INDEXES:
        into.indexes.append(_index(resource, holes, problems))
    elif resource.type in _STREAMS:
        name = _name(resource, "name", holes)
        into.indexes.append(Index(f".ds-{name}-000001", data_stream=name))


def _name(resource: Resource, attribute: str, holes: Holes) -> str:
    """The name of what is made, a hole where it is not known."""
    value = resource.get(attribute)
    return holes.hole(f"{resource.address}.{attribute}") if value is None else one_text(value, holes)


def _role(resource: Resource, holes: Holes) -> Role:
    cluster = texts(resource.get("cluster_permissions"), holes)
    partial = cluster.partial
    indexes: list[IndexPermission] = []
    for block in resource.blocks("index_permissions"):
        if isinstance(block.data, Unknown):
            partial = True
            continue
        patterns, actions, fields, masked = (
            texts(block.get(name), holes)
            for name in ("index_patterns", "allowed_actions", "field_level_security", "masked_fields")
        )
        partial = partial or patterns.partial or actions.partial
        indexes.append(
            IndexPermission(
                patterns.items,
                actions.items,
                one_text(block.get("document_level_security"), holes),
                _limits(fields, block, "field_level_security", holes),
                _limits(masked, block, "masked_fields", holes),
                block.location,
            )
        )
    tenants: list[TenantPermission] = []
    for block in resource.blocks("tenant_permissions"):
        if isinstance(block.data, Unknown):
            partial = True
            continue
        patterns, actions = (texts(block.get(name), holes) for name in ("tenant_patterns", "allowed_actions"))
        partial = partial or patterns.partial or actions.partial
        tenants.append(TenantPermission(patterns.items, actions.items, block.location))
    return Role(
        _name(resource, "role_name", holes),
        cluster.items,
        tuple(indexes),
        tuple(tenants),
        partial,
        location=resource.location,
    )


def _limits(found: Texts, block: Value, name: str, holes: Holes) -> tuple[str, ...]:
    """Fields to show or to mask; a list that is not known is one unknown field."""
    if not found.partial:
        return found.items
    value = block.get(name)
    unknown = value.data if value is not None and isinstance(value.data, Unknown) else None
    return (*found.items, holes.hole(unknown.expression if unknown is not None else name))


def _mapping(resource: Resource, holes: Holes) -> Mapping:
    users, backend_roles, hosts, together = (
        texts(resource.get(name), holes) for name in ("users", "backend_roles", "hosts", "and_backend_roles")
    )
    return Mapping(
        _name(resource, "role_name", holes),
        users.items,
        backend_roles.items,
        hosts.items,
        # Of a list that is not known whole, nobody can tell who has all of it.
        () if together.partial else together.items,
        any(one.partial for one in (users, backend_roles, hosts, together)),
        resource.location,
    )


def _user(resource: Resource, holes: Holes) -> InternalUser:
    backend_roles = texts(resource.get("backend_roles"), holes)
    attributes = resource.get("attributes")
    written = attributes.data if attributes is not None else Object()
    return InternalUser(
        _name(resource, "username", holes),
        backend_roles.items,
        tuple((name, one_text(entry, holes)) for name, entry in written.entries.items())
        if isinstance(written, Object)
        else (),
        partial=backend_roles.partial or not isinstance(written, Object) or bool(written.rest),
        location=resource.location,
    )


def _repository(resource: Resource, caller: str, holes: Holes) -> SnapshotRepository:
    settings = resource.get("settings")
    if settings is not None and isinstance(settings.data, tuple):
        settings = settings.data[0] if settings.data else None

    def setting(name: str) -> Value | None:
        return None if settings is None else settings.get(name)

    read_only = setting("readonly")
    return SnapshotRepository(
        _name(resource, "name", holes),
        one_text(resource.get("type"), holes),
        one_text(setting("bucket"), holes),
        one_text(setting("role_arn"), holes),
        caller,
        read_only is not None and boolean_of(read_only) is True,
    )


def _patterns(resource: Resource, holes: Holes, problems: list[Problem]) -> tuple[str, ...]:
    """The index patterns of a template, the older `template` among them."""
    body = resource.get("body")
    if body is None:
        return ()
    reading = read_json(body, "body")
    if reading.problem is not None:
        problems.append(reading.problem)
    return tuple(
        pattern
        for name in ("index_patterns", "template")
        if (found := reading.value.get(name)) is not None and not isinstance(found.data, Object | Unknown)
        for pattern in texts(found, holes).items
    )


def _index(resource: Resource, holes: Holes, problems: list[Problem]) -> Index:
    aliases = resource.get("aliases")
    names: tuple[str, ...] = ()
    if aliases is not None:
        reading = read_json(aliases, "aliases")
        if reading.problem is not None:
            problems.append(reading.problem)
        if isinstance(reading.value.data, Object):
            names = tuple(reading.value.data.entries)
    return Index(_name(resource, "name", holes), names)
