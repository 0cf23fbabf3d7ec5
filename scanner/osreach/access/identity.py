"""Roles, users and groups of IAM with every policy that the code attaches to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from osreach.iam.document import Document
from osreach.iam.request import RoleSession, User
from osreach.location import Location
from osreach.value import Unknown


class IdentityKind(StrEnum):
    """What kind of identity it is."""

    ROLE = "role"
    USER = "user"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy where it is attached.

    `name` is the policy for people: the address of the resource that holds it,
    or the name of a policy that AWS manages. `owner` is the address of the
    resource that attaches it. What cannot be read of the policy is a term in
    `Document.unknown`; `unknown` then says why. `location` is where it is
    attached.
    """

    name: str
    owner: str
    document: Document
    location: Location
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A user in a group: `group` is the key of the group's identity, or its name where no file defines it."""

    group: str
    owner: str
    location: Location


@dataclass(frozen=True, slots=True)
class Identity:
    """A role, user or group.

    `arn` and `name` may hold holes for parts that are not known. `trust` are
    the policies that say who may assume a role; none for users and groups.
    `policies` are attached to the identity itself, not through its groups.
    `tags` are those with a known text. `defined` is false for an identity that
    the code only refers to: it may have further policies.
    """

    kind: IdentityKind
    address: str
    deployment: str
    name: str
    arn: str
    location: Location
    trust: tuple[Attachment, ...] = ()
    policies: tuple[Attachment, ...] = ()
    boundary: Attachment | None = None
    groups: tuple[Membership, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    defined: bool = True

    @property
    def key(self) -> str:
        """What tells one identity of a scan from another."""
        return f"{self.deployment}\0{self.address}"

    @property
    def account(self) -> str:
        """The account that the identity belongs to, a hole where unknown."""
        return self.arn.split(":", 5)[4]

    @property
    def partition(self) -> str:
        """The partition of the account, a hole where unknown."""
        return self.arn.split(":", 5)[1]

    def principal(self, session: str = "session") -> User | RoleSession:
        """The caller that this identity is in a request; a role is one of its sessions.

        A group is no caller; it stands for a user in it.
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
        """
        return RoleSession(self.arn, session) if self.kind is IdentityKind.ROLE else User(self.arn)


@dataclass(frozen=True, slots=True)
class Provider:
    """An OIDC or SAML provider whose users may assume roles."""

    address: str
    deployment: str
    arn: str
    location: Location

    @property
    def key(self) -> str:
        """What tells one provider of a scan from another."""
        return f"{self.deployment}\0{self.address}"
