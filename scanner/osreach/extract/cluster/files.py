"""What the files of the Security plugin, and bodies of its API, say of roles, mappings, users and groups.

Passwords and their hashes are not looked at.

Sources:
https://docs.opensearch.org/latest/security/configuration/yaml/
https://docs.opensearch.org/latest/security/access-control/api/
https://docs.opensearch.org/latest/security/multi-tenancy/tenant-index/
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from osreach.access.cluster import Declared, Origin
from osreach.extract.attribute import boolean_of
from osreach.extract.cluster.collected import Collected
from osreach.extract.cluster.part import one_text, texts
from osreach.iac.resource import SECURITY_FILE, Resource
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.opensearch.action_group import ActionGroup
from osreach.opensearch.mapping import Mapping as RoleMapping
from osreach.opensearch.role import IndexPermission, Role, TenantPermission
from osreach.opensearch.user import InternalUser
from osreach.problem import Problem
from osreach.value import Object, Unknown, Value

TYPES = frozenset({SECURITY_FILE})
"""The resource types that this module reads."""


class Kind(Enum):
    """What the entries of a file are."""

    ROLES = "roles"
    MAPPINGS = "rolesmapping"
    USERS = "internalusers"
    GROUPS = "actiongroups"
    TENANTS = "tenants"
    CONFIGURATION = "config"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class SecurityFile:
    """A file with what it is; `entries` are the values by name."""

    path: str
    kind: Kind
    entries: Mapping[str, Value]
    origin: Origin

    @property
    def group(self) -> str:
        """The folder that this file and those that belong to it lie in.

        Bodies of the API are kept in a folder for each kind, beside each other.
        """
        folder = posixpath.dirname(self.path) or "."
        name = posixpath.basename(folder).lower().replace("_", "").replace("-", "")
        return (posixpath.dirname(folder) or ".") if name in _FOLDERS else folder


_FOLDERS = frozenset(
    {"roles", "role", "rolesmapping", "rolesmappings", "rolemapping", "rolemappings", "mappings", "mapping"}
    | {"internalusers", "users", "user", "actiongroups", "actiongroup", "tenants", "tenant"}
)
_META = "_meta"
_EVERYWHERE = frozenset({"description", "reserved", "hidden", "static", "readonly"})
_OF_ROLES = frozenset({"cluster_permissions", "index_permissions", "tenant_permissions"})
_OF_OLD_ROLES = frozenset({"cluster", "indices", "tenants"})
_OF_MAPPINGS = frozenset({"backend_roles", "and_backend_roles", "hosts", "users"})
_OF_OLD_MAPPINGS = frozenset({"backendroles", "hosts", "users"})
_OF_USERS = frozenset(
    {"backend_roles", "attributes", "opendistro_security_roles", "hash", "password", "username", "roles"}
)
_ONLY_OF_USERS = _OF_USERS - {"backend_roles"}
_OF_GROUPS = frozenset({"allowed_actions", "type"})


def security_file(resource: Resource) -> SecurityFile | None:
    """What a file is: told by its header, else by the shape of every entry; None where it is something else."""
    body = resource.attributes.data
    if resource.type != SECURITY_FILE or not isinstance(body, Object):
        return None
    named = {name: value for name, value in body.entries.items() if name != _META}
    header = body.entries.get(_META)
    if header is not None:
        written = header.get("type")
        kind = next((kind for kind in Kind if written is not None and written.text == kind.value), None)
        return None if kind is None else SecurityFile(resource.address, kind, named, Origin.FILES)
    origin = Origin.REQUESTS if resource.address.endswith(".json") else Origin.FILES
    alone = _kind_of(resource.attributes)
    if alone is not None:
        name = posixpath.basename(resource.address).rsplit(".", 1)[0]
        return SecurityFile(resource.address, alone, {name: resource.attributes}, origin)
    kinds = {_kind_of(value) for value in named.values()}
    found = kinds.pop() if len(kinds) == 1 else None
    if found is None and _is_old_groups(resource.address, named.values()):
        found = Kind.GROUPS
    return None if found is None else SecurityFile(resource.address, found, named, origin)


def _is_old_groups(path: str, values: Collection[Value]) -> bool:
    """Whether a file is one of action groups as they were written up to version 6.7: lists by name."""
    named = posixpath.basename(path).partition(".")[0] == "action_groups"
    lists = (isinstance(value.data, tuple) or value.get("permissions") is not None for value in values)
    return named and bool(values) and all(lists)


def _kind_of(value: Value) -> Kind | None:
    """What one entry is by the names in it."""
    if not isinstance(value.data, Object):
        return None
    names = frozenset(value.data.entries) - _EVERYWHERE
    if names and names <= _OF_ROLES:
        return Kind.ROLES if all(_is_list(value.get(name)) for name in names) else None
    if "indices" in names and names <= _OF_OLD_ROLES:
        inner = value.get("indices")
        return Kind.ROLES if inner is not None and isinstance(inner.data, Object) else None
    if "allowed_actions" in names and names <= _OF_GROUPS:
        return Kind.GROUPS
    if names and names <= _OF_USERS and names & _ONLY_OF_USERS:
        return Kind.USERS
    if names and (names <= _OF_MAPPINGS or names <= _OF_OLD_MAPPINGS):
        return Kind.MAPPINGS
    return None


def _is_list(value: Value | None) -> bool:
    return value is not None and (value.data is None or isinstance(value.data, tuple))


def collect_file(
    file: SecurityFile, deployment: str, into: Collected, holes: Holes, problems: list[Problem]
) -> None:
    """Adds what a file declares; what has another form than its kind asks for is a problem, and says nothing."""
    for name, value in file.entries.items():
        address = f"{file.path}: {name}"
        place = _header(value, name)
        problems.extend(_misshapen(name, value, file.kind))
        match file.kind:
            case Kind.ROLES:
                role = _role(name, value, place, holes)
                into.roles.append(Declared(address, deployment, role, place))
            case Kind.MAPPINGS:
                mapping = _mapping(name, value, place, holes)
                into.mappings.append(Declared(address, deployment, mapping, place))
            case Kind.USERS:
                user = _user(name, value, place, holes)
                into.users.append(Declared(address, deployment, user, place))
            case Kind.GROUPS:
                actions = value if isinstance(value.data, tuple) else _first(value, _ACTIONS)
                found = texts(actions, holes)
                group = ActionGroup(name, found.items, found.partial, place)
                into.groups.append(Declared(address, deployment, group, place))
            case Kind.TENANTS:
                into.tenants.append(Declared(address, deployment, name, place))
            case Kind.AUDIT:
                enabled = value.get("enabled")
                # The plugin audits where nothing else is written:
                # https://docs.opensearch.org/latest/security/audit-logs/index/
                switch = enabled is None or boolean_of(enabled) is not False
                into.audit.append(Declared(address, deployment, switch, place))
            case Kind.CONFIGURATION:
                into.configurations.append(value)


_OF_OBJECTS = frozenset({Kind.ROLES, Kind.MAPPINGS, Kind.USERS, Kind.AUDIT, Kind.CONFIGURATION})
_BLOCKS = ("index_permissions", "tenant_permissions")


def _misshapen(name: str, value: Value, kind: Kind) -> Iterator[Problem]:
    """What of an entry is no object, or no list of objects, and should be."""
    if kind in _OF_OBJECTS and value.data is not None and not isinstance(value.data, Object):
        yield Problem(value.location, f"`{name}` does not hold names and values, and is not read")
    for block in _BLOCKS if kind is Kind.ROLES else ():
        found = value.get(block)
        for item in found.items if found is not None else ():
            if item.data is not None and not isinstance(item.data, Object | Unknown):
                message = f"`{block}` of `{name}` holds something without names and values, which is not read"
                yield Problem(item.location, message)


_ACTIONS = ("allowed_actions", "permissions")


def _first(value: Value, names: tuple[str, ...]) -> Value | None:
    return next((found for name in names if (found := value.get(name)) is not None), None)


def _header(value: Value, name: str) -> Location:
    """The place of an entry's name rather than of everything in it."""
    place = value.location
    if place.line == place.end_line:
        return place
    return Location(place.path, place.line, place.column, place.line, place.column + len(name))


