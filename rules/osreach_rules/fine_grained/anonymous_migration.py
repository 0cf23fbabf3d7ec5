"""Reports a domain that still takes requests without credentials behind fine-grained access control.

The migration period is for domains that get fine-grained access control later:
for 30 days whoever the access policy lets in without a signature stays in. The
documentation asks to end it as soon as the roles are mapped; once it is over it
cannot be turned on again.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis, statements_of
from osreach.evaluate.exposure import Protection, Reach, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED, TERRAFORM_DOMAIN


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain in its migration period, less bad where every request must be signed."""
    for domain in analysis.domains:
        if protection(domain) is not Protection.MIGRATING:
            continue
        signed = _must_sign(analysis, domain)
        left = (
            "though its access policy asks for a signature"
            if signed
            else "so its access policy alone decides"
        )
        yield Match(
            f"`{domain.address}` takes requests without credentials, {left}",
            domain.address,
            (
                Place(domain.fine_grained.anonymous.location, "the migration period is on"),
                Place(domain.fine_grained.enabled.location, "fine-grained access control is on"),
            ),
            severity=Severity.MEDIUM if signed else None,
            principal="anonymous",
        )


def _must_sign(analysis: Analysis, domain: Domain) -> bool:
    """Whether there is a policy and it is known that it lets nobody in without a signature."""
    access = analysis.unsigned(domain)
    known = access.confidence is Confidence.CERTAIN and not access.undecided
    return any(statements_of(domain)) and known and access.reach is Reach.NOBODY


RULE = Rule(
    "OSR204",
    "anonymous-migration",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, TERRAFORM_DOMAIN),
    remedy="map the roles and turn anonymous authentication off",
)
