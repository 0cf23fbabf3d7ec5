"""Reports an address in a condition that is no address.

Such a value matches nothing: an Allow never applies, and in `NotIpAddress` it
never exempts anyone. Host bits behind the prefix are a sign of a slip.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.addresses import has_host_bits, network
from osreach_rules.references import ACCESS_CONTROL, CONDITION_OPERATORS

_OPERATORS = ("IpAddress", "NotIpAddress")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each value of an address operator that is not a valid address or network."""
    for found in analysis.statements:
        for condition in found.statement.conditions:
            if condition.operator not in _OPERATORS:
                continue
            for value in condition.values:
                if has_hole(value.text):
                    continue
                place = Place(value.location or found.location, "the value")
                if network(value.text) is None:
                    message = f"`{value.text}` is no address, so the condition never matches it"
                    yield Match(message, found.domain.address, (place, analysis.domain_place(found.domain)))
                elif has_host_bits(value.text):
                    message = f"`{value.text}` has address bits behind its prefix"
                    yield Match(
                        message,
                        found.domain.address,
                        (place, analysis.domain_place(found.domain)),
                        severity=Severity.LOW,
                        remedy=f"write `{network(value.text)}`, or the single address without a prefix",
                    )


RULE = Rule(
    "OSR107",
    "invalid-address",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL, CONDITION_OPERATORS),
    remedy="write an IPv4 or IPv6 address, or a network such as `203.0.113.0/24`",
)
