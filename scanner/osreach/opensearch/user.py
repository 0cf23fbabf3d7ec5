"""Users of the cluster's own database.

Source: https://docs.opensearch.org/latest/security/access-control/api/#create-user
"""

from __future__ import annotations

from dataclasses import dataclass

from osreach.location import Location


@dataclass(frozen=True, slots=True)
class InternalUser:
    """A user with a password; the password itself is never kept.

    `security_roles` are roles given on the user (`opendistro_security_roles`),
    without a mapping. `attributes` are pairs of name and value.
    """

    name: str
    backend_roles: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    security_roles: tuple[str, ...] = ()
    partial: bool = False
    location: Location | None = None
