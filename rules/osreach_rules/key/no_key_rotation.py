"""Reports a domain or collections whose key is not rotated automatically.

Data stays readable through an automatic rotation, while the key of a domain cannot be
replaced by hand, and that of a collection never changes after it is made. Key material that was imported cannot be rotated by
KMS and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.encrypted import encrypted
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ENCRYPTION_AT_REST, KEY_ROTATION, SERVERLESS_ENCRYPTION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each key of a domain or of collections with rotation off."""
    for found in encrypted(analysis.model):
        key = found.key
        symmetric = key.specification.is_certainly("SYMMETRIC_DEFAULT")
        if symmetric and key.rotation.is_certainly(value=False):
            yield Match(
                f"`{key.address}`, which encrypts {found.name}, is not rotated",
                key.address,
                (
                    Place(
                        key.rotation.location, "it is off" if key.rotation.written else "it is not turned on"
                    ),
                    Place(found.location, found.chosen),
                ),
                principal=found.address,
            )


RULE = Rule(
    "OSR513",
    "no-key-rotation",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(KEY_ROTATION, ENCRYPTION_AT_REST, SERVERLESS_ENCRYPTION),
    remedy="turn on automatic rotation of the key",
)
