"""Reports a security group that lets the world, or a whole network, reach a domain.

Security groups are the only limit by address for a domain in a VPC. Only ports
80 and 443 are served. It is worse where the access policy asks nobody to sign.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.access.network import AddressRange, Exposure, IngressRule, SecurityGroup
from osreach.analysis import Analysis
from osreach.evaluate.exposure import Protection, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.addresses import is_private, network
from osreach_rules.references import SECURITY_HUB, VPC

_PORTS = (443, 80)
_WIDE_VERSION_4 = 16
_WIDE_VERSION_6 = 32
_VERSION_4 = 4


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each wide range that a security group of a domain opens on a served port."""
    for domain in analysis.domains:
        if domain.exposure is not Exposure.VPC:
            continue
        for group in domain.security_groups:
            if not isinstance(group, SecurityGroup):
                continue
            for rule in group.ingress:
                port = _served_port(rule, domain)
                for source in rule.sources if port else ():
                    if _is_wide(source):
                        yield _match(analysis, domain, rule, source)


def _served_port(rule: IngressRule, domain: Domain) -> int | None:
    """The first served port that the rule opens; 80 is served only where HTTPS is not required."""
    served = _PORTS[:1] if domain.https_only.is_certainly(value=True) else _PORTS
    return next((port for port in served if rule.opens(port)), None)


def _is_wide(source: AddressRange) -> bool:
    found = network(source.cidr) if isinstance(source.cidr, str) else None
    if found is None:
        return False
    return found.prefixlen < (_WIDE_VERSION_4 if found.version == _VERSION_4 else _WIDE_VERSION_6)


def _match(analysis: Analysis, domain: Domain, rule: IngressRule, source: AddressRange) -> Match:
    guard = protection(domain)
    unsigned = guard is Protection.OFF and analysis.unsigned(domain).witness is not None
    private = isinstance(source.cidr, str) and is_private(source.cidr)
    severity = Severity.HIGH if unsigned else None
    if guard is Protection.ON and private:
        severity = Severity.LOW
    return Match(
        f"`{rule.group}` lets `{source.cidr}` connect to `{domain.address}`",
        domain.address,
        (Place(source.location, "the range"), Place(domain.network_location, "the network of the domain")),
        severity=severity,
        principal=str(source.cidr),
    )


RULE = Rule(
    "OSR104",
    "wide-ingress",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(VPC, SECURITY_HUB),
    remedy="let in the security groups of the clients on port 443 only",
)
