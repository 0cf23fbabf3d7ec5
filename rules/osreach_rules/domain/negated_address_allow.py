"""Reports an Allow for everybody but some addresses.

`NotIpAddress` holds for every other address, and for requests that carry no
address at all. In an Allow for every principal it opens the domain to the rest
of the internet.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.document import Effect
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.opening import address_conditions, allows_anyone
from osreach_rules.references import CONDITION_KEYS, CONDITION_OPERATORS


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each negated address condition in an Allow for everybody."""
    for found in analysis.statements:
        if found.statement.effect is not Effect.ALLOW or not allows_anyone(found):
            continue
        for condition in address_conditions(found):
            if condition.operator == "NotIpAddress":
                yield Match(
                    "this allows everybody except the listed addresses",
                    found.domain.address,
                    (
                        Place(condition.location or found.location, "the condition"),
                        analysis.domain_place(found.domain),
                    ),
                )


RULE = Rule(
    "OSR110",
    "negated-address-allow",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(CONDITION_OPERATORS, CONDITION_KEYS),
    remedy="allow a list of addresses with `IpAddress`, and use `NotIpAddress` in a Deny only",
)
