"""Who is meant to administer: known by the words that people use in names and tags."""

from __future__ import annotations

import re
from collections.abc import Iterable

from osreach.access.identity import Identity

_WORDS = re.compile(
    r"admin|break.?glass|power.?user|terraform|deploy|provision|(?<![a-z])(?:ci|cd|cicd|cdk)(?![a-z])"
    r"|git.?hub|git.?lab|jenkins|atlantis|spacelift|cloudformation|code.?(?:build|pipeline)|organizationaccount",
    re.IGNORECASE,
)


def says_administrator(text: str) -> bool:
    """Whether the name of a role, user or policy says that it administers or deploys."""
    return _WORDS.search(text) is not None


def is_administrator(identity: Identity) -> bool:
    """Whether the name, the address or a tag of the identity says so."""
    return any(map(says_administrator, (identity.name, identity.address, *identity.tags.values())))


def all_administrators(holders: Iterable[Identity]) -> bool:
    """Whether there are holders and each of them is an administrator."""
    listed = tuple(holders)
    return bool(listed) and all(map(is_administrator, listed))
