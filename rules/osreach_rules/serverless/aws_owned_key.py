"""Notes collections that are encrypted with a key that AWS owns.

Such a key costs nothing and cannot be switched off, watched or limited. Where an
organization asks for keys of its own, the key has to be chosen before the
collection is made: it never changes afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.references import SERVERLESS_ENCRYPTION

_MESSAGE = "collections of `{}` are encrypted with a key that AWS owns, not with one of the account"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each encryption policy, and each collection, that chooses such a key."""
    for policy in analysis.serverless.encryption:
        content = policy.content
        owned = content.aws_owned_key
        if owned is None or owned.value is not Truth.TRUE or content.key is not None or content.partial:
            continue
        yield Match(
            _MESSAGE.format(policy.address),
            policy.address,
            (Place(owned.location, "the key"),),
        )
    for collection in analysis.serverless.collections:
        if collection.aws_owned_key.is_certainly(value=True) and not collection.encryption_key.written:
            yield Match(
                f"`{collection.address}` is encrypted with a key that AWS owns, not with one of the account",
                collection.address,
                (Place(collection.aws_owned_key.location, "the key"),),
            )


RULE = Rule(
    "OSR341",
    "aws-owned-key",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION,),
    remedy="name a key of the account as `KmsARN`",
)
