"""Names of groups that everyone is in."""

from __future__ import annotations

import re

_EVERYONES = frozenset(
    {
        "all",
        "allemployees",
        "allstaff",
        "allusers",
        "authenticated",
        "authenticatedusers",
        "domainusers",
        "employee",
        "employees",
        "everybody",
        "everyone",
        "staff",
        "user",
        "users",
    }
)


def is_everyones_group(entry: str) -> bool:
    """Whether a backend role is called as a group that everyone is in: exactly, but for case and blanks."""
    return re.sub(r"[\s_-]", "", entry).lower() in _EVERYONES
