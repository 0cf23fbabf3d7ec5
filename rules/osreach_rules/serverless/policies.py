"""What the rules ask the policies of OpenSearch Serverless in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from osreach.access.identity import Identity, IdentityKind
from osreach.access.serverless import Collection, DataAccessPolicy, NetworkPolicy, VpcEndpoint
from osreach.analysis import Analysis
from osreach.evaluate.serverless_bearing import is_deployer
from osreach.serverless.fault import Fault, FaultKind
from osreach.serverless.pattern import name_matches
from osreach.serverless.permission import BY_TYPE, EVERYTHING, ResourceType
from osreach.serverless.policy import NetworkEntry, Pattern, Rule, Written
from osreach.serverless.principal import named, role_of
from osreach.truth import Truth
from osreach_rules.identity.people import administers_or_deploys, says_administrator

_SHOWN = 3
_SHORT = 3
_ADMINISTRATORS = ("admin", "admins", "administrator", "administrators")


def faults(analysis: Analysis, kinds: frozenset[FaultKind]) -> Iterator[tuple[str, Fault]]:
    """Each fault of these kinds in a policy or collection of the code, with the address of what has it."""
    for policy in analysis.serverless.policies:
        yield from ((policy.address, fault) for fault in policy.faults if fault.kind in kinds)
    for collection in analysis.serverless.collections:
        yield from ((collection.address, fault) for fault in collection.faults if fault.kind in kinds)


def is_about(rule: Rule, kind: ResourceType) -> bool:
    """Whether the rule is certainly one about resources of `kind`."""
    return rule.resource_type is not None and rule.resource_type.text == kind.value


def patterns_of(entry: NetworkEntry, kind: ResourceType) -> tuple[Pattern, ...]:
    """The resources of an element's rules about the collection, or about its Dashboards."""
    return tuple(
        pattern
        for rule in entry.rules
        if is_about(rule, kind)
        for pattern in rule.resources
        if not pattern.impossible
    )


def is_far_reaching(pattern: Pattern) -> bool:
    """Whether the pattern means every collection, or every one with the first letters of a name."""
    name = pattern.collection
    return name.endswith("*") and len(name.rstrip("*")) <= _SHORT and name.isascii()


def own_collections(analysis: Analysis, deployment: str) -> tuple[Collection, ...]:
    """The collections that the deployment itself makes."""
    return tuple(
        one for one in analysis.serverless.collections if one.defined and one.deployment == deployment
    )


@dataclass(frozen=True, slots=True)
class Deployment:
    """What one deployment has of OpenSearch Serverless; `collections` are those that it makes itself."""

    name: str
    collections: tuple[Collection, ...]
    network: tuple[NetworkPolicy, ...]
    data_access: tuple[DataAccessPolicy, ...]
    endpoints: tuple[VpcEndpoint, ...]
    _by_name: Mapping[str, tuple[Collection, ...]]

    def meant(self, pattern: Pattern) -> tuple[Collection, ...]:
        """The collections that the pattern certainly means."""
        if pattern.impossible:
            return ()
        if "*" not in pattern.collection:
            return self._by_name.get(pattern.collection, ())
        return tuple(
            one for one in self.collections if name_matches(pattern.collection, one.name) is Truth.TRUE
        )


def deployments(analysis: Analysis) -> tuple[Deployment, ...]:
    """Every deployment with something of OpenSearch Serverless."""
    serverless = analysis.serverless
    collections = _grouped(one for one in serverless.collections if one.defined)
    network, data_access = _grouped(serverless.network), _grouped(serverless.data_access)
    endpoints = _grouped(serverless.endpoints)
    return tuple(
        Deployment(
            name,
            tuple(collections.get(name, ())),
            tuple(network.get(name, ())),
            tuple(data_access.get(name, ())),
            tuple(endpoints.get(name, ())),
            {each: tuple(ones) for each, ones in _by_name(collections.get(name, ())).items()},
        )
        for name in dict.fromkeys((*collections, *network, *data_access, *endpoints))
    )


