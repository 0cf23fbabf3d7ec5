"""Variables in index patterns, document queries and tenant patterns.

Source: https://docs.opensearch.org/latest/security/access-control/document-level-security/#parameter-substitution
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from osreach.opensearch.subject import Subject

UNTOLD = chr(0xFFFFD)
"""The hole for a text of the user's that is not known; the last of the private use area, so no other's."""

_INNERMOST = re.compile(r"\$\{([^${}]*)\}")
_MOST_ROUNDS = 100


def _quoted(names: Iterable[str], *, partial: bool) -> str:
    """A list as the plugin writes it into a query: `"a","b"`."""
    return ",".join([*(f'"{name}"' for name in names), *([UNTOLD] if partial else [])])


def _values(subject: Subject, roles: Iterable[str]) -> dict[str, str]:
    values = {
        "user.name": subject.name,
        "user.roles": _quoted(subject.backend_roles, partial=subject.partial),
        "user.securityRoles": _quoted(roles, partial=subject.partial),
        **dict(subject.attributes),
    }
    # `${user_name}` is the older form of `${user.name}`.
    return values | {name.replace(".", "_"): value for name, value in values.items()}


def substituted(text: str, subject: Subject, roles: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """`text` with its variables filled in, and the names of those that do not exist (left as they are).

    A variable may have a fallback, `${attr.proxy.team:-none}`, which may be a
    variable itself. Attributes of a subject that is only partly known are holes.
    """
    if "${" not in text:
        return text, ()
    values = _values(subject, roles)
    missing: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        name, fallback, default = match[1].partition(":-")
        value = values.get(name)
        if value is not None:
            return value
        if subject.partial and name.startswith(("attr.", "attr_")):
            return UNTOLD
        if not fallback:
            missing.setdefault(name)
            return match[0]
        return default

    for _ in range(_MOST_ROUNDS):
        after = _INNERMOST.sub(fill, text)
        if after == text or missing:
            break
        text = after
    return text, tuple(missing)
