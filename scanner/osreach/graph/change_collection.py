"""What a change does to one caller's access to a collection of OpenSearch Serverless.

Three things are held against each other: what data access policies grant, from
where network policies let requests in, and what IAM allows on each way in.
Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-security.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from osreach.access.serverless import Collection
from osreach.evaluate.beyond import Situation, Undecided, beyond, possibly_beyond
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.cluster_level import index_words
from osreach.evaluate.content import rewritten
from osreach.evaluate.effective import DENIED, Access, EffectiveAccess, Outcome
from osreach.evaluate.level import Level, Requests
from osreach.evaluate.serverless_bearing import network
from osreach.evaluate.serverless_edge import DATA_ACTIONS, Way, asked_on, through, way_from
from osreach.evaluate.serverless_grants import Granted, fresh_lines, further, grants_of, limits
from osreach.evaluate.serverless_network import Doors, doors_of, source_words
from osreach.evaluate.serverless_other import for_collection
from osreach.evaluate.serverless_reach import DATA, asked_of_service, collection_level
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.graph.access_change import AccessChange, Direction
from osreach.graph.cause import Former, causes, fresh_causes
from osreach.graph.comparison import Caller, Comparison
from osreach.iam.hole import is_hole
from osreach.location import Location
from osreach.serverless.network import Source
from osreach.truth import Truth

_MOST_LINES = 20
"""A rule may have a thousand resources; those that did it come first."""

_BEFORE = "whether this was allowed before is not known"
_NOT_KNOWN = "it depends on values that are not known"


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """A caller and a collection in one version."""

    effective: EffectiveAccess
    standing: Standing
    target: Target
    collection: Collection

    @property
    def doors(self) -> Doors:
        """From where the collection is reached."""
        return doors_of(self.collection, self.effective.model)


def _side(effective: EffectiveAccess, standing: Standing | None, target: Target | None) -> _Side | None:
    if standing is None or target is None or not isinstance(target.subject, Collection):
        return None
    own = for_collection(standing, target.subject, effective.model)
    return _Side(effective, own, target, target.subject)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One question to both versions."""

    caller: Caller
    target: Target
    before: Target | None
    level: Level
    requests: tuple[Requests, ...]
    comparison: Comparison
    old: _Side | None
    new: _Side | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What became of the access."""

    direction: Direction
    access: Access
    reason: str = ""


def collection_change(
    caller: Caller,
    target: Target,
    before: Target | None,
    level: Level,
    requests: tuple[Requests, ...],
    comparison: Comparison,
) -> AccessChange | None:
    """What becomes of the access at one level, None where nothing does."""
    old = _side(comparison.old.effective, caller.old, before)
    new = _side(comparison.new.effective, caller.new, target)
    asked = _Asked(caller, target, before, level, requests, comparison, old, new)
    then, now = _level(old, level, requests), _level(new, level, requests)
    found = _found(asked, then, now)
    return _made(asked, found, then, now) if found is not None else None


def _level(side: _Side | None, level: Level, requests: tuple[Requests, ...]) -> Access:
    if side is None:
        return DENIED
    return collection_level(side.effective, side.standing, side.target, level, requests)


def _found(asked: _Asked, then: Access, now: Access) -> _Found | None:
    was, is_now = then.outcome.rank > Outcome.UNKNOWN.rank, now.outcome.rank > Outcome.UNKNOWN.rank
    match then.outcome, now.outcome:
        case Outcome.DENIED, Outcome.DENIED:
            return None
        case Outcome.DENIED, Outcome.UNKNOWN:
            return _Found(Direction.UNKNOWN, now, _why(now))
        case Outcome.DENIED, _:
            return _Found(Direction.GAINED, now)
        case Outcome.UNKNOWN, Outcome.DENIED:
            return None
        case _, Outcome.DENIED:
            return _Found(Direction.LOST, then)
        case Outcome.UNKNOWN, _ if is_now:
            return _Found(Direction.UNKNOWN, now, _BEFORE)
        case _, Outcome.UNKNOWN if was:
            return _Found(Direction.UNKNOWN, now, _why(now))
        case _:
            pass
    if asked.old is None or asked.new is None:
        return None
    if asked.level not in DATA:
        return _of_service(asked, asked.old, asked.new, then, now)
    return _of_data(asked, asked.old, asked.new, then, now)


def _why(access: Access) -> str:
    return access.reason or next(iter(access.conditions), _NOT_KNOWN)


def _of_data(asked: _Asked, old: _Side, new: _Side, then: Access, now: Access) -> _Found | None:
    """What became of access to data that there was before and is now."""
    words = asked.comparison.same.words
    granted = grants_of(new.standing, new.collection, new.effective.model, asked.level, str)
    had = grants_of(old.standing, old.collection, old.effective.model, asked.level, words)
    certain = now.outcome is not Outcome.UNKNOWN
    gained = Direction.GAINED if certain else Direction.UNKNOWN
    reason = "" if certain else _why(now)
    more = further(granted, had)
    sure = tuple(one for one in more if one.truth is Truth.TRUE)
    if sure:
        return _Found(gained, _limited(now, sure, asked.level), reason)
    if more:
        return _Found(Direction.UNKNOWN, _limited(now, more, asked.level), reason or _NOT_KNOWN)
    ways = tuple(_ways(old, new, asked.comparison))
    opened = [one for one in ways if one.then.outcome is Outcome.DENIED and one.now.outcome.rank > 0]
    best = max((one.now.outcome.rank for one in opened), default=0)
    opened = [one for one in opened if one.now.outcome.rank == best]
    if opened and best >= min(now.outcome.rank, Outcome.CONDITIONAL.rank):
        return _Found(gained, _through_ways(opened, now, new), reason)
    wider = _wider(asked, ways, now)
    if wider is not None:
        return wider
    if certain and now.outcome.rank > then.outcome.rank:
        return _Found(Direction.GAINED, now)
    if not certain:
        return None
    return _less(asked, (old, new), (had, granted), ways, then)


def _less(
    asked: _Asked,
    sides: tuple[_Side, _Side],
    grants: tuple[tuple[Granted, ...], tuple[Granted, ...]],
    ways: tuple[_WayThenAndNow, ...],
    then: Access,
) -> _Found | None:
    had, granted = grants
    missing = further(had, granted)
    if missing:
        return _Found(Direction.LOST, _limited(then, missing, asked.level))
    closed = [one.reversed for one in ways if one.now.outcome is Outcome.DENIED]
    closed = [one for one in closed if one.now.outcome.rank > Outcome.UNKNOWN.rank]
    if closed:
        return _Found(Direction.LOST, _through_ways(closed, then, sides[0]))
    for situation, former, one in _situations(asked, ways):
        less = beyond(former, situation, (Requests((one.new.action,)),))
        if isinstance(less, Access):
            return _Found(Direction.LOST, replace(less, indexes=then.indexes, places=then.places))
    return None


def _limited(access: Access, grants: tuple[Granted, ...], level: Level) -> Access:
    """The access as far as these grants go."""
    indexes, words = limits(grants, level)
    places = [one.grant.pattern.location for one in grants if one.grant.pattern is not None]
    return replace(
        access,
        indexes=indexes,
        conditions=tuple(dict.fromkeys((*access.conditions, *words))),
        places=tuple(dict.fromkeys((*places, *access.places))),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _WayThenAndNow:
    """One way in, in both versions."""

    old: Way
    new: Way
    then: Access
    now: Access

    @property
    def reversed(self) -> _WayThenAndNow:
        """The way as it looks from the new version."""
        return _WayThenAndNow(self.new, self.old, self.now, self.then)


def _ways(old: _Side, new: _Side, comparison: Comparison) -> Iterator[_WayThenAndNow]:
    """Every way in of either version that can be told from others."""
    before = {_in_words(source, comparison): source for source in _sources(old.doors)}
    after = frozenset(_sources(new.doors))
    sources = {**before, **{one: _in_old_words(one, comparison) for one in after - before.keys()}}
    for now, then in sources.items():
        # That an endpoint may have an id that is written elsewhere is no reason not to tell them apart.
        fresh = now not in before and _tells_all(old.doors)
        gone = now not in after and _tells_all(new.doors)
        for action in DATA_ACTIONS:
            was = way_from(then, action, old.doors, old.standing, old.effective.model)
            is_now = way_from(now, action, new.doors, new.standing, new.effective.model)
            yield _WayThenAndNow(
                was,
                is_now,
                DENIED if fresh else through(old.effective, old.standing, old.target, was),
                DENIED if gone else through(new.effective, new.standing, new.target, is_now),
            )


def _tells_all(doors: Doors) -> bool:
    """Whether every source that is let in is written."""
    opened = doors.api
    return opened.is_private and not opened.partial and not any(one.many for one, _ in opened.endpoints)


def _sources(doors: Doors) -> Iterator[Source]:
    yield Source(internet=True)
    for opened in (doors.api, doors.dashboards):
        for written, _ in opened.endpoints:
            yield Source(endpoint=written.text)
        for written, _ in opened.services:
            yield Source(service=written.text)


def _in_words(source: Source, comparison: Comparison) -> Source:
    words = comparison.same.words
    return replace(source, endpoint=words(source.endpoint), service=words(source.service))


def _in_old_words(source: Source, comparison: Comparison) -> Source:
    """A source that only the new code knows, as the old one would call it."""
    now, then = comparison.new.effective.model.holes, comparison.old.effective.model.holes

    def text(found: str) -> str:
        return "".join(then.hole(now.expression(one)) if is_hole(one) else one for one in found)

    return replace(source, endpoint=text(source.endpoint), service=text(source.service))


def _through_ways(ways: list[_WayThenAndNow], access: Access, side: _Side) -> Access:
    """The access by these ways only."""
    first = ways[0].now
    sources = dict.fromkeys(one.new.source for one in ways if one.new.source is not None)
    words = " or ".join(source_words(one, side.effective.model) for one in sources)
    return replace(
        first,
        witness=first.witness or access.witness,
        conditions=tuple(dict.fromkeys((f"the request comes {words}", *first.conditions))),
        indexes=access.indexes,
        places=tuple(dict.fromkeys((*(place for one in ways for place in one.now.places), *access.places))),
    )


def _wider(asked: _Asked, ways: tuple[_WayThenAndNow, ...], now: Access) -> _Found | None:
    """What IAM allows now and did not on a way that there was before."""
    undecided = ""
    for situation, former, one in _situations(asked, ways):
        requests = (Requests((one.new.action,)),)
        more = beyond(situation, former, requests)
        if isinstance(more, Access):
            known = now.outcome is not Outcome.UNKNOWN
            direction = Direction.GAINED if known else Direction.UNKNOWN
            shown = replace(more, indexes=now.indexes, places=now.places)
            return _Found(direction, shown, "" if known else _why(now))
        if isinstance(more, Undecided):
            undecided = more.reason
        elif now.outcome is Outcome.UNKNOWN:
            possible = possibly_beyond(situation, former, requests)
            if isinstance(possible, Access):
                return _Found(Direction.UNKNOWN, possible, _why(now))
    return _Found(Direction.UNKNOWN, now, undecided) if undecided else None


def _situations(
    asked: _Asked, ways: tuple[_WayThenAndNow, ...]
) -> Iterator[tuple[Situation, Situation, _WayThenAndNow]]:
    """What IAM is asked on each way that both versions have, where its policies are not what they were."""
    old, new, comparison = asked.old, asked.new, asked.comparison
    if old is None or new is None or new.standing.identity is None:
        return
    before, after = comparison.before, comparison.after
    same = before.standing(old.standing) == after.standing(new.standing) and before.of(
        old.collection.tags
    ) == after.of(new.collection.tags)
    for one in ways:
        if Outcome.DENIED in {one.then.outcome, one.now.outcome}:
            continue
        was, is_now = one.old.circumstances, one.new.circumstances
        if same and before.of(was.endpoint) == after.of(is_now.endpoint):
            continue
        target = asked_on(new.target, one.new)
        situation = Situation(new.standing, target, new.effective.model, is_now)
        former = comparison.situation(new.standing, target, old.standing, asked_on(old.target, one.old))
        documents = tuple(rewritten(document, comparison.same.words) for document in was.endpoint)
        yield situation, replace(former, circumstances=Circumstances(is_now.given, endpoint=documents)), one


def _of_service(asked: _Asked, old: _Side, new: _Side, then: Access, now: Access) -> _Found | None:
    """Access to the service's own API that there was before and is now; IAM alone decides it."""
    target = asked_of_service(new.target, asked.level, asked.requests)
    situation = Situation(new.standing, target, new.effective.model)
    before = asked_of_service(old.target, asked.level, asked.requests)
    former = asked.comparison.situation(new.standing, target, old.standing, before)
    more = beyond(situation, former, asked.requests)
    was = now.outcome is not Outcome.UNKNOWN
    if isinstance(more, Access):
        return _Found(Direction.GAINED if was else Direction.UNKNOWN, more, "" if was else _why(now))
    if isinstance(more, Undecided):
        return _Found(Direction.UNKNOWN, now, more.reason)
    if not was:
        possible = possibly_beyond(situation, former, asked.requests)
        return _Found(Direction.UNKNOWN, possible, _why(now)) if isinstance(possible, Access) else None
    if now.outcome.rank > then.outcome.rank:
        return _Found(Direction.GAINED, now)
    less = beyond(former, situation, asked.requests)
    return _Found(Direction.LOST, less) if isinstance(less, Access) else None


