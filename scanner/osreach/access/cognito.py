"""Pools of Amazon Cognito behind the login of Dashboards."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.access.setting import Setting
from osreach.location import Location


@dataclass(frozen=True, slots=True)
class UserPool:
    """A user pool.

    `only_administrators` says that nobody signs up without an administrator.
    `checked` says that a function decides about who signs up, `external` that
    users come from an identity provider as well.
    """

    address: str
    deployment: str
    only_administrators: Setting[bool]
    checked: bool
    external: bool
    location: Location


@dataclass(frozen=True, slots=True)
class IdentityPool:
    """An identity pool and the roles that it gives.

    `authenticated` and `unauthenticated` are the roles as the code names them,
    holes included, None where the code gives none. `by_rules` says that rules or
    tokens choose the role and the authenticated one is not what everybody gets.
    """

    address: str
    deployment: str
    guests: Setting[bool]
    authenticated: Setting[str | None]
    unauthenticated: Setting[str | None]
    by_rules: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Pools:
    """Every pool in the code."""

    users: tuple[UserPool, ...] = ()
    identities: tuple[IdentityPool, ...] = ()

    def user_pool(self, deployment: str, address: str) -> UserPool | None:
        """The user pool with this address."""
        return next(
            (one for one in self.users if (one.deployment, one.address) == (deployment, address)), None
        )

    def identity_pool(self, deployment: str, address: str) -> IdentityPool | None:
        """The identity pool with this address."""
        return next(
            (one for one in self.identities if (one.deployment, one.address) == (deployment, address)), None
        )
