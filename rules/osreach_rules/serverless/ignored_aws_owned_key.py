"""Reports an encryption policy that asks for two keys at once.

Where `KmsARN` is written, `AWSOwnedKey` is ignored. A policy with both says one
thing to its reader and another to the service.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_ENCRYPTION


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each such policy."""
    for policy in analysis.serverless.encryption:
        owned, key = policy.content.aws_owned_key, policy.content.key
        if owned is None or key is None or not key.text or owned.value is not Truth.TRUE:
            continue
        # A variable may be null, which leaves the key out.
        may_be_null = len(key.text) == 1 and has_hole(key.text)
        yield Match(
            f"`AWSOwnedKey` is ignored: `{policy.address}` encrypts with the key of `KmsARN`",
            policy.address,
            (Place(owned.location, "this is ignored"), Place(key.location, "the key")),
            confidence=Confidence.POSSIBLE if may_be_null else Confidence.CERTAIN,
        )


RULE = Rule(
    "OSR342",
    "ignored-aws-owned-key",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION,),
    remedy="set `AWSOwnedKey` to false, or leave out `KmsARN`",
)
