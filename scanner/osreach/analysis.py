"""Everything that was read, and the questions that can be asked about it: the one argument of a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from osreach.access.domain import AttachedPolicy, Domain
from osreach.access.serverless import Serverless
from osreach.evaluate.exposure import UnsignedAccess, unsigned_access
from osreach.extract.address import TYPES as ADDRESS_TYPES
from osreach.extract.address import read_addresses, read_exposed_keys
from osreach.extract.change import read_changed_domains, read_changed_encryption
from osreach.extract.domain import SHOWN, read_domains, unknowns_in
from osreach.extract.domain import TYPES as DOMAIN_TYPES
from osreach.extract.identity_names import TYPES as IDENTITY_TYPES
from osreach.extract.identity_policy import TYPES as IDENTITY_POLICY_TYPES
from osreach.extract.identity_policy import read_access_keys, read_identity_policies
from osreach.extract.index_alias import TYPES as ALIAS_TYPES
from osreach.extract.index_alias import read_index_aliases
from osreach.extract.model import TYPES as MODEL_TYPES
from osreach.extract.model import read_model
from osreach.extract.network import read_security_groups
from osreach.extract.secret import TYPES as SECRET_TYPES
from osreach.extract.secret import read_secrets, read_shown_parameters, read_unverified
from osreach.extract.serverless import OWN_TYPES as SERVERLESS_TYPES
from osreach.extract.serverless_policy import TYPES as SERVERLESS_POLICY_TYPES
from osreach.extract.serverless_policy import unknowns_in_policy
from osreach.extract.settle import settle
from osreach.extract.state import TYPES as STATE_TYPES
from osreach.extract.state import read_stored_passwords
from osreach.extract.upkeep import read_upkeep
from osreach.iac.resource import Inputs, Reading, Resource
from osreach.iam.document import Document, Statement
from osreach.iam.hole import Holes
from osreach.location import Location, Place
from osreach.problem import Problem
from osreach.value import Unknown

if TYPE_CHECKING:
    from osreach.access.change import Changed
    from osreach.access.cluster import ClusterContent
    from osreach.access.identity_policy import AccessKey, IdentityPolicy
    from osreach.access.index_alias import IndexAlias
    from osreach.access.model import Model
    from osreach.access.secret import (
        AddressWithCredentials,
        ExposedKey,
        Secret,
        ShownParameter,
        StoredPassword,
        UnverifiedClient,
    )
    from osreach.access.serverless import EncryptionPolicy
    from osreach.access.upkeep import Upkeep
    from osreach.evaluate.effective import EffectiveAccess
    from osreach.graph.who import Reachability

WANTED = MODEL_TYPES | IDENTITY_POLICY_TYPES | ALIAS_TYPES | SECRET_TYPES | ADDRESS_TYPES | STATE_TYPES
"""The types of resources that an analysis is made of."""

_ABOUT_IDENTITIES = IDENTITY_TYPES | IDENTITY_POLICY_TYPES


@dataclass(frozen=True, slots=True)
class DomainStatement:
    """One statement of a domain's access policy with everything around it."""

    domain: Domain
    policy: AttachedPolicy
    document: Document
    statement: Statement

    @property
    def location(self) -> Location:
        """Where the statement stands."""
        return self.statement.location or self.document.location or self.policy.location


