"""Notes a plan that writes another key into an encryption policy.

A collection keeps the key that it was made with. The policy then says one key,
and the collections that exist are encrypted with another one. This is found in
plans only (`terraform show -json`).
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import EncryptionPolicy
from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Location, Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.policy import EncryptionContent
from osreach.witness import Confidence
from osreach_rules.references import SERVERLESS_ENCRYPTION

_OWNED = "a key that AWS owns"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each policy with another key after a plan, where it is still for some of the same names."""
    for change in analysis.changed_encryption:
        before, after = change.before.content, change.after.content
        if before.partial or after.partial or not _names(before) & _names(after):
            continue
        old, new = _key(before), _key(after)
        if old != new:
            yield Match(
                f"collections that were made under `{change.after.address}` keep {_words(analysis, old)} "
                "when the plan writes another key into it",
                change.after.address,
                (Place(_location(change.after), f"the key is {_words(analysis, new)} after the plan"),),
                confidence=Confidence.POSSIBLE if has_hole(old + new) else Confidence.CERTAIN,
            )


def _names(content: EncryptionContent) -> frozenset[str]:
    """The patterns of collections."""
    return frozenset(pattern.text for rule in content.rules for pattern in rule.resources)


def _key(content: EncryptionContent) -> str:
    """The key of the account that a policy chooses, empty where AWS owns it."""
    return content.key.text if content.key is not None else ""


def _words(analysis: Analysis, key: str) -> str:
    return f"`{analysis.words(key)}`" if key else _OWNED


def _location(policy: EncryptionPolicy) -> Location:
    key, owned = policy.content.key, policy.content.aws_owned_key
    if key is not None and key.text:
        return key.location
    return owned.location if owned is not None else policy.content_location


RULE = Rule(
    "OSR360",
    "changed-collection-key",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(SERVERLESS_ENCRYPTION,),
    remedy="make a new collection under the new key and take the data there",
)