def _made(asked: _Asked, found: _Found, then: Access, now: Access) -> AccessChange:
    access = found.access
    if found.direction is Direction.LOST:
        statements = (one.location for one in access.because if one.location is not None)
        locations = (*access.places, *statements) if asked.level in DATA else tuple(statements)
    else:
        locations = tuple(_lines(asked, access))
    return AccessChange(
        found.direction,
        (asked.caller.one,),
        asked.target,
        asked.level,
        then.outcome,
        now.outcome,
        replace(access, conditions=(*access.conditions, *index_words({asked.level: access}))),
        tuple(dict.fromkeys(one for one in locations if one.path))[:_MOST_LINES],
        asked.level in DATA and found.direction is Direction.GAINED and not access.indexes,
        found.reason,
    )


def _lines(asked: _Asked, access: Access) -> Iterator[Location]:
    """The lines of the new code that did it, then the others that it takes."""
    new, comparison = asked.new, asked.comparison
    if new is None:
        return
    former = Former(asked.caller.old, asked.before, comparison.before, comparison.after)
    if asked.level in DATA:
        yield from _data_lines(asked, new)
        yield from _network_lines(asked, new)
    yield from fresh_causes(access, asked.caller.one, asked.target, former)
    yield from access.places
    yield from causes(access, asked.caller.one, asked.target)


