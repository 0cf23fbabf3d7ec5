"""Reports a public domain that trusts an address instead of a signature.

Whoever sends from one of the addresses needs no credentials: everyone behind
the same NAT or proxy, and everyone who can forge nothing but shares the office.
The documentation recommends a principal and an address in one statement where
fine-grained access control is off.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis, statements_of
from osreach.evaluate.exposure import Protection, Reach, is_public, protection
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.domain.addresses import is_private, is_wide
from osreach_rules.domain.opening import address_conditions, allows_anyone
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each statement that lets unsigned requests in by address."""
    for domain in analysis.domains:
        if not is_public(domain) or protection(domain) is Protection.ON:
            continue
        access = analysis.unsigned(domain)
        if access.reach is not Reach.SOME_ADDRESSES:
            continue
        for found in statements_of(domain):
            conditions = [one for one in address_conditions(found) if one.operator == "IpAddress"]
            values = [value for condition in conditions for value in condition.values]
            if not allows_anyone(found) or not values or any(is_wide(value.text) for value in values):
                continue
            if all(is_private(value.text) for value in values):
                continue
            yield Match(
                f"`{domain.address}` needs no signature from the addresses in its policy",
                domain.address,
                (
                    Place(found.location, "unsigned requests are allowed by address"),
                    analysis.domain_place(domain),
                ),
                witness=access.witness,
                confidence=access.confidence,
                principal="anonymous",
            )


RULE = Rule(
    "OSR106",
    "unsigned-access-by-address",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="put the principals and the addresses into one statement, or turn on fine-grained access control",
)
