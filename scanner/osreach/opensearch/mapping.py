"""Which identities hold which roles.

Any one of `users`, `backend_roles` and `hosts` is enough; of
`and_backend_roles` all must be there. Entries may be patterns.

Sources: https://docs.opensearch.org/latest/security/access-control/api/#create-role-mapping,
`ConfigurableRoleMapper` of the Security plugin, and for ARNs
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from osreach.location import Location
from osreach.opensearch.pattern import has_hole, matches
from osreach.opensearch.subject import ANONYMOUS_BACKEND_ROLE, Subject
from osreach.truth import Truth, all_of, any_of

_SESSION = re.compile(r"arn:(?P<rest>[^:]*:)sts::(?P<account>[^:]*):assumed-role/(?P<name>[^/]+)(/.*)?")
_ROLE = re.compile(r"arn:(?P<rest>[^:]*:)iam::(?P<account>[^:]*):role/(?P<path>(?:[^/]+/)*)(?P<name>[^/]+)")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Who holds one role; `partial` says that there may be more entries than are written here."""

    role: str
    users: tuple[str, ...] = ()
    backend_roles: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    and_backend_roles: tuple[str, ...] = ()
    partial: bool = False
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a subject holds, or may hold, and the entry that says so (`all_access`, `users: admin`)."""

    role: str
    truth: Truth
    entry: str
    location: Location | None = None


def _similar_role(entry: str, name: str) -> bool:
    """Whether an entry names the role `name` in a form of which nobody documents whether it matches.

    A session of a role (`arn:aws:sts::1:assumed-role/x/session`) and a role
    without its path are such forms.
    """
    role = _ROLE.fullmatch(name)
    if role is None or entry == name:
        return False
    session = _SESSION.fullmatch(entry)
    if session is not None:
        return (session["account"], session["name"]) == (role["account"], role["name"])
    other = _ROLE.fullmatch(entry)
    return (
        other is not None
        and (other["account"], other["name"]) == (role["account"], role["name"])
        and "" in {other["path"], role["path"]}
    )


def _entry_matches(entry: str, names: tuple[str, ...]) -> Truth:
    found = any_of(matches(entry, name) for name in names)
    if found is Truth.FALSE and any(_similar_role(entry, name) for name in names):
        return Truth.UNKNOWN
    return found


def holds(mapping: Mapping, subject: Subject, *, in_vpc: bool | None = None) -> Held | None:
    """How the mapping gives its role to the subject, None where it does not.

    With `in_vpc` the `hosts` of a mapping do nothing; where that is not known
    they may. A subject whose address is not known may come from any host.
    """
    best: Held | None = None

    def offer(truth: Truth, entry: str) -> None:
        nonlocal best
        if truth is not Truth.FALSE and (best is None or truth > best.truth):
            best = Held(mapping.role, truth, entry, mapping.location)

    for entry in mapping.users:
        offer(_entry_matches(entry, (subject.name,)), f"users: {entry}")
    for entry in mapping.backend_roles:
        offer(_entry_matches(entry, subject.backend_roles), f"backend_roles: {entry}")
    if mapping.and_backend_roles:
        every = all_of(matches_any_of(entry, subject.backend_roles) for entry in mapping.and_backend_roles)
        offer(every, f"and_backend_roles: {', '.join(mapping.and_backend_roles)}")
    if not in_vpc:
        for entry in mapping.hosts:
            truth = Truth.UNKNOWN if subject.address is None else matches(entry, subject.address)
            if truth is Truth.FALSE and not _is_address(entry):
                truth = Truth.UNKNOWN
            offer(min(truth, Truth.TRUE if in_vpc is False else Truth.UNKNOWN), f"hosts: {entry}")
    if subject.partial and (mapping.backend_roles or mapping.and_backend_roles):
        offer(Truth.UNKNOWN, "backend roles that are not known")
    if mapping.partial:
        offer(Truth.UNKNOWN, "entries that are not known")
    return best


def matches_any_of(entry: str, names: tuple[str, ...]) -> Truth:
    """Whether one of `names` matches the pattern `entry`."""
    return any_of(matches(entry, name) for name in names)


def _is_address(entry: str) -> bool:
    """Whether a host entry is an address or a pattern of addresses rather than a host name."""
    return not has_hole(entry) and re.fullmatch(r"[0-9a-fA-F:.*?/]+", entry) is not None


def mapped_roles(
    mappings: tuple[Mapping, ...], subject: Subject, *, in_vpc: bool | None = None
) -> tuple[Held, ...]:
    """Every role that the subject holds or may hold, each once, surest first, then by name."""
    found: dict[str, Held] = {
        role: Held(role, Truth.TRUE, "roles of the user itself") for role in subject.security_roles
    }
    for mapping in mappings:
        held = holds(mapping, subject, in_vpc=in_vpc)
        known = found.get(mapping.role)
        if held is not None and (known is None or held.truth > known.truth):
            found[mapping.role] = held
    return tuple(sorted(found.values(), key=lambda held: (-held.truth, held.role)))


def master_mappings(
    *, user: str = "", backend_role: str = "", location: Location | None = None
) -> tuple[Mapping, ...]:
    """What makes somebody a master user: the roles `all_access` and `security_manager`, both.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html#fgac-master-user
    """
    users = (user,) if user else ()
    backend_roles = (backend_role,) if backend_role else ()
    return tuple(
        Mapping(role, users, backend_roles, location=location) for role in ("all_access", "security_manager")
    )


def migration_mapping(location: Location | None = None) -> Mapping:
    """What holds during the migration period: requests without credentials keep their access.

    The documentation says neither by which role nor what exactly stays open.
    `default_role`, of which the content is not published either, stands for it.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html#fgac-enabling-existing
    """
    return Mapping("default_role", backend_roles=(ANONYMOUS_BACKEND_ROLE,), location=location)
