"""Reports a domain whose key is disabled.

Without its key a domain cannot read its own data: it becomes inaccessible, and
snapshots cannot be taken of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.key_use import encrypted_domains
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ENCRYPTION_AT_REST


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain that is encrypted with a key that the code turns off."""
    for domain, key in encrypted_domains(analysis.model):
        if key.enabled.is_certainly(value=False):
            yield Match(
                f"`{domain.address}` is encrypted with `{key.address}`, which is disabled",
                domain.address,
                (
                    Place(key.enabled.location, "the key is disabled"),
                    Place(domain.encryption_key.location, "the key of the domain"),
                ),
            )


RULE = Rule(
    "OSR511",
    "disabled-key",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ENCRYPTION_AT_REST,),
    remedy="enable the key, or leave the setting out",
)
