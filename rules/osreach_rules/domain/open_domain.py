"""Reports a domain that anyone on the internet can use without signing in.

A public endpoint whose access policy allows every principal answers unsigned
requests. An address condition helps only if its ranges together leave most of
the internet out: `0.0.0.0/1` and `128.0.0.0/1` are everybody. Behind
fine-grained access control every request still needs credentials, unless its
migration period with anonymous access is on.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.network import Exposure
from osreach.analysis import Analysis, statements_of
from osreach.evaluate.exposure import Protection, Reach, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.domain.opening import opening_places
from osreach_rules.references import ACCESS_CONTROL, FINE_GRAINED, SAML


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each public domain that answers unsigned requests from the internet."""
    for domain in analysis.domains:
        guard = protection(domain)
        if domain.exposure is Exposure.VPC or guard is Protection.ON or not any(statements_of(domain)):
            continue
        access = analysis.unsigned(domain)
        if access.reach is not Reach.INTERNET or access.witness is None:
            continue
        certain = domain.exposure is Exposure.PUBLIC and guard is not Protection.UNKNOWN
        trail = [*opening_places(domain, access.witness), Place(domain.network_location, "a public endpoint")]
        if guard is Protection.MIGRATING:
            trail.append(Place(domain.fine_grained.anonymous.location, "requests without credentials pass"))
        yield Match(
            f"anyone on the internet can use `{domain.address}` without signing in",
            domain.address,
            tuple(trail),
            witness=access.witness,
            confidence=Confidence.CERTAIN if certain else Confidence.POSSIBLE,
            principal="anonymous",
        )


RULE = Rule(
    "OSR101",
    "open-domain",
    Severity.CRITICAL,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, FINE_GRAINED, SAML),
    remedy="name the principals that need the domain, turn on fine-grained access control, or move it into a VPC",
)
