"""Reports a grant by private address on a public endpoint.

`aws:SourceIp` holds the public address of the caller, so a condition that lists
private networks only never matches and the grant does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.exposure import is_public
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.addresses import is_private
from osreach_rules.domain.opening import address_conditions
from osreach_rules.references import CONDITION_KEYS, VPC


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each Allow on a public domain whose addresses are all private."""
    for found in analysis.statements:
        if not is_public(found.domain) or found.statement.effect is not Effect.ALLOW:
            continue
        for condition in address_conditions(found):
            values = condition.values
            if condition.operator == "IpAddress" and values and all(is_private(one.text) for one in values):
                place = Place(values[0].location or found.location, "private addresses")
                yield Match(
                    "no request to a public endpoint comes from a private address, so this grant does nothing",
                    found.domain.address,
                    (place, Place(found.domain.network_location, "a public endpoint")),
                )


RULE = Rule(
    "OSR108",
    "private-source-address",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(CONDITION_KEYS, VPC),
    remedy="list the public addresses that the clients are seen with, or move the domain into their VPC",
)
