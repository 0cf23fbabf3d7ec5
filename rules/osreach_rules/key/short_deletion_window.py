"""Notes a key of a domain or of collections that is gone soon after somebody deletes it.

Without its key a domain, and every automated snapshot of it, is lost for good, and so
is a collection.
The longest waiting time, which is the default, gives most time to notice.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.encrypted import encrypted
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import ENCRYPTION_AT_REST, KEY_DELETION, SERVERLESS_ENCRYPTION

_LONGEST = 30


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each key of a domain or of collections with a shorter time than the longest."""
    for found in encrypted(analysis.model):
        key = found.key
        days = key.deletion_days.value
        if isinstance(days, str) and days.isdecimal() and int(days) < _LONGEST:
            yield Match(
                f"`{key.address}`, which encrypts {found.name}, can be gone in {days} days",
                key.address,
                (
                    Place(key.deletion_days.location, "the waiting time"),
                    Place(found.location, found.chosen),
                ),
                principal=found.address,
            )


RULE = Rule(
    "OSR512",
    "short-deletion-window",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(KEY_DELETION, ENCRYPTION_AT_REST, SERVERLESS_ENCRYPTION),
    remedy="leave the waiting time at 30 days",
)
