"""Levels of access to the data of a cluster with fine-grained access control, index by index.

A level is open on an index where some request of that level passes the access
policy and is permitted inside. Sources:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html and
https://docs.opensearch.org/latest/security/access-control/permissions/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from osreach.access.cluster import ClusterContent
from osreach.access.domain import Domain
from osreach.evaluate.cluster import INSIDE, cluster_for, dashboards_of, is_in_browser, sent_of
from osreach.evaluate.cluster_insider import EVERY_INDEX, Insider, content_at, insider_of
from osreach.evaluate.cluster_login import CONSOLE_ACTION, console_of
from osreach.evaluate.cluster_means import DATA, MEANS, POST, PUT, Means
from osreach.evaluate.effective import DENIED, Access, EffectiveAccess, Outcome
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.level import Level, Requests
from osreach.evaluate.restriction import Restriction, restriction_of
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.location import Location
from osreach.opensearch.authentication import Refusal
from osreach.opensearch.body import SECURITY_INDEX
from osreach.opensearch.decision import Check, Verdict, check_needs, decide
from osreach.opensearch.escalation import NEEDS, Way
from osreach.opensearch.grant import NOT_KNOWN
from osreach.opensearch.index import Every, Name
from osreach.opensearch.index import Target as Indexes
from osreach.opensearch.need import Need, is_cluster_action
from osreach.opensearch.pattern import covers, is_regular_expression, is_wildcard
from osreach.opensearch.predefined import Engine
from osreach.opensearch.route import recognise
from osreach.opensearch.view import view
from osreach.truth import Truth, all_of
from osreach.words import first_few

_MOST_PATTERNS = 40
"""Of somebody with more patterns of indexes the access policy is not asked about each."""


@dataclass(frozen=True, slots=True)
class IndexAccess:
    """The levels of one pattern of indexes, and what is seen of it."""

    pattern: str
    levels: Mapping[Level, Access]
    seen: Restriction


def _unknown(found: Access, reason: str = INSIDE) -> Access:
    conditions = tuple(dict.fromkeys((*found.conditions, reason, INSIDE)))
    return replace(found, outcome=Outcome.UNKNOWN, conditions=conditions)


def data_level(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    level: Level,
    requests: tuple[Requests, ...],
) -> Access:
    """The access of the caller to the data of a domain, as far as network aside every layer lets it."""
    domain = target.subject
    edge = effective.of(standing, target, requests)
    if not isinstance(domain, Domain):
        return edge
    state = protection(domain)
    if state in {Protection.OFF, Protection.MIGRATING}:
        return edge
    in_browser = is_in_browser(standing)
    if edge.outcome is Outcome.DENIED and not in_browser:
        return edge
    content = content_at(effective, target)
    if content is None:
        return _unknown(edge)
    inside = insider_of(standing, content, effective, target)
    if isinstance(inside, Refusal):
        return DENIED if inside.truth is Truth.FALSE and state is Protection.ON else _unknown(edge)
    if all("*" not in path and path for group in requests for path in group.paths):
        found = _of_requests(effective, standing, target, requests, inside)
    else:
        found = _of_level(effective, standing, target, level, requests, inside)
    if found.outcome is Outcome.DENIED and (content.cluster.mappings_partial or state is not Protection.ON):
        return _unknown(edge)
    return found


def _target(pattern: str) -> Indexes:
    return Every(pattern, (SECURITY_INDEX,)) if is_wildcard(pattern) else Name(pattern)


def _needs(means: Means, pattern: str) -> tuple[Need, ...]:
    return tuple(
        Need(action) if is_cluster_action(action) else Need(action, (_target(pattern),))
        for action in means.needs
    )


def _in_path(template: str, pattern: str) -> str:
    """A path with the indexes in it, as a pattern; `*` for what no such pattern can say."""
    return template.replace("{index}", EVERY_INDEX if is_regular_expression(pattern) else pattern)


def _edge_requests(
    standing: Standing, means: Means, pattern: str, content: ClusterContent
) -> tuple[Requests, ...]:
    if is_in_browser(standing):
        path = console_of(content)
        return (Requests((CONSOLE_ACTION,), (path,), (path,)),)
    paths = tuple(_in_path(template, pattern) for template in means.paths)
    example = _in_path(means.likely, pattern).replace("*", "x" if pattern != EVERY_INDEX else "movies")
    return (Requests(means.actions, paths, (example.replace("?", "x"),)),)


def _both(edge: Access, checks: tuple[Check, ...]) -> Access:
    truth = all_of(check.truth for check in checks)
    if truth is Truth.FALSE or edge.outcome is Outcome.DENIED:
        return DENIED
    grants = [check.grant for check in checks if check.grant is not None]
    places = tuple(dict.fromkeys(one.location for one in grants if one.location is not None))
    found = replace(edge, places=places)
    if truth is Truth.TRUE:
        return found
    unsure = next(check for check in checks if check.truth is Truth.UNKNOWN)
    because = unsure.because
    if unsure.grant is not None and unsure.grant.permission == NOT_KNOWN:
        because = f"what the role `{unsure.grant.role}` permits is not known"
    elif unsure.grant is not None and unsure.grant.truth is Truth.UNKNOWN:
        because = f"whether the role `{unsure.grant.role}` is mapped to the caller is not known"
    return _unknown(found, because)


def _on_pattern(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    level: Level,
    actions: frozenset[str],
    inside: Insider,
    pattern: str,
) -> Access:
    """The best that the caller can get on a pattern of indexes."""
    best = DENIED
    cluster = inside.content.cluster
    for means in MEANS[level]:
        used = tuple(action for action in means.actions if action.lower() in actions)
        if not used:
            continue
        checks = check_needs(cluster, inside.subject, inside.held, _needs(means, pattern))
        if any(check.truth is Truth.FALSE or _is_elsewhere(check) for check in checks):
            continue
        wanted = _edge_requests(standing, replace(means, actions=used), pattern, inside.content)
        if len(inside.patterns) > _MOST_PATTERNS:
            wanted = (Requests(used, ("/*",), (wanted[0].likely[0],)),)
        found = _both(effective.of(standing, target, wanted), checks)
        if found.outcome is Outcome.ALLOWED:
            return replace(found, places=_with_mappings(found.places, checks, inside))
        if found.outcome.rank > best.outcome.rank:
            best = replace(found, places=_with_mappings(found.places, checks, inside))
    return best


def _is_elsewhere(check: Check) -> bool:
    """Whether all that is permitted are indexes of other clusters (`*:.tasks`), which a wildcard here cannot mean."""
    return check.truth is Truth.UNKNOWN and bool(check.indexes) and all(":" in one for one in check.indexes)


def _with_mappings(
    places: tuple[Location, ...], checks: tuple[Check, ...], inside: Insider
) -> tuple[Location, ...]:
    """The places of permissions and of the mappings that give their roles."""
    roles = {check.grant.role for check in checks if check.grant is not None}
    entries = (one.location for one in inside.held if one.role in roles and one.location is not None)
    return tuple(dict.fromkeys((*places, *entries)))


def _lowered(requests: tuple[Requests, ...]) -> frozenset[str]:
    return frozenset(action.lower() for group in requests for action in group.actions)


def _of_level(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    level: Level,
    requests: tuple[Requests, ...],
    inside: Insider,
) -> Access:
    actions = _lowered(requests)
    found = [
        (pattern, access)
        for pattern in inside.patterns
        if (access := _on_pattern(effective, standing, target, level, actions, inside, pattern)).outcome
        is not Outcome.DENIED
    ]
    if not found:
        return DENIED
    best = max((access for _, access in found), key=lambda access: access.outcome.rank)
    indexes = tuple(pattern for pattern, access in found if access.outcome is best.outcome)
    places = tuple(dict.fromkeys(place for _, access in found for place in access.places))
    if EVERY_INDEX in indexes:
        return replace(best, places=places)
    return replace(best, places=places, indexes=indexes)


_MOST_NAMED = 6


def index_words(levels: Mapping[Level, Access]) -> tuple[str, ...]:
    """Conditions that say on which indexes which levels are open, where not on all: `index in movies (read)`."""
    found: dict[tuple[str, ...], list[str]] = {}
    for level, access in levels.items():
        if access.indexes:
            found.setdefault(access.indexes, []).append(level.value)
    return tuple(
        f"index in {first_few(patterns, _MOST_NAMED)} ({', '.join(names)})"
        for patterns, names in found.items()
    )


def _of_requests(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    requests: tuple[Requests, ...],
    inside: Insider,
) -> Access:
    """The access to requests that are told to the last letter."""
    best = DENIED
    cluster = cluster_for(inside.content, inside.subject)
    for group in requests:
        for action in group.actions:
            for path in group.paths:
                sent = sent_of(action, path)
                if sent is None:
                    continue
                asked = Requests((action,), (path,), (path,))
                if is_in_browser(standing):
                    console = console_of(inside.content)
                    asked = Requests((CONSOLE_ACTION,), (console,), (console,))
                edge = effective.of(standing, target, (asked,))
                request = recognise(sent.method, sent.path, None, cluster.version.engine)
                decision = decide(cluster, inside.subject, request)
                if decision.verdict is Verdict.UNKNOWN and edge.outcome is not Outcome.DENIED:
                    found = _unknown(edge, decision.because)
                elif decision.verdict is Verdict.ALLOWED:
                    found = _both(edge, decision.checks)
                else:
                    found = DENIED
                if found.outcome.rank > best.outcome.rank:
                    best = found
    return best


def index_access(
    effective: EffectiveAccess,
    standing: Standing,
    target: Target,
    wanted: Mapping[Level, tuple[Requests, ...]],
) -> tuple[IndexAccess, ...]:
    """The levels of each pattern of indexes, where fine-grained access control limits; else nothing."""
    domain = target.subject
    if not isinstance(domain, Domain) or protection(domain) not in {Protection.ON, Protection.UNKNOWN}:
        return ()
    content = content_at(effective, target)
    if content is None:
        return ()
    inside = insider_of(standing, content, effective, target)
    if isinstance(inside, Refusal):
        return ()
    found = []
    for pattern in inside.patterns:
        levels = {
            level: _on_pattern(effective, standing, target, level, _lowered(requests), inside, pattern)
            for level, requests in wanted.items()
            if level in DATA
        }
        if any(access.outcome is not Outcome.DENIED for access in levels.values()):
            seen = Restriction(pattern)
            if levels.get(Level.READ, DENIED).outcome is not Outcome.DENIED:
                rest = is_wildcard(pattern)
                seen = restriction_of(view(content.cluster, inside.subject, inside.held, pattern, rest=rest))
            found.append(IndexAccess(pattern, levels, seen))
    whole = [one for one in found if one.pattern == EVERY_INDEX]
    if len(found) == 1 and whole and not whole[0].seen.limits:
        return ()
    return tuple(_distinct(found))


def _distinct(found: list[IndexAccess]) -> Iterator[IndexAccess]:
    """Without those that a wider pattern already covers with the same levels and the same view."""
    for one in found:
        if not any(_is_within(one, other) for other in found if other is not one):
            yield one


def _is_within(one: IndexAccess, other: IndexAccess) -> bool:
    return (
        covers((other.pattern,), one.pattern) is Truth.TRUE
        and covers((one.pattern,), other.pattern) is not Truth.TRUE
        and all(
            access.outcome.rank <= other.levels[level].outcome.rank for level, access in one.levels.items()
        )
        and replace(one.seen, index="", roles=()) == replace(other.seen, index="", roles=())
    )


_SECURITY_WAYS = (
    Way.MAPS_ROLES,
    Way.CHANGES_ROLES,
    Way.CHANGES_USERS,
    Way.CHANGES_GROUPS,
    Way.CHANGES_CONFIGURATION,
)
_SECURITY_API = {
    Engine.OPENSEARCH: "/_plugins/_security/api/",
    Engine.ELASTICSEARCH: "/_opendistro/_security/api/",
}


def administration(effective: EffectiveAccess, standing: Standing, target: Target) -> Access:
    """Whether the caller can certainly change who has access inside the cluster, by its security API.

    Source: https://docs.opensearch.org/latest/security/access-control/api/
    """
    domain = target.subject
    if not isinstance(domain, Domain) or protection(domain) not in {Protection.ON, Protection.MIGRATING}:
        return DENIED
    content = content_at(effective, target)
    if content is None:
        return DENIED
    inside = insider_of(standing, content, effective, target)
    if isinstance(inside, Refusal) or not inside.held:
        return DENIED
    for way in _SECURITY_WAYS:
        checks = check_needs(content.cluster, inside.subject, inside.held, NEEDS[way])
        if all_of(check.truth for check in checks) is Truth.TRUE:
            api = _SECURITY_API[content.cluster.version.engine]
            asked = Requests((PUT, "es:ESHttpPatch", POST), (f"{api}*",), (f"{api}rolesmapping/all_access",))
            if is_in_browser(standing):
                start = dashboards_of(content)
                asked = Requests((CONSOLE_ACTION,), (f"{start}/*",), (f"{start}/api/v1/configuration/roles",))
            edge = effective.of(standing, target, (asked,))
            found = _both(edge, checks)
            return replace(found, places=_with_mappings(found.places, checks, inside))
    return DENIED
