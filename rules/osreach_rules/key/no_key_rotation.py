"""Reports a domain whose key is not rotated automatically.

The domain keeps working through an automatic rotation, while replacing its key
by hand is not supported. Key material that was imported cannot be rotated by
KMS and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.key_use import encrypted_domains
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ENCRYPTION_AT_REST, KEY_ROTATION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each key of a domain with rotation off."""
    for domain, key in encrypted_domains(analysis.model):
        symmetric = key.specification.is_certainly("SYMMETRIC_DEFAULT")
        if symmetric and key.rotation.is_certainly(value=False):
            yield Match(
                f"`{key.address}`, which encrypts `{domain.address}`, is not rotated",
                key.address,
                (
                    Place(
                        key.rotation.location, "it is off" if key.rotation.written else "it is not turned on"
                    ),
                    Place(domain.encryption_key.location, "the key of the domain"),
                ),
                principal=domain.address,
            )


RULE = Rule(
    "OSR513",
    "no-key-rotation",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(KEY_ROTATION, ENCRYPTION_AT_REST),
    remedy="turn on automatic rotation of the key",
)
