"""Workloads: what runs with the permissions of a role."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.location import Location


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs as a role.

    `service` is the principal that assumes the role (`lambda.amazonaws.com`).
    `role` is the role as the code names it: an ARN or a name, holes included.
    """

    address: str
    deployment: str
    service: str
    role: str
    location: Location

    @property
    def key(self) -> str:
        """What tells one workload of a scan from another."""
        return f"{self.deployment}\0{self.address}"
