"""Reports a VPC endpoint to collections whose security group lets everyone in.

Its security groups are what limits who in the VPC, and in networks joined to it,
can use a VPC endpoint. An endpoint for which the code names none gets the default
group of the VPC, of which the code does not tell whom it lets in.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.network import SecurityGroup
from osreach.access.serverless import VpcEndpoint
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.domain.addresses import network
from osreach_rules.references import SERVERLESS_VPC

_HTTPS = 443


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each range that means everyone, and each endpoint without security groups."""
    for endpoint in analysis.serverless.endpoints:
        if not endpoint.defined:
            continue
        yield from _ranges(endpoint)
        if not endpoint.security_groups:
            yield Match(
                f"`{endpoint.address}` has no security group of its own, so the default group of the VPC "
                "decides who can use it",
                endpoint.address,
                (Place(endpoint.groups_location, "no group is named"),),
                confidence=Confidence.POSSIBLE,
                severity=Severity.INFO,
            )


def _ranges(endpoint: VpcEndpoint) -> Iterator[Match]:
    for group in endpoint.security_groups:
        if not isinstance(group, SecurityGroup):
            continue
        for rule in group.ingress:
            if not rule.opens(_HTTPS):
                continue
            for source in rule.sources:
                found = network(source.cidr) if isinstance(source.cidr, str) else None
                if found is not None and found.prefixlen == 0:
                    yield Match(
                        f"`{rule.group}` lets `{source.cidr}` use the VPC endpoint `{endpoint.address}`",
                        endpoint.address,
                        (
                            Place(source.location, "the range"),
                            Place(endpoint.groups_location, "the endpoint"),
                        ),
                        principal=str(source.cidr),
                    )


RULE = Rule(
    "OSR309",
    "open-collection-endpoint",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_VPC,),
    remedy="let in the security groups of the clients on port 443 only",
)
