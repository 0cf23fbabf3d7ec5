"""Everything that counts for a caller, wherever it is attached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from osreach.access.identity import Attachment, Identity, IdentityKind
from osreach.access.model import Model
from osreach.evaluate.organization import documents_for
from osreach.evaluate.target import Target
from osreach.iam.document import (
    Document,
    Effect,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Statement,
    Term,
    Terms,
)
from osreach.iam.hole import has_hole
from osreach.iam.policies import Policies
from osreach.iam.principal import caller_of
from osreach.iam.request import Anonymous, FederatedUser, Principal, RoleSession, RootUser, User
from osreach.location import Location
from osreach.opensearch.authentication import Credentials

ANYONE = "anonymous"
"""The name of callers who do not sign and bring no credentials."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A caller with the policies that count for it.

    `name` is the caller for people. `policies` are its own and those of its
    groups. `assumed` says why policies were taken to allow everything, for a
    caller whose own are not in the code; empty otherwise. `credentials` are what
    a caller presents to a cluster who does not sign with an identity of IAM.
    """

    name: str
    principal: Principal
    policies: tuple[Attachment, ...] = ()
    boundary: Attachment | None = None
    service_control: tuple[tuple[Document, ...], ...] = ()
    identity: Identity | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    assumed: str = ""
    credentials: Credentials | None = None

    @property
    def documents(self) -> tuple[Document, ...]:
        """The identity policies."""
        return tuple(policy.document for policy in self.policies)

    @property
    def key(self) -> str:
        """What tells one caller of a scan from another."""
        if self.identity is None:
            return self.name
        match self.principal:
            case RoleSession(session_name=session) if session != _ANY_SESSION:
                return f"{self.identity.key}\0{session}"
            case _:
                return self.identity.key

    @property
    def is_anyone(self) -> bool:
        """Whether it is everyone who neither signs nor logs in, of whom there is one in every comparison."""
        return isinstance(self.principal, Anonymous) and self.name == ANYONE

    @property
    def account(self) -> str:
        """The caller's account, empty for callers outside every account."""
        return caller_of(self.principal).account


_ANY_SESSION = "session"


def standing_of(identity: Identity, model: Model, session: str = _ANY_SESSION, name: str = "") -> Standing:
    """An identity of the code with its policies and those of its groups; `name` where it is not its address."""
    return Standing(
        name or identity.address,
        identity.principal(session),
        tuple(_policies(identity, model)),
        identity.boundary,
        documents_for(model.organization, identity.account, resource_control=False),
        identity,
        identity.tags,
    )


def _policies(identity: Identity, model: Model) -> Iterator[Attachment]:
    yield from identity.policies
    for membership in identity.groups:
        group = model.identities.get(membership.group)
        if group is not None:
            yield from group.policies


def standings_of(model: Model) -> tuple[Standing, ...]:
    """Every role and user of the code as a caller."""
    return tuple(
        standing_of(identity, model)
        for identity in model.identities.values()
        if identity.kind is not IdentityKind.GROUP
    )


_EVERYTHING = Terms((Term("*"),))
_NOWHERE = Location("", 0, 0, 0, 0)
_ELSEWHERE = "its own policies, which are not in the scanned files, allow it"
_ACCOUNT = "the account lets its own identities"


def outside(principal: Principal, name: str, model: Model) -> Standing:
    """A caller that no file defines: its own policies are taken to allow everything."""
    match principal:
        case RootUser(account):
            levels = documents_for(model.organization, account, resource_control=False)
            return Standing(name, principal, service_control=levels, assumed=_ACCOUNT)
        case User() | RoleSession() | FederatedUser():
            levels = documents_for(model.organization, caller_of(principal).account, resource_control=False)
            everything = Document(
                (Statement(Effect.ALLOW, _EVERYTHING, _EVERYTHING),),
                "2012-10-17",
                source=f"policies of {name}",
            )
            policy = Attachment(everything.source, name, everything, _NOWHERE)
            return Standing(name, principal, (policy,), service_control=levels, assumed=_ELSEWHERE)
        case _:
            return Standing(name, principal)


APART = "both are deployed in one account, which the files do not tell"


def is_apart(standing: Standing, target: Target) -> bool:
    """Whether caller and resource are of different deployments that may have nothing to do with each other.

    The same unknown account or name in two deployments need not be the same
    account or name.
    """
    identity = standing.identity
    if identity is None or not target.deployment or identity.deployment == target.deployment:
        return False
    texts = (identity.account, target.account, identity.arn.rpartition(":")[2], target.arn.rpartition(":")[2])
    return any(map(has_hole, texts))


def policies_for(standing: Standing, target: Target, action: str, model: Model) -> Policies:
    """Everything that has a say when the caller does `action` to the target."""
    granted, limited = _grants(standing, target, action)
    return Policies(
        identity=standing.documents,
        resource=(*target.documents, *limited),
        boundary=(standing.boundary.document,) if standing.boundary is not None else (),
        service_control=standing.service_control,
        resource_control=documents_for(model.organization, target.account, resource_control=True),
        granted=granted,
    )


def _grants(standing: Standing, target: Target, action: str) -> tuple[bool, tuple[Document, ...]]:
    """Whether a grant on the key names the caller for the action, and grants that do so with constraints.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """
    if not target.grants or not action.lower().startswith("kms:"):
        return False, ()
    caller = caller_of(standing.principal)
    operation = action.partition(":")[2].lower()
    limited: list[Document] = []
    for grant in target.grants:
        if operation not in {name.lower() for name in grant.operations}:
            continue
        if grant.grantee not in (*caller.direct, *caller.entity):
            continue
        if not grant.constrained:
            return True, ()
        statement = Statement(
            Effect.ALLOW,
            Terms((Term(action, grant.location),)),
            _EVERYTHING,
            Principals((PrincipalTerm(PrincipalKind.AWS, grant.grantee, grant.location),)),
            location=grant.location,
            conditions_unknown=True,
        )
        limited.append(Document((statement,), "2012-10-17", source=grant.address, location=grant.location))
    return False, tuple(limited)
