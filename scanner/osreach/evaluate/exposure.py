"""How far an access policy opens a domain to callers who do not sign.

What counts as the internet follows the measure that AWS describes for its own
analysis: not the notation of the addresses, but how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from osreach.access.domain import Domain
from osreach.access.network import Exposure
from osreach.evaluate.domain import answer_to, ask, open_addresses, witness_of
from osreach.iam.address import NO_ADDRESS, AddressSet
from osreach.iam.question import Found, Mode, TooComplex
from osreach.iam.request import Anonymous
from osreach.witness import Confidence, Witness

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
    turns out so. `undecided` says why the question was too complex, where it was.
    """

    reach: Reach
    addresses: AddressSet
    witness: Witness | None
    confidence: Confidence
    undecided: str = ""


def unsigned_access(domain: Domain) -> UnsignedAccess:
    """Who can use the domain without signing, at the edge."""
    answer = answer_to(domain, Anonymous())
    if isinstance(answer, TooComplex):
        return _undecided(answer)
    if isinstance(answer, Found):
        known = open_addresses(domain)
        if isinstance(known, TooComplex):
            return _undecided(known)
        return UnsignedAccess(_reach(known), known, witness_of(answer, domain), Confidence.CERTAIN)
    if ask(domain, Anonymous(), mode=Mode.POSSIBLE) is not None:
        return UnsignedAccess(Reach.SOME_ADDRESSES, NO_ADDRESS, None, Confidence.POSSIBLE)
    return UnsignedAccess(Reach.NOBODY, NO_ADDRESS, None, Confidence.CERTAIN)


def _undecided(answer: TooComplex) -> UnsignedAccess:
    return UnsignedAccess(Reach.NOBODY, NO_ADDRESS, None, Confidence.POSSIBLE, answer.reason)


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