def _by_name(collections: Iterable[Collection]) -> dict[str, list[Collection]]:
    found: dict[str, list[Collection]] = {}
    for one in collections:
        found.setdefault(one.name, []).append(one)
    return found


T = TypeVar("T")


class ByCollection(Generic[T]):
    """Things by the collection that they are about, to ask what may be about the same one.

    Only names without wildcards and unknown parts can be told apart by a look.
    """

    def __init__(self, things: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, list[T]] = {}
        self._others: list[T] = []
        self._every: list[T] = []
        for name, thing in things:
            self._every.append(thing)
            if _is_exact(name):
                self._exact.setdefault(name, []).append(thing)
            else:
                self._others.append(thing)

    def about(self, name: str) -> list[T]:
        """What is about a collection of that name, or may be."""
        return [*self._exact.get(name, ()), *self._others] if _is_exact(name) else self._every

    def named(self, name: str) -> bool:
        """Whether something is about that name as it is written."""
        return name in self._exact


def _is_exact(name: str) -> bool:
    return bool(name) and "*" not in name and name.isascii()


class _Deployed(Protocol):
    @property
    def deployment(self) -> str: ...


D = TypeVar("D", bound=_Deployed)


def _grouped(things: Iterable[D]) -> dict[str, list[D]]:
    found: dict[str, list[D]] = {}
    for one in things:
        found.setdefault(one.deployment, []).append(one)
    return found


def listed(names: Iterable[str]) -> str:
    """Names for people, each in backticks: the first few, and how many more there are."""
    found = [f"`{name}`" for name in dict.fromkeys(names)]
    if len(found) > _SHOWN:
        return f"{', '.join(found[: _SHOWN - 1])} and {len(found) - _SHOWN + 1} others"
    return " and ".join((", ".join(found[:-1]), found[-1])) if len(found) > 1 else "".join(found)


def is_everything_granted(rule: Rule) -> bool:
    """Whether the rule of a data access policy gives every permission on every collection, or every index."""
    return gives_everything(rule) and any(is_every_resource(pattern) for pattern in rule.resources)


def gives_everything(rule: Rule) -> bool:
    """Whether it gives `aoss:*`, or every permission on its type of resources by name."""
    written = {permission.text for permission in rule.permissions}
    kind = rule.resource_type.text if rule.resource_type is not None else ""
    names = next((names for one, names in BY_TYPE.items() if one.value == kind), None)
    return EVERYTHING in written or (names is not None and names <= written)


def is_every_resource(pattern: Pattern) -> bool:
    """Whether the resource is `collection/*`, or `index/*/*`."""
    return pattern.collection == "*" and pattern.index in (None, "*")


class Principals:
    """The roles and users of the code by how data access policies name them."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._known: dict[tuple[str, str], Identity] = {}
        for identity in analysis.model.identities.values():
            if identity.kind is not IdentityKind.GROUP:
                self._known.setdefault((identity.deployment, identity.arn), identity)

    def identity(self, principal: Written, deployment: str) -> Identity | None:
        """The role or user that a principal means, None where the code does not have it."""
        return self._known.get((deployment, role_of(principal.text) or principal.text))

    def administers(self, principal: Written, deployment: str) -> bool:
        """Whether it is an administrator, or whoever deploys the code."""
        if is_deployer(principal.text, self._analysis.holes):
            return True
        identity = self.identity(principal, deployment)
        if identity is not None and administers_or_deploys(identity):
            return True
        name = self._analysis.words(named(principal.text).name)
        return says_administrator(name) or name.lower().endswith(_ADMINISTRATORS)


def is_broad(policy: DataAccessPolicy, principals: Principals) -> bool:
    """Whether the policy gives somebody other than administrators everything there is."""
    return any(
        is_everything_granted(rule)
        and not all(principals.administers(one, policy.deployment) for one in entry.principals)
        for entry in policy.content.entries
        for rule in entry.rules
    )
