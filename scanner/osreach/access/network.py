"""Who can open a connection: public endpoints, VPCs and the security groups in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from osreach.location import Location
from osreach.value import Unknown


class Exposure(Enum):
    """What kind of network a domain's endpoint stands in.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
    """

    PUBLIC = "public"
    VPC = "vpc"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AddressRange:
    """An address range in CIDR notation as written, or an unknown one."""

    cidr: str | Unknown
    location: Location


@dataclass(frozen=True, slots=True)
class IngressRule:
    """What a security group lets in.

    Ports are inclusive; None where the rule covers every port or the port is
    not known (`ports_known` tells which). `protocol` is as written, `-1` for
    all. `sources` are address ranges; rules whose source is another security
    group or a prefix list have none.
    """

    group: str
    protocol: str | Unknown
    from_port: int | None
    to_port: int | None
    sources: tuple[AddressRange, ...]
    location: Location
    ports_known: bool = True

    def opens(self, port: int) -> bool:
        """Whether the rule is known to let in TCP connections to `port`."""
        if isinstance(self.protocol, Unknown) or not self.ports_known:
            return False
        if self.protocol.lower() in ("-1", "all"):
            return True
        if self.protocol.lower() not in ("tcp", "6"):
            return False
        if self.from_port is None or self.to_port is None:
            return False
        return self.from_port <= port <= self.to_port


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group with every ingress rule that the code gives it."""

    address: str
    ingress: tuple[IngressRule, ...]
    location: Location


GroupReference: TypeAlias = SecurityGroup | Unknown
