"""Reports an address condition in the policy of a domain that stands in a VPC.

Policies by address cannot be applied to such domains; the service refuses them
or they do not do what they say. Security groups do that job there.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.network import Exposure
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL, VPC


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each condition on `aws:SourceIp` of a domain in a VPC."""
    for found in analysis.statements:
        if found.domain.exposure is not Exposure.VPC:
            continue
        for condition in found.statement.conditions:
            if condition.key.lower() == "aws:sourceip":
                yield Match(
                    f"`{found.domain.address}` stands in a VPC, where a condition on addresses cannot be used",
                    found.domain.address,
                    (
                        Place(condition.location or found.location, "the condition"),
                        Place(found.domain.network_location, "in a VPC"),
                    ),
                )


RULE = Rule(
    "OSR109",
    "address-condition-in-vpc",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, VPC),
    remedy="remove the condition and limit the addresses in the security groups of the domain",
)