@dataclass(slots=True, eq=False)
class _Later:
    """What of an analysis was asked for so far."""

    model: Model | None = None
    access: EffectiveAccess | None = None
    reachability: Reachability | None = None
    identity_policies: tuple[IdentityPolicy, ...] | None = None
    resources: Mapping[str, tuple[Resource, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """The access model of the scanned code. `holes` says what the unknown parts of texts are."""

    reading: Reading
    domains: tuple[Domain, ...]
    holes: Holes
    problems: tuple[Problem, ...] = ()
    unknowns: tuple[tuple[Unknown, Location], ...] = ()
    access_resources: int = 0
    trusted_accounts: frozenset[str] = frozenset()
    inputs: Inputs = field(default_factory=Inputs)
    _unsigned: Mapping[str, UnsignedAccess] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    _later: _Later = field(default_factory=_Later, repr=False, compare=False)

    @property
    def model(self) -> Model:
        """Identities, keys, buckets and the rest of the access model, read when first asked for."""
        if self._later.model is None:
            resources = self.reading.resources
            self._later.model = read_model(resources, self.domains, self.inputs, self.holes)
        return self._later.model

    @property
    def clusters(self) -> tuple[ClusterContent, ...]:
        """The inside of every cluster: one for each domain, and those whose domain the code does not tell."""
        return self.model.clusters

    def cluster(self, domain: Domain) -> ClusterContent:
        """The inside of the cluster of a domain of this analysis or of its model."""
        return next(
            content
            for content in self.model.clusters
            if content.domain is not None and _plain_key(content.domain) == _plain_key(domain)
        )

    @property
    def serverless(self) -> Serverless:
        """Collections and policies of OpenSearch Serverless; the model is not read where there are none."""
        if not any(resource.type in SERVERLESS_TYPES for resource in self.reading.resources):
            return Serverless()
        return self.model.serverless

    def resources_at(self, address: str) -> tuple[Resource, ...]:
        """The resources of an address, one in each deployment."""
        if self._later.resources is None:
            found: dict[str, list[Resource]] = {}
            for resource in self.reading.resources:
                found.setdefault(resource.address, []).append(resource)
            self._later.resources = {name: tuple(those) for name, those in found.items()}
        return self._later.resources.get(address, ())

    @property
    def problems_so_far(self) -> tuple[Problem, ...]:
        """What could not be read: `problems`, and those of the model once it was asked for."""
        model = self._later.model
        return self.problems if model is None else (*self.problems, *model.problems)

    @property
    def access(self) -> EffectiveAccess:
        """What callers can do to resources, each answer worked out when first asked for."""
        if self._later.access is None:
            from osreach.evaluate.effective import EffectiveAccess  # noqa: PLC0415 - likewise

            self._later.access = EffectiveAccess(self.model)
        return self._later.access

    @property
    def reachability(self) -> Reachability:
        """Who reaches what, directly and as roles that they may assume; it needs networkx when it is asked."""
        if self._later.reachability is None:
            from osreach.graph.who import Reachability  # noqa: PLC0415 - likewise

            self._later.reachability = Reachability(self.access)
        return self._later.reachability

    @property
    def identity_policies(self) -> tuple[IdentityPolicy, ...]:
        """Every policy of the identity side, attached to someone or not; none where no code is about identities."""
        if self._later.identity_policies is None:
            resources = self.reading.resources
            found: tuple[IdentityPolicy, ...] = ()
            if any(resource.type in _ABOUT_IDENTITIES for resource in resources):
                found = read_identity_policies(resources, self.model.identities.values(), self.holes)
            self._later.identity_policies = found
        return self._later.identity_policies

    @property
    def access_keys(self) -> tuple[AccessKey, ...]:
        """Every long-term access key that the code makes."""
        return read_access_keys(self.reading.resources, self.holes)

    @property
    def index_aliases(self) -> tuple[IndexAlias, ...]:
        """Every alias of an index that the code makes."""
        return read_index_aliases(self.reading.resources, self.holes)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that can be read in the code."""
        return read_secrets(self.reading.resources, self.inputs)

    @property
    def shown_parameters(self) -> tuple[ShownParameter, ...]:
        """Every parameter of a template that takes a password and does not hide it."""
        return read_shown_parameters(self.reading.resources)

    @property
    def stored_passwords(self) -> tuple[StoredPassword, ...]:
        """Every password of a master user that ends up readable in Terraform's state."""
        return tuple(read_stored_passwords(self.reading.resources))

    @property
    def unverified_clients(self) -> tuple[UnverifiedClient, ...]:
        """Every client in the code that talks to a cluster without checking its certificate."""
        return read_unverified(self.reading.resources)

    @property
    def addresses_with_credentials(self) -> tuple[AddressWithCredentials, ...]:
        """Every address of a cluster that holds a user and a password."""
        return read_addresses(self.reading.resources, self.holes)

    @property
    def upkeep(self) -> tuple[Upkeep, ...]:
        """How every domain is sized and labelled."""
        return read_upkeep(self.reading.resources)

    @property
    def exposed_keys(self) -> tuple[ExposedKey, ...]:
        """Every place where the secret of an access key of the code is shown."""
        return read_exposed_keys(self.reading.resources)

    @property
    def changed_domains(self) -> tuple[Changed[Domain], ...]:
        """Every domain that a plan changes."""
        return tuple(read_changed_domains(self.reading.changes, self.domains, self.inputs, self.holes))

    @property
    def changed_encryption(self) -> tuple[Changed[EncryptionPolicy], ...]:
        """Every encryption policy of OpenSearch Serverless that a plan changes."""
        if not self.reading.changes:
            return ()
        return tuple(read_changed_encryption(self.reading.changes, self.serverless.encryption, self.holes))

    @property
    def statements(self) -> Iterator[DomainStatement]:
        """Every statement of every domain's access policies."""
        for domain in self.domains:
            yield from statements_of(domain)

    def unsigned(self, domain: Domain) -> UnsignedAccess:
        """What callers who do not sign can do, at the edge."""
        return self._unsigned[_key(domain)]

    def words(self, text: str) -> str:
        """`text` for people: unknown parts as the expressions that stand there."""
        return self.holes.fill(text)

    def caller(self, name: str, domain: Domain) -> str:
        """A principal of a policy for people: `role/reader` for one of the domain's own account."""
        if name == "*":
            return "anyone"
        parts = name.split(":", 5)
        whole_arn = 6
        if len(parts) == whole_arn and parts[4] == domain.account:
            return "the whole account" if parts[5] == "root" else self.words(parts[5])
        return self.words(name)

    def domain_place(self, domain: Domain, note: str = "the domain") -> Place:
        """The header of the domain as a step of a trail."""
        return Place(domain.location, note)


def statements_of(domain: Domain) -> Iterator[DomainStatement]:
    """Every statement of the access policies of `domain`, in order."""
    for policy in domain.policies:
        if policy.document is not None:
            for statement in policy.document.statements:
                yield DomainStatement(domain, policy, policy.document, statement)


def analyse(
    reading: Reading, inputs: Inputs | None = None, trusted_accounts: frozenset[str] = frozenset()
) -> Analysis:
    """The access model behind `reading`.

    `trusted_accounts` are account ids that are allowed to be principals.
    """
    holes = Holes(SHOWN)
    groups = read_security_groups(reading.resources)
    found = read_domains(reading.resources, groups, inputs or Inputs(), holes)
    domains = tuple(settle(domain) for domain in found.domains)
    wanted = [resource for resource in reading.resources if resource.type in WANTED]
    unknowns = dict.fromkeys(reading.missing)
    unknowns.update(
        dict.fromkeys(
            one for resource in wanted if resource.type in DOMAIN_TYPES for one in unknowns_in(resource)
        )
    )
    for resource in wanted:
        if resource.type in SERVERLESS_POLICY_TYPES:
            unknowns.update(dict.fromkeys(unknowns_in_policy(resource)))
    unsigned = {_key(domain): unsigned_access(domain) for domain in domains}
    undecided = (
        Problem(policy.location, f"who can use `{domain.address}` is too complex to decide: {reason}")
        for domain in domains
        if (reason := unsigned[_key(domain)].undecided)
        for policy in domain.policies
    )
    return Analysis(
        reading=reading,
        domains=domains,
        holes=holes,
        problems=(*found.problems, *undecided),
        unknowns=tuple(unknowns),
        access_resources=len(wanted),
        trusted_accounts=trusted_accounts,
        inputs=inputs or Inputs(),
        _unsigned=unsigned,
    )


def told_apart(analysis: Analysis) -> Analysis:
    """The analysis in which domains that one module makes in several deployments have addresses of their own.

    `module.logs.aws_opensearch_domain.this` of `envs/dev` and of `envs/prod` stand at the same line.
    """
    deployments: dict[tuple[str, Location], set[str]] = {}
    for resource in analysis.reading.resources:
        if resource.circumstance is None and not resource.construct:
            deployments.setdefault((resource.address, resource.location), set()).add(resource.deployment)
    unsigned: dict[str, UnsignedAccess] = {}
    domains: list[Domain] = []
    for domain in analysis.domains:
        told = domain
        if len(deployments.get((domain.address, domain.location), ())) > 1:
            told = replace(domain, address=f"{domain.address} (in {domain.deployment})")
        domains.append(told)
        unsigned[_key(told)] = analysis.unsigned(domain)
    if tuple(domains) == analysis.domains:
        return analysis
    return replace(analysis, domains=tuple(domains), _unsigned=unsigned, _later=_Later())


def _plain_key(domain: Domain) -> tuple[str, str]:
    """The same for a domain whose address was told apart from that of its twins, and before that."""
    return domain.deployment, domain.address.removesuffix(f" (in {domain.deployment})")


def _key(domain: Domain) -> str:
    """What tells one domain of a scan from another."""
    return f"{domain.deployment}\0{domain.address}"
