"""Reports a domain or collections whose key is disabled.

Without its key a domain cannot read its own data: it becomes inaccessible, and
snapshots cannot be taken of it. The same holds for collections whose encryption
policy names the key, or with which it was given.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.encrypted import encrypted
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ENCRYPTION_AT_REST, SERVERLESS_ENCRYPTION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain, collection or encryption policy that is encrypted with a key that the code turns off."""
    for found in encrypted(analysis.model):
        if found.key.enabled.is_certainly(value=False):
            yield Match(
                f"{found.name} is encrypted with `{found.key.address}`, which is disabled",
                found.address,
                (
                    Place(found.key.enabled.location, "the key is disabled"),
                    Place(found.location, found.chosen),
                ),
            )


RULE = Rule(
    "OSR511",
    "disabled-key",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ENCRYPTION_AT_REST, SERVERLESS_ENCRYPTION),
    remedy="enable the key, or leave the setting out",
)
