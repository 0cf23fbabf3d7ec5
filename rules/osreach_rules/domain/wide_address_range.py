"""Reports an address condition that lets in a very wide range of the internet.

A range wider than `/16` (`/32` for version 6) is rarely one organization's own
addresses, and everyone in it can use the domain without signing in.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis, statements_of
from osreach.evaluate.exposure import Protection, Reach, is_public, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.addresses import is_wide
from osreach_rules.domain.opening import address_conditions, allows_anyone
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each wide range from which unsigned requests are answered."""
    for domain in analysis.domains:
        if not is_public(domain) or protection(domain) is Protection.ON:
            continue
        if analysis.unsigned(domain).reach is not Reach.SOME_ADDRESSES:
            continue
        for found in statements_of(domain):
            if not allows_anyone(found):
                continue
            for condition in address_conditions(found):
                for value in condition.values:
                    if condition.operator == "IpAddress" and is_wide(value.text):
                        yield Match(
                            f"`{value.text}` lets a wide range of the internet use `{domain.address}` unsigned",
                            domain.address,
                            (
                                Place(value.location or found.location, "the range"),
                                analysis.domain_place(domain),
                            ),
                            witness=analysis.unsigned(domain).witness,
                        )


RULE = Rule(
    "OSR105",
    "wide-address-range",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="list the addresses of the clients only",
)
