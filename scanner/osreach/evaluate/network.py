"""Whether a request can reach the endpoint of a domain at all.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from osreach.access.domain import Domain
from osreach.access.network import Exposure, IngressRule, SecurityGroup
from osreach.evaluate.layer import Answer, Because, LayerAnswer, LayerName
from osreach.value import Unknown

_HTTPS = 443


def network_answer(domain: Domain, source: str | None) -> LayerAnswer:
    """What the network says to a request from the address `source`, None where it is not given."""
    here = (Because(domain.address, "", domain.network_location),)
    match domain.exposure:
        case Exposure.PUBLIC:
            return LayerAnswer(LayerName.NETWORK, Answer.ALLOWED, "the endpoint stands in the internet", here)
        case Exposure.UNKNOWN:
            reason = "whether the endpoint stands in a VPC is not known"
            return LayerAnswer(LayerName.NETWORK, Answer.UNKNOWN, reason, here)
        case Exposure.VPC:
            return _in_vpc(domain, source)


def _in_vpc(domain: Domain, source: str | None) -> LayerAnswer:
    known = [group for group in domain.security_groups if isinstance(group, SecurityGroup)]
    rules = [rule for group in known for rule in group.ingress if rule.opens(_HTTPS)]
    letting = [rule for rule in rules if source is None or _lets_in(rule, source)]
    if letting:
        rule = letting[0]
        reason = "the endpoint stands in a VPC and a security group lets connections to port 443 in"
        because = (Because(rule.group, "", rule.location),)
        return LayerAnswer(LayerName.NETWORK, Answer.ALLOWED, reason, because)
    here = (Because(domain.address, "", domain.network_location),)
    unsure = not known or len(known) < len(domain.security_groups) or _has_unknown(known)
    if unsure or (source is not None and any(not rule.sources for rule in rules)):
        reason = "the endpoint stands in a VPC and which connections its security groups let in is not known"
        return LayerAnswer(LayerName.NETWORK, Answer.UNKNOWN, reason, here)
    whom = "connections" if source is None else f"`{source}`"
    reason = f"no rule of the security groups lets {whom} in to port 443"
    return LayerAnswer(LayerName.NETWORK, Answer.IMPLICIT_DENY, reason, here)


def _lets_in(rule: IngressRule, source: str) -> bool:
    for one in rule.sources:
        if isinstance(one.cidr, Unknown):
            continue
        try:
            if ip_address(source) in ip_network(one.cidr, strict=False):
                return True
        except ValueError:
            continue
    return False


def _has_unknown(groups: list[SecurityGroup]) -> bool:
    return any(
        isinstance(rule.protocol, Unknown)
        or not rule.ports_known
        or any(isinstance(one.cidr, Unknown) for one in rule.sources)
        for group in groups
        for rule in group.ingress
    )
