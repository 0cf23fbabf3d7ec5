"""Reports a collection whose key is not the one that a wider encryption policy chooses.

Where several patterns match a name, the most specific one alone counts, and it
counts when the collection is made: the key never changes afterwards. A policy for
one collection with a key that AWS owns takes it out of a policy that encrypts
everything with a key of the account. The other way round nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.serverless_create import chosen_key
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.encryption import Covering, KeyChoice
from osreach.truth import Truth
from osreach_rules.references import SERVERLESS_ENCRYPTION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each collection that a wider pattern would encrypt with another key of the account."""
    for collection in analysis.serverless.collections:
        found = _overridden(analysis, collection) if collection.defined else None
        if found is None:
            continue
        winner, wider = found
        yield Match(
            f"`{collection.address}` is encrypted as `{winner.source}` says, not with the key of `{wider.source}`",
            collection.address,
            (
                Place(winner.pattern.location, "the more specific pattern counts"),
                Place(wider.pattern.location, "the wider pattern"),
                Place(collection.location, "the collection"),
            ),
        )


def _overridden(analysis: Analysis, collection: Collection) -> tuple[Covering, Covering] | None:
    decision = chosen_key(collection, analysis.model)
    if decision.choice not in (KeyChoice.AWS_OWNED, KeyChoice.CUSTOMER) or not decision.coverings:
        return None
    winner = decision.coverings[0]
    for other in decision.coverings[1:]:
        key = other.content.key
        if other.source == winner.source or other.truth is not Truth.TRUE or key is None:
            continue
        if decision.key is None or decision.key.text != key.text:
            return winner, other
    return None


RULE = Rule(
    "OSR344",
    "overridden-encryption-key",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION,),
    remedy="give both policies the same key, or name the collection in the one that is meant",
)