def _data_lines(asked: _Asked, new: _Side) -> Iterator[Location]:
    old, words = asked.old, asked.comparison.same.words
    model = asked.comparison.old.effective.model
    granted = grants_of(new.standing, new.collection, new.effective.model, asked.level, str)
    former = (old.standing, old.collection, model) if old is not None else None
    subject = asked.before.subject if asked.before is not None else None
    every = (subject, model) if isinstance(subject, Collection) else None
    yield from fresh_lines(granted, former, every, words)


def _network_lines(asked: _Asked, new: _Side) -> Iterator[Location]:
    """Where network policies let in what they did not: a collection, everyone, an endpoint or a service."""
    words = asked.comparison.same.words
    subject = asked.before.subject if asked.before is not None else None
    patterns: set[str] = set()
    public, listed = False, set[str]()
    if isinstance(subject, Collection):
        model = asked.comparison.old.effective.model
        for policy in network(subject, model):
            for entry in policy.content.entries:
                patterns |= {words(one.text) for rule in entry.rules for one in rule.resources}
        opened = doors_of(subject, model).api
        public = opened.public is Truth.TRUE
        listed = {words(one.text) for one, _ in (*opened.endpoints, *opened.services)}
    for one in new.doors.api.openings:
        if one.entry is None:
            continue
        if one.entry.public.value is Truth.TRUE:
            fresh = [] if public else [one.entry.public.location]
        else:
            written = (*one.entry.endpoints, *one.entry.services)
            fresh = [each.location for each in written if each.text not in listed]
        if fresh and one.pattern is not None and one.pattern.text not in patterns:
            yield one.pattern.location
        yield from fresh
