"""Entries of mappings that match more than one name."""

from __future__ import annotations

import re

_EVERYONE = re.compile(r"\*+|/\.[*+]/")
_EVERY_ROLE = re.compile(
    r"arn:[^:]*:(?:iam|sts|\*):[^:]*:(?:[^:]*:)?(?:\*|(?:role|user|assumed-role)/\*)|arn:\*"
)
_ANY_ACCOUNT = re.compile(r"arn:[^:]*:(?:iam|sts|\*):[^:]*:\*.*")


def is_everyone(entry: str) -> bool:
    """Whether an entry matches every name."""
    return _EVERYONE.fullmatch(entry) is not None


def is_every_role(entry: str) -> bool:
    """Whether an entry matches every role or user of an account, or identities of any account."""
    return _EVERY_ROLE.fullmatch(entry) is not None or _ANY_ACCOUNT.fullmatch(entry) is not None


def is_wild(entry: str) -> bool:
    """Whether an entry stands for all of a kind."""
    return is_everyone(entry) or is_every_role(entry)
