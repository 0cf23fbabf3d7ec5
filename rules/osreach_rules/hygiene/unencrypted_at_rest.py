"""Reports a domain that does not encrypt its data at rest.

Indexes, logs, swap files and automated snapshots are then stored in the clear.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ENCRYPTION_AT_REST, SECURITY_HUB


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with the setting off."""
    for domain in analysis.domains:
        setting = domain.encrypted_at_rest
        if setting.is_certainly(value=False):
            yield Match(
                f"data of `{domain.address}` is not encrypted at rest",
                domain.address,
                (Place(setting.location, "it is off" if setting.written else "it is not turned on"),),
            )


RULE = Rule(
    "OSR701",
    "unencrypted-at-rest",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(ENCRYPTION_AT_REST, SECURITY_HUB),
    remedy="turn on encryption at rest",
)
