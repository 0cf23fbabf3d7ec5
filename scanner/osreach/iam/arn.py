"""Amazon Resource Names: six parts between colons, and how a pattern matches one.

A wildcard does not cross the first five colons; the last part is free text in
which `/` and `:` mean nothing. Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

A hole inside one of the first five parts stands for a text without a colon
(nobody writes two parts of an ARN with one value); a hole with which a text
begins may stand for a whole ARN.
"""

from __future__ import annotations

import re
from functools import lru_cache

from osreach.iam.document import PolicyKind
from osreach.iam.glob_match import (
    Matcher,
    expression,
    has_wildcard,
    is_everything,
    matcher,
    may_match,
    widened,
)
from osreach.iam.hole import has_hole, is_hole
from osreach.iam.note import Note
from osreach.truth import Truth, truth_of

PARTS = 6
_TYPED = frozenset({"es", "opensearch", "aoss", "osis", "kms", "iam", "sts", "lambda", "logs", "firehose"})
"""Services whose resources are written `type/name` or `type:name`."""


def _never(_: str) -> bool:
    return False


def parts_of(text: str) -> tuple[str, ...] | None:
    """The six parts, or None where there are fewer."""
    parts = text.split(":", PARTS - 1)
    return tuple(parts) if len(parts) == PARTS else None


def account_of(arn: str) -> str:
    """The account in an ARN, empty where it has none."""
    parts = arn.split(":", PARTS - 1)
    return parts[4] if len(parts) == PARTS else ""


def service_of(arn: str) -> str:
    """The service in an ARN, empty where the text is none."""
    parts = arn.split(":", PARTS - 1)
    return parts[2] if len(parts) == PARTS else ""


@lru_cache(maxsize=65536)
def six_part_matcher(pattern: str) -> Matcher:
    """Matches texts of six parts, part by part; a pattern of fewer parts matches nothing."""
    parts = pattern.split(":", PARTS - 1)
    if len(parts) < PARTS:
        return _never
    if not any(has_wildcard(part) for part in parts[:-1]):
        return matcher(pattern)
    heads = ":".join(expression(part, segment=True) for part in parts[:-1])
    return re.compile(f"{heads}:{expression(parts[-1])}", re.DOTALL).fullmatch


def shared_beginning(pattern: str, text: str) -> int:
    """How many letters up to the last hole of the literal beginning both texts share.

    Whatever these holes stand for, they are the same text in both, so that what
    follows decides alone.
    """
    shared = 0
    for position, (one, other) in enumerate(zip(pattern, text, strict=False)):
        if one != other or one in "*?":
            break
        if is_hole(one):
            shared = position + 1
    return shared


def _after_common_hole(pattern: str, text: str) -> tuple[str, str] | None:
    """What follows the last hole of the literal beginning that both texts share."""
    shared = shared_beginning(pattern, text)
    return (pattern[shared:], text[shared:]) if shared else None


def _must_match(pattern: str, text: str) -> bool:
    """Whether `text` matches whatever the holes are, for texts that have some."""
    if len(text.split(":", PARTS - 1)) == PARTS and six_part_matcher(pattern)(text):
        return True
    rest = _after_common_hole(pattern, text)
    if rest is None:
        return False
    # The part behind a common hole: what is certain there whether or not the hole holds the five colons.
    return re.compile(expression(rest[0], segment=True), re.DOTALL).fullmatch(rest[1]) is not None


@lru_cache(maxsize=65536)
def arn_matches(pattern: str, text: str) -> Truth:
    """Whether an ARN operator of a condition matches: six parts, each by itself.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    A pattern of nothing but stars is `UNKNOWN`: it is no ARN, and the page does not say.
    """
    if is_everything(pattern):
        return Truth.UNKNOWN
    if not has_hole(pattern) and not has_hole(text):
        return Truth.TRUE if six_part_matcher(pattern)(text) else Truth.FALSE
    return truth_of(_must_match(pattern, text), may_match(pattern, text))


@lru_cache(maxsize=16384)
def doubt(pattern: str) -> Note | None:
    """Why a pattern for resources is not one that AWS documents as allowed, if it is not."""
    if is_everything(pattern) or has_hole(pattern):
        return None
    parts = pattern.split(":", PARTS - 1)
    if len(parts) < PARTS:
        return Note.SHORT_ARN
    if has_wildcard(parts[2]):
        return Note.SERVICE_WILDCARD
    word = re.split(r"[/:]", parts[5], maxsplit=1)[0]
    if parts[2] in _TYPED and has_wildcard(word) and not is_everything(word):
        return Note.TYPE_WILDCARD
    return None


def completed_arn(pattern: str, kind: PolicyKind) -> str | None:
    """A pattern of fewer than six parts as one of six, or None where it matches nothing."""
    missing = PARTS - len(pattern.split(":", PARTS - 1))
    whole = pattern + ":*" * missing
    match kind:
        case PolicyKind.IDENTITY | PolicyKind.BOUNDARY | PolicyKind.SESSION:
            return whole
        case PolicyKind.RESOURCE | PolicyKind.TRUST:
            return whole if has_wildcard(pattern) else None
        case PolicyKind.SERVICE_CONTROL:
            return whole if pattern.endswith("*") else None
        case PolicyKind.RESOURCE_CONTROL:
            return None


@lru_cache(maxsize=65536)
def resource_matcher(pattern: str, kind: PolicyKind) -> Matcher:
    """Matches resources without holes against a pattern without holes.

    `*` is the resource of actions that have none; only a pattern of stars matches it.
    """
    if is_everything(pattern):
        return lambda _: True
    if len(pattern.split(":", PARTS - 1)) == PARTS:
        matches = six_part_matcher(pattern)
    else:
        completed = completed_arn(pattern, kind)
        if completed is None:
            return _never
        matches = six_part_matcher(completed)
    if matches("*"):
        return lambda text: text != "*" and matches(text)
    return matches


@lru_cache(maxsize=65536)
def resource_matches(pattern: str, resource: str, kind: PolicyKind) -> Truth:
    """Whether the `Resource` pattern covers `resource`, either with or without holes."""
    if not has_hole(pattern) and not has_hole(resource):
        return Truth.TRUE if resource_matcher(pattern, kind)(resource) else Truth.FALSE
    if is_everything(pattern):
        return Truth.TRUE
    must = _must_match(pattern, resource)
    rest = _after_common_hole(pattern, resource) or (pattern, resource)
    may = must or may_match(*rest)
    if not may and len(pattern.split(":", PARTS - 1)) < PARTS:
        completed = completed_arn(widened(pattern), kind)
        may = completed is not None and may_match(completed, resource)
    return truth_of(must, may)
