"""Reports a domain whose endpoint stands in the internet.

Everybody's requests reach it, even if it then refuses them. Whether a domain is
public is fixed when it is created. Less grave where fine-grained access control
is on: among the configurations that the documentation recommends is one whose
clients log in with a password over the internet.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.exposure import Protection, is_public, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED, SECURITY_HUB, VPC


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain without a VPC."""
    for domain in analysis.domains:
        if not is_public(domain):
            continue
        yield Match(
            f"the endpoint of `{domain.address}` stands in the internet",
            domain.address,
            (Place(domain.location, "no subnets are given"),),
            severity=Severity.MEDIUM if protection(domain) is Protection.ON else None,
        )


RULE = Rule(
    "OSR133",
    "public-endpoint",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SECURITY_HUB, VPC, FINE_GRAINED),
    remedy="create the domain anew in a VPC",
)
