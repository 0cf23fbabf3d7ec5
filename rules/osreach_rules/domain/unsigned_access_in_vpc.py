"""Reports a domain in a VPC that answers unsigned requests of everyone in the network.

The access policy names no principal and fine-grained access control is off, so
whatever the security groups let through can read and change all data.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.network import Exposure
from osreach.analysis import Analysis
from osreach.evaluate.exposure import Protection, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.domain.opening import opening_places
from osreach_rules.references import ACCESS_CONTROL, VPC


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain in a VPC whose policy needs no signature."""
    for domain in analysis.domains:
        guard = protection(domain)
        if domain.exposure is not Exposure.VPC or guard is Protection.ON:
            continue
        access = analysis.unsigned(domain)
        if access.witness is not None:
            network = Place(domain.network_location, "only the network in front of it limits who")
            yield Match(
                f"everyone in the network of `{domain.address}` can use it without signing in",
                domain.address,
                (*opening_places(domain, access.witness), network),
                witness=access.witness,
                confidence=Confidence.POSSIBLE if guard is Protection.UNKNOWN else Confidence.CERTAIN,
                principal="anonymous",
            )


RULE = Rule(
    "OSR103",
    "unsigned-access-in-vpc",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, VPC),
    remedy="name the principals that need the domain, or turn on fine-grained access control",
)
