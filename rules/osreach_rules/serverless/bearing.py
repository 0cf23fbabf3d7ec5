"""Which policies of OpenSearch Serverless may be about a collection at all."""

from __future__ import annotations

from collections.abc import Iterable

from osreach.serverless.pattern import has_hole, name_matches
from osreach.serverless.policy import AccessContent, EncryptionContent, Pattern, Rule
from osreach.truth import Truth


def may_grant(contents: Iterable[AccessContent], collection: str) -> bool:
    """Whether a data access policy grants, or may grant, anybody anything on the collection or its indexes."""
    return any(
        content.partial
        or any(
            entry.partial or any(_may_mean(rule, collection) for rule in entry.rules)
            for entry in content.entries
        )
        for content in contents
    )


def may_encrypt(contents: Iterable[EncryptionContent], collection: str) -> bool:
    """Whether an encryption policy covers, or may cover, the collection."""
    return any(
        content.partial or any(_may_mean(rule, collection) for rule in content.rules) for content in contents
    )


def _may_mean(rule: Rule, collection: str) -> bool:
    return rule.partial or any(may_match(pattern, collection) for pattern in rule.resources)


def may_match(pattern: Pattern, collection: str) -> bool:
    """Whether a resource of a rule names the collection as far as is known."""
    if pattern.impossible:
        return False
    if pattern.many or has_hole(pattern.prefix):
        return True
    return name_matches(pattern.collection, collection) is not Truth.FALSE
