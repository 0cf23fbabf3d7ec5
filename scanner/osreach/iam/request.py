"""One concrete request: who asks to do what on which resource, in which circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Anonymous:
    """A caller who does not sign the request."""


@dataclass(frozen=True, slots=True)
class RootUser:
    """The root user of an account."""

    account: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user by ARN (`arn:aws:iam::123456789012:user/path/name`)."""

    arn: str


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A session of the role `arn:aws:iam::123456789012:role/path/name`."""

    role_arn: str
    session_name: str = "session"


@dataclass(frozen=True, slots=True)
class FederatedUser:
    """A session from GetFederationToken, with the user who asked for it; an empty one is not known."""

    arn: str
    user_arn: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service acting for itself (`es.amazonaws.com`)."""

    name: str


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """A caller of AssumeRoleWithWebIdentity or AssumeRoleWithSAML, known by its provider only."""

    provider: str


Principal: TypeAlias = Anonymous | RootUser | User | RoleSession | FederatedUser | Service | WebIdentity


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    `action` is `service:Name`; `resource` an ARN, or `*` for actions without a
    resource. `context` maps condition keys (names are compared without case) to
    the values in the request; a key that is not there is absent from the
    request. Keys that follow from the principal (`aws:PrincipalArn`, ...) need
    not be given: the decision derives them. `unknown_keys` are keys of which it
    is not known whether they are present.
    """

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    resource_account: str = ""
    unknown_keys: frozenset[str] = frozenset()
