"""Reports a collection whose name no encryption policy of the code covers.

A collection can be created only where an encryption policy matches its name, or
a key is given with it. A deployment whose own policies are for other names fails
unless some policy outside of it happens to match. Nothing is said where the code
holds no encryption policy at all: then they are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import Collection
from osreach.analysis import Analysis
from osreach.evaluate.serverless_bearing import encryption
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_ENCRYPTION, SERVERLESS_SECURITY
from osreach_rules.serverless.bearing import may_encrypt


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such collection."""
    for collection in analysis.serverless.collections:
        own = [one for one in analysis.serverless.encryption if one.deployment == collection.deployment]
        if not collection.defined or not own or collection.faults:
            continue
        if _has_own_key(collection) or collection.group.written:
            continue
        bearing = encryption(collection, analysis.model)
        if may_encrypt((one.content for one in bearing), collection.name):
            continue
        yield Match(
            f"`{collection.address}` cannot be created: none of the code's encryption policies is for "
            f"`{analysis.words(collection.name)}`",
            collection.address,
            (
                Place(collection.name_location, "the name"),
                Place(own[0].content_location, "a policy for other names"),
            ),
            confidence=Confidence.POSSIBLE,
        )


def _has_own_key(collection: Collection) -> bool:
    """Whether a key is, or may be, given with the collection."""
    return collection.encryption_key.written or collection.aws_owned_key.may_be(value=True)


RULE = Rule(
    "OSR340",
    "no-encryption-policy",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION, SERVERLESS_SECURITY),
    remedy="add the collection to an encryption policy",
)
