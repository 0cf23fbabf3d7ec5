"""Reports a role that requests without credentials hold.

The cluster gives them the user `anonymous` with a backend role of its own. What
is mapped to these, everybody who reaches the domain can do; nobody without
credentials should ever write.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.opensearch.reach import Deed, reach
from osreach.opensearch.role import Role
from osreach.opensearch.subject import ANONYMOUS_BACKEND_ROLE
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.fine_grained.content import entry_place
from osreach_rules.references import ANONYMOUS

_ANONYMOUS_USERS = frozenset({"anonymous", "opendistro_security_anonymous"})
_CHANGES = (Deed.INDEX, Deed.DELETE_DOCUMENT, Deed.CREATE_INDEX, Deed.DELETE_INDEX)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each mapping with the anonymous user or backend role, less bad where they only read or are not let in."""
    for content in analysis.clusters:
        for declared in content.mappings:
            mapping = declared.content
            entry = next(
                (
                    one
                    for one in (*mapping.backend_roles, *mapping.users)
                    if one == ANONYMOUS_BACKEND_ROLE or one in _ANONYMOUS_USERS
                ),
                None,
            )
            if entry is None or (entry in _ANONYMOUS_USERS and entry in content.cluster.users):
                continue
            yield Match(
                f"requests without credentials hold the role `{analysis.words(mapping.role)}`",
                declared.address,
                (entry_place(analysis, declared, entry, "requests without credentials"),),
                severity=Severity.MEDIUM if _is_harmless(content, mapping.role) else None,
                principal=mapping.role,
            )


def _is_harmless(content: ClusterContent, name: str) -> bool:
    if content.login.anonymous is Truth.FALSE:
        return True
    role: Role | None = content.cluster.roles.get(name)
    if role is None or role.partial:
        return False
    found = reach(role, content.cluster.groups)
    return not found.cluster and not any(found.on(deed) for deed in _CHANGES)


RULE = Rule(
    "OSR248",
    "anonymous-mapped",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(ANONYMOUS,),
    remedy="remove the anonymous user and backend role from the mapping",
)
