"""What the rules about the inside of a cluster share: where an entry is written, and for whom it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from osreach.access.cluster import ClusterContent, Declared
from osreach.access.identity import Identity
from osreach.analysis import Analysis
from osreach.extract.attribute import with_holes
from osreach.iam.glob_match import texts_equal
from osreach.iam.hole import Holes, has_hole
from osreach.location import Location, Place
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.predefined import role_history
from osreach.opensearch.role import IndexPermission, Role
from osreach.truth import Truth
from osreach.value import Object, Text, Unknown, Value
from osreach.words import first_few
from osreach_rules.identity.people import administers_or_deploys, says_administrator

_ALSO_RUN_CLUSTERS = re.compile(
    r"security|(?<![a-z])(?:(?:web|dev|sec|sys|cloud|data|infra|ml|net|search)?ops|sre|root|master|owners?|operators?"
    r"|operations|platform)(?![a-z])"
)
_OF_DASHBOARDS = re.compile(r"(?:\*:)?\.(?:kibana|opensearch_dashboards|tasks|management-beats)")
_MATCH_ALL = re.compile(r"\{\s*\"match_all\"\s*:\s*\{[^{}]*\}\s*\}")
_LAST_PART = re.compile(r"[^/:]*$")

EVERYTHING_ROLES = frozenset({"all_access", "security_manager"})
"""The two roles of a master user.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""


class Standing(Enum):
    """Whether somebody runs the cluster, as far as names, tags and policies say."""

    RUNS_IT = "administers or deploys"
    OTHER = "does not"
    UNKNOWN = "is not known"


def entry_place(
    analysis: Analysis,
    declared: Declared[Mapping] | Declared[Role],
    entry: str,
    note: str,
    *,
    in_list: bool = True,
) -> Place:
    """Where an entry of a mapping or role is written: the text itself, or else what holds it.

    A role may be called as one of its backend roles; without `in_list` the name is meant.
    """
    holder = _holder(analysis, declared)
    texts = () if holder is None else tuple(_texts(holder, analysis.holes))
    # The account may have been learnt since.
    fitting = [one for one in texts if one[0] == entry] or [one for one in texts if _may_be(one[0], entry)]
    if not fitting:
        return Place(declared.location, note)
    return Place(min(fitting, key=lambda one: one[2] is not in_list)[1], note)


def _holder(analysis: Analysis, declared: Declared[Mapping] | Declared[Role]) -> Value | None:
    """The attributes of the resource that declares something, or the entry of the file."""
    for resource in analysis.resources_at(declared.address):
        if resource.deployment == declared.deployment:
            return resource.attributes
    # An entry of a file bears the path in front.
    path, colon, name = declared.address.partition(": ")
    while colon:
        for resource in analysis.resources_at(path):
            return resource.attributes.get(name)
        more, colon, name = name.partition(": ")
        path = f"{path}: {more}"
    return None


def _texts(value: Value, holes: Holes, *, in_list: bool = False) -> Iterator[tuple[str, Location, bool]]:
    """Every text inside a value with its place, and whether it stands in a list."""
    match value.data:
        case tuple() as items:
            for item in items:
                yield from _texts(item, holes, in_list=True)
        case Object(entries):
            for entry in entries.values():
                yield from _texts(entry, holes)
        case str() | Text() | Unknown():
            yield with_holes(value, holes), value.location, in_list
        case _:
            return


def _may_be(text: str, entry: str) -> bool:
    """Whether an ARN that is partly unknown may be the entry."""
    return has_hole(text) and text.startswith("arn:") and texts_equal(text, entry) is not Truth.FALSE


def identity_of(analysis: Analysis, content: ClusterContent, entry: str) -> Identity | None:
    """The role or user of the code that an entry names."""
    return next(
        (
            one
            for one in analysis.model.identities.values()
            if one.defined
            and one.deployment == content.deployment
            and (one.arn == entry or texts_equal(one.arn, entry) is Truth.TRUE)
        ),
        None,
    )