def _one_line(place: Location) -> Location:
    """The first line of a place."""
    if place.line == place.end_line:
        return place
    return Location(place.path, place.line, place.column, place.line, place.column + 1)


def _items(value: Value | None) -> tuple[Value, ...]:
    """The elements of a list that are objects."""
    if value is None:
        return ()
    return tuple(item for item in value.items if isinstance(item.data, Object))


def _role(name: str, value: Value, place: Location, holes: Holes) -> Role:
    if value.get("indices") is not None or value.get("cluster") is not None:
        return _old_role(name, value, place, holes)
    partial = False
    indexes: list[IndexPermission] = []
    for item in _items(value.get("index_permissions")):
        patterns, actions, fields, masked = (
            texts(item.get(key), holes)
            for key in ("index_patterns", "allowed_actions", "fls", "masked_fields")
        )
        partial = partial or patterns.partial or actions.partial
        query = one_text(item.get("dls"), holes)
        where = _one_line(item.location)
        indexes.append(
            IndexPermission(patterns.items, actions.items, query, fields.items, masked.items, where)
        )
    tenants: list[TenantPermission] = []
    for item in _items(value.get("tenant_permissions")):
        patterns, actions = (texts(item.get(key), holes) for key in ("tenant_patterns", "allowed_actions"))
        partial = partial or patterns.partial or actions.partial
        tenants.append(TenantPermission(patterns.items, actions.items, _one_line(item.location)))
    cluster = texts(value.get("cluster_permissions"), holes)
    return Role(
        name,
        cluster.items,
        tuple(indexes),
        tuple(tenants),
        partial or cluster.partial,
        location=place,
    )


