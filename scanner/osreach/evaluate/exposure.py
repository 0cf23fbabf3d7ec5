"""How far an access policy opens a domain to callers who do not sign.

What counts as the internet follows the measure that AWS describes for its own
analysis: not the notation of the addresses, but how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from osreach.access.domain import Domain
from osreach.access.network import Exposure
from osreach.evaluate.domain import ask, open_addresses
from osreach.iam.address import AddressSet
from osreach.iam.question import Mode
from osreach.iam.request import Anonymous
from osreach.rule import Confidence, Witness

_HALF_OF_VERSION_4 = 2**31
_HALF_OF_VERSION_6_UNICAST = 2**124


class Reach(Enum):
    """From where unsigned requests are answered."""

    NOBODY = "nobody"
    SOME_ADDRESSES = "some addresses"
    INTERNET = "the internet"


@dataclass(frozen=True, slots=True)
class UnsignedAccess:
    """What the access policy allows to callers who do not sign.

    `addresses` are the internet addresses from which some request is allowed.
    `confidence` is POSSIBLE where that holds only if a value that is not known
    turns out so.
    """

    reach: Reach
    addresses: AddressSet
    witness: Witness | None
    confidence: Confidence


def unsigned_access(domain: Domain) -> UnsignedAccess:
    """Who can use the domain without signing, at the edge."""
    known = open_addresses(domain)
    witness = ask(domain, Anonymous())
    if witness is not None:
        return UnsignedAccess(_reach(known), known, witness, Confidence.CERTAIN)
    if ask(domain, Anonymous(), mode=Mode.POSSIBLE) is not None:
        return UnsignedAccess(Reach.SOME_ADDRESSES, known, None, Confidence.POSSIBLE)
    return UnsignedAccess(Reach.NOBODY, known, None, Confidence.CERTAIN)


def _reach(found: AddressSet) -> Reach:
    if found.count_v4 >= _HALF_OF_VERSION_4 or found.count_v6 >= _HALF_OF_VERSION_6_UNICAST:
        return Reach.INTERNET
    return Reach.SOME_ADDRESSES


class Protection(Enum):
    """Whether fine-grained access control asks everyone for credentials."""

    ON = "on"
    OFF = "off"
    MIGRATING = "migrating"
    UNKNOWN = "unknown"


def protection(domain: Domain) -> Protection:
    """Whether the cluster itself asks for credentials behind the access policy.

    While `anonymous_auth_enabled` is on, requests without credentials still pass.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """
    switches = domain.fine_grained
    if switches.enabled.is_certainly(value=False):
        return Protection.OFF
    if not switches.enabled.is_certainly(value=True):
        return Protection.UNKNOWN
    if switches.anonymous.is_certainly(value=True):
        return Protection.MIGRATING
    return Protection.ON


def is_public(domain: Domain) -> bool:
    """Whether the endpoint is known to stand in the internet."""
    return domain.exposure is Exposure.PUBLIC
