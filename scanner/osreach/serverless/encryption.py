"""With which key a collection is encrypted: the most specific pattern of the encryption policies wins.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from osreach.serverless.pattern import equal, has_hole, name_matches
from osreach.serverless.policy import EncryptionContent, Pattern, Written
from osreach.truth import Truth


class KeyChoice(StrEnum):
    """Which kind of key it is.

    `NONE`: no policy matches, so the collection cannot be created. `CONFLICT`:
    the same pattern stands in two policies, which is an error.
    """

    AWS_OWNED = "a key that AWS owns"
    CUSTOMER = "a customer's key"
    NONE = "no key"
    CONFLICT = "two policies with the same pattern"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class EncryptionBearing:
    """An encryption policy of the account and region of the collection."""

    source: str
    content: EncryptionContent
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Covering:
    """A resource of a policy that matches the collection."""

    source: str
    content: EncryptionContent
    pattern: Pattern
    truth: Truth

    @property
    def is_exact(self) -> bool:
        """Whether it names one collection only."""
        return "*" not in self.pattern.collection


@dataclass(frozen=True, slots=True)
class EncryptionDecision:
    """The key, and the patterns that match: the winner first."""

    choice: KeyChoice
    key: Written | None = None
    coverings: tuple[Covering, ...] = ()


def decide_encryption(policies: Sequence[EncryptionBearing], collection: str) -> EncryptionDecision:
    """The key of a collection for which none was given when it was created."""
    found = sorted(_coverings(policies, collection), key=_specific, reverse=True)
    partial = any(one.content.partial for one in policies)
    if not found:
        return EncryptionDecision(KeyChoice.UNKNOWN if partial else KeyChoice.NONE)
    coverings = tuple(found)
    first = found[0]
    rivals = [one for one in found[1:] if one.pattern.text == first.pattern.text]
    if rivals and any(one.source != first.source for one in rivals):
        return EncryptionDecision(KeyChoice.CONFLICT, None, coverings)
    unsure = partial or any(one.truth is not Truth.TRUE for one in found)
    choice, key = _chosen(first.content)
    if (unsure and any(_chosen(one.content) != (choice, key) for one in found)) or partial:
        return EncryptionDecision(KeyChoice.UNKNOWN, None, coverings)
    if first.truth is not Truth.TRUE:
        return EncryptionDecision(KeyChoice.UNKNOWN, key, coverings)
    return EncryptionDecision(choice, key, coverings)


def _coverings(policies: Sequence[EncryptionBearing], collection: str) -> Iterator[Covering]:
    for policy in policies:
        most = Truth.TRUE if policy.certain else Truth.UNKNOWN
        for rule in policy.content.rules:
            about = equal(rule.resource_type.text, "collection") if rule.resource_type else Truth.FALSE
            for pattern in rule.resources:
                if pattern.impossible:
                    continue
                prefix = equal(pattern.prefix, "collection")
                truth = min(most, about, prefix, name_matches(pattern.collection, collection))
                if has_hole(pattern.text) and pattern.index is None and not pattern.collection:
                    truth = min(most, about, Truth.UNKNOWN)
                if truth is not Truth.FALSE:
                    yield Covering(policy.source, policy.content, pattern, truth)


def _specific(covering: Covering) -> tuple[bool, int]:
    """A name is more specific than a prefix, a longer prefix more than a shorter."""
    return covering.is_exact, len(covering.pattern.collection.rstrip("*"))


def _chosen(content: EncryptionContent) -> tuple[KeyChoice, Written | None]:
    if content.key is not None:
        # `AWSOwnedKey` is ignored beside it
        return KeyChoice.CUSTOMER, content.key
    if content.aws_owned_key is not None and content.aws_owned_key.value is Truth.TRUE:
        return KeyChoice.AWS_OWNED, None
    return KeyChoice.UNKNOWN, None


def rival_patterns(policies: Sequence[EncryptionBearing]) -> tuple[tuple[Covering, Covering], ...]:
    """Each pair of equal resources in two policies, which is an error at deployment."""
    seen: dict[str, Covering] = {}
    found: list[tuple[Covering, Covering]] = []
    for policy in policies:
        for rule in policy.content.rules:
            for pattern in rule.resources:
                one = Covering(policy.source, policy.content, pattern, Truth.TRUE)
                if pattern.many or (len(pattern.text) == 1 and has_hole(pattern.text)):
                    continue
                first = seen.setdefault(pattern.text, one)
                if first.source != one.source:
                    found.append((first, one))
    return tuple(found)