_OLD_TENANT_ACTIONS = {"RW": ("kibana_all_write",), "RO": ("kibana_all_read",)}


def _old_role(name: str, value: Value, place: Location, holes: Holes) -> Role:
    """A role as it was written up to version 6.7: indexes by pattern, and in each the actions by document type."""
    indexes: list[IndexPermission] = []
    for pattern, kinds in _entries(value.get("indices")):
        query = one_text(kinds.get("_dls_"), holes)
        fields, masked = (texts(kinds.get(key), holes).items for key in ("_fls_", "_masked_fields_"))
        for kind, actions in _entries(kinds):
            if kind not in {"_dls_", "_fls_", "_masked_fields_"}:
                found = texts(actions, holes).items
                where = _one_line(actions.location)
                indexes.append(IndexPermission((pattern,), found, query, fields, masked, where))
    tenants = tuple(
        TenantPermission((tenant,), _OLD_TENANT_ACTIONS.get(mode.text or "", ()), _one_line(mode.location))
        for tenant, mode in _entries(value.get("tenants"))
    )
    cluster = texts(value.get("cluster"), holes)
    return Role(name, cluster.items, tuple(indexes), tenants, cluster.partial, location=place)


def _entries(value: Value | None) -> Iterator[tuple[str, Value]]:
    if value is not None and isinstance(value.data, Object):
        yield from value.data.entries.items()


def _mapping(name: str, value: Value, place: Location, holes: Holes) -> RoleMapping:
    backend_roles = _first(value, ("backend_roles", "backendroles"))
    users, backend, hosts, together = (
        texts(found, holes)
        for found in (
            value.get("users"),
            backend_roles,
            value.get("hosts"),
            _first(value, ("and_backend_roles", "and_backendroles")),
        )
    )
    partial = any(one.partial for one in (users, backend, hosts, together))
    return RoleMapping(name, users.items, backend.items, hosts.items, together.items, partial, place)


def _user(name: str, value: Value, place: Location, holes: Holes) -> InternalUser:
    backend_roles = texts(_first(value, ("backend_roles", "roles")), holes)
    security_roles = texts(value.get("opendistro_security_roles"), holes)
    return InternalUser(
        name,
        backend_roles.items,
        tuple((key, one_text(entry, holes)) for key, entry in _entries(value.get("attributes"))),
        security_roles.items,
        backend_roles.partial or security_roles.partial,
        place,
    )
