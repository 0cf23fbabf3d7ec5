"""Reports a policy that leaves encryption in transit to `aws:SecureTransport`.

Older guides call the key unsupported in domain policies, the current one
supports it. Requiring HTTPS on the endpoint holds in any case.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ACCESS_CONTROL


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each condition on `aws:SecureTransport`; worse where the endpoint takes plain HTTP."""
    for found in analysis.statements:
        plain = found.domain.https_only.is_certainly(value=False)
        for condition in found.statement.conditions:
            if condition.key.lower() != "aws:securetransport":
                continue
            message = (
                "HTTPS is required by this condition only"
                if plain
                else "`aws:SecureTransport` adds nothing here"
            )
            yield Match(
                message,
                found.domain.address,
                (
                    Place(condition.location or found.location, "the condition"),
                    Place(found.domain.https_only.location, "the setting of the endpoint"),
                ),
                severity=Severity.MEDIUM if plain else None,
            )


RULE = Rule(
    "OSR119",
    "secure-transport-condition",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(ACCESS_CONTROL,),
    remedy="require HTTPS on the endpoint of the domain and keep the condition as a second line of defence",
)