def standing(analysis: Analysis, content: ClusterContent, entry: str) -> Standing:
    """Whether an entry of a mapping names somebody who runs the cluster: the master user, or by name or tag."""
    if entry in masters(content):
        return Standing.RUNS_IT
    identity = identity_of(analysis, content, entry)
    if identity is not None and administers_or_deploys(identity):
        return Standing.RUNS_IT
    last = _LAST_PART.search(entry)
    name = last[0] if last else entry
    if names_operator(analysis.words(name)):
        return Standing.RUNS_IT
    return Standing.UNKNOWN if identity is None and has_hole(name) else Standing.OTHER


def names_operator(name: str) -> bool:
    """Whether a name says that it is one for those who run the cluster."""
    return says_administrator(name) or _ALSO_RUN_CLUSTERS.search(name.lower()) is not None


def masters(content: ClusterContent) -> frozenset[str]:
    """The names and ARNs that the domain makes master users."""
    declared = {id(one.content) for one in content.mappings}
    return frozenset(
        entry
        for mapping in content.cluster.mappings
        if mapping.role in EVERYTHING_ROLES and id(mapping) not in declared
        for entry in (*mapping.users, *mapping.backend_roles)
    )


def identities_in(mapping: Mapping) -> tuple[str, ...]:
    """Every user and backend role of a mapping, each once; `hosts` are no identities."""
    return tuple(dict.fromkeys((*mapping.users, *mapping.backend_roles, *mapping.and_backend_roles)))


def mapped_to(content: ClusterContent, roles: frozenset[str]) -> frozenset[str]:
    """Every user and backend role that holds one of `roles`."""
    return frozenset(
        entry
        for mapping in content.cluster.mappings
        if mapping.role in roles
        for entry in identities_in(mapping)
    )


def others(analysis: Analysis, content: ClusterContent, mapping: Mapping) -> tuple[str, ...]:
    """The entries of a mapping that are known not to run the cluster."""
    return tuple(
        entry for entry in identities_in(mapping) if standing(analysis, content, entry) is Standing.OTHER
    )


def own_roles(content: ClusterContent) -> Iterator[Declared[Role]]:
    """The roles that the code makes of its own accord: not those that come with some release of the engine.

    Files of the Security plugin are often made from those that it is shipped with.
    """
    for declared in content.roles:
        name = declared.content.name
        if content.cluster.roles.get(name) is declared.content and not is_shipped(name):
            yield declared


def is_shipped(role: str) -> bool:
    """Whether a role comes with some release, be it under its older name `opendistro_security_logstash`."""
    return role.removeprefix("opendistro_security_") in role_history()


def of_cluster(content: ClusterContent) -> str:
    """` of` and the domain, for the end of a sentence; nothing where the domain is not in the code."""
    return "" if content.domain is None else f" of `{content.domain.address}`"


def listed(analysis: Analysis, entries: tuple[str, ...], most: int = 3) -> str:
    """A few entries for people."""
    return first_few([f"`{analysis.words(entry)}`" for entry in entries], most)


def is_of_dashboards(pattern: str) -> bool:
    """Whether a pattern is one of the indexes in which Dashboards keeps its own objects."""
    return _OF_DASHBOARDS.match(pattern) is not None


def limits_documents(permission: IndexPermission) -> bool:
    """Whether a document query hides anything; `match_all` is written to lift the queries of other roles."""
    query = permission.document_query.strip()
    return bool(query) and _MATCH_ALL.fullmatch(query) is None


def is_for_operators(analysis: Analysis, content: ClusterContent, role: Role) -> bool:
    """Whether a role is for those who run the cluster: by its name, and mapped to nobody known to be another."""
    return names_operator(analysis.words(role.name)) and not any(
        others(analysis, content, mapping)
        for mapping in content.cluster.mappings
        if mapping.role == role.name
    )
