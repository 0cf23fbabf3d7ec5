"""What a change of the code does to access: who gains what, who loses what, and what cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from osreach.access.domain import Domain
from osreach.access.model import Model
from osreach.access.network import Exposure
from osreach.evaluate.beyond import Situation, Undecided, beyond, possibly_beyond, reaches_all
from osreach.evaluate.cluster_level import index_access, index_words
from osreach.evaluate.effective import DENIED, Access, Outcome
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.level import LEVELS, Level, Requests
from osreach.evaluate.reach import INSIDE, level_of
from osreach.evaluate.serverless_reach import collection_callers
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind
from osreach.graph.access_change import AccessChange, Direction
from osreach.graph.cause import Former, causes
from osreach.graph.change_collection import collection_change
from osreach.graph.change_seen import Seen, SeenChange, seen_change
from osreach.graph.comparison import Caller, Comparison
from osreach.graph.who import Reachability, outsiders
from osreach.iam.request import Anonymous
from osreach.location import Location
from osreach.opensearch.pattern import covers
from osreach.truth import Truth

Concerns = Callable[[Model], Iterable[Target]]
"""The resources of a model that a comparison looks at."""


def changes(comparison: Comparison, concerns: Concerns) -> tuple[AccessChange, ...]:
    """Everything that direct access gained or lost, resources in the order of the code.

    `concerns` gives the resources of a model that are looked at.
    """
    found: list[AccessChange] = []
    same = comparison.same
    for target in concerns(comparison.new.effective.model):
        found += _of_target(target, same.targets.get(target.key), comparison)
    kept = {one.key for one in same.targets.values()}
    for target in concerns(comparison.old.effective.model):
        if target.key not in kept:
            found += _gone(target, comparison)
    return tuple(_told_once(found))


def _of_target(target: Target, before: Target | None, comparison: Comparison) -> Iterator[AccessChange]:
    unchanged = (
        before is not None
        and target.key not in comparison.same.renamed
        and comparison.before.target(before) == comparison.after.target(target)
    )
    only = comparison.changed() if unchanged else None
    if only is not None and not only:
        return
    for caller in _callers(target, before, only, comparison):
        for level, requests in LEVELS[target.kind].items():
            told = collection_change if target.kind is TargetKind.COLLECTION else _at_level
            found = told(caller, target, before, level, requests, comparison)
            if found is not None:
                yield found


def _callers(
    target: Target, before: Target | None, only: frozenset[str] | None, comparison: Comparison
) -> tuple[Caller, ...]:
    """Everyone who may reach the resource in either version; of the names in `only` where that is given."""
    new = {comparison.new_name(one): one for one in _candidates(target, comparison.new)}
    old = {comparison.old_name(one): one for one in _candidates(before, comparison.old)}
    found = (
        Caller(
            old.get(name) or comparison.old_callers.get(name),
            new.get(name) or comparison.new_callers.get(name),
        )
        for name in {**new, **old}
        if only is None or name in only
    )
    return tuple(_as_anyone(one, target) if target.kind is TargetKind.DOMAIN else one for one in found)


def _as_anyone(caller: Caller, target: Target) -> Caller:
    """The caller, who where a version does not name it can do there what anyone can who does not sign.

    Roles and users of the code are left as they are: in the other version they do not exist.
    """
    one = caller.one
    if one.identity is not None:
        return caller
    # For another account its own policies have a say beside those of the domain.
    policies = one.policies if one.account not in {"", target.account} else ()
    unnamed = Standing(one.name, Anonymous(), policies)
    return Caller(caller.old or unnamed, caller.new or unnamed)


def _candidates(target: Target | None, reachability: Reachability) -> Iterator[Standing]:
    if target is None:
        return
    if target.kind is TargetKind.COLLECTION:
        yield from collection_callers(target, reachability.effective, reachability.candidates)
        return
    wanted = LEVELS[target.kind].values()
    actions = tuple(action for groups in wanted for requests in groups for action in requests.actions)
    yield from reachability.candidates.of(target, actions)
    yield from outsiders(target, reachability.effective, reachability.candidates)


def _access(
    reachability: Reachability,
    standing: Standing | None,
    target: Target | None,
    level: Level,
    requests: tuple[Requests, ...],
) -> Access:
    if standing is None or target is None:
        return DENIED
    return level_of(reachability.effective, standing, target, level, requests)


def _at_level(
    caller: Caller,
    target: Target,
    before: Target | None,
    level: Level,
    requests: tuple[Requests, ...],
    comparison: Comparison,
) -> AccessChange | None:
    then = _access(comparison.old, caller.old, before, level, requests)
    now = _access(comparison.new, caller.new, target, level, requests)
    if then.outcome is Outcome.DENIED and now.outcome is Outcome.DENIED:
        return None
    opened, closed = _exposed(caller, target, before)
    if opened and now.outcome.rank > Outcome.UNKNOWN.rank:
        then = DENIED
    if closed and then.outcome.rank > Outcome.UNKNOWN.rank:
        now = DENIED

    def made(direction: Direction, access: Access, reason: str = "") -> AccessChange:
        locations: tuple[Location, ...]
        if direction is Direction.LOST:
            statements = (one.location for one in access.because if one.location is not None)
            locations = tuple(dict.fromkeys((*statements, *access.places)))
        else:
            former = Former(caller.old, before, comparison.before, comparison.after)
            locations = causes(access, caller.one, target, former) if caller.new is not None else ()
            places = (
                _switches(target, before) if opened or _protection(target) is not _protection(before) else ()
            )
            locations = tuple(dict.fromkeys((*places, *locations, *access.places)))
        everything = (
            direction is Direction.GAINED
            and caller.new is not None
            and not access.indexes
            and not now.indexes
            and access.witness is not None
            and reaches_all(
                Situation(caller.new, target, comparison.new.effective.model),
                requests,
                access.witness.request.action,
            )
        )
        return AccessChange(
            direction,
            (caller.one,),
            target,
            level,
            then.outcome,
            now.outcome,
            replace(access, conditions=(*access.conditions, *index_words({level: access}))),
            locations,
            everything,
            reason,
        )

    was, is_now = then.outcome.rank > Outcome.UNKNOWN.rank, now.outcome.rank > Outcome.UNKNOWN.rank
    match then.outcome, now.outcome:
        case Outcome.DENIED, Outcome.UNKNOWN:
            return made(Direction.UNKNOWN, now, _why(now, target))
        case Outcome.DENIED, _:
            return made(Direction.GAINED, now)
        case Outcome.UNKNOWN, Outcome.DENIED:
            return None
        case _, Outcome.DENIED:
            return made(Direction.LOST, then)
        case Outcome.UNKNOWN, _ if is_now:
            if _guarded(before) and not _guarded(target):
                return made(Direction.GAINED, now)
            return made(Direction.UNKNOWN, now, "whether this was allowed before is not known")
        case _, Outcome.UNKNOWN if was:
            return made(Direction.UNKNOWN, now, _why(now, target))
        case _:
            pass
    if caller.new is None or caller.old is None or before is None:
        return None
    new = Situation(caller.new, target, comparison.new.effective.model)
    old = comparison.situation(caller.new, target, caller.old, before)
    more = beyond(new, old, requests)
    if isinstance(more, Access) and now.indexes and not _passes_inside(more, new, level, comparison):
        more = None
    if was and isinstance(more, Access):
        return made(Direction.GAINED, replace(more, indexes=now.indexes, places=now.places))
    if was and is_now:
        further = _further_indexes(now, then)
        if further is not None:
            return made(Direction.GAINED, further)
    if isinstance(more, Access):
        return made(Direction.UNKNOWN, more, _why(now, target))
    if isinstance(more, Undecided):
        return made(Direction.UNKNOWN, now, more.reason)
    if not was:
        possible = possibly_beyond(new, old, requests)
        return made(Direction.UNKNOWN, possible, _why(now, target)) if isinstance(possible, Access) else None
    if now.outcome.rank > then.outcome.rank:
        return made(Direction.GAINED, now)
    less = beyond(old, new, requests)
    if isinstance(less, Access):
        return made(Direction.LOST, less)
    inside = _less_inside(caller, target, before, level, requests, comparison) if was and is_now else None
    return made(*inside) if inside is not None else None


def _less_inside(
    caller: Caller,
    target: Target,
    before: Target,
    level: Level,
    requests: tuple[Requests, ...],
    comparison: Comparison,
) -> tuple[Direction, Access, str] | None:
    """What is lost inside a cluster, or else what becomes of what a reader sees there."""
    then = _access(comparison.old, caller.old, before, level, requests)
    now = _access(comparison.new, caller.new, target, level, requests)
    missing = _further_indexes(then, now)
    if missing is not None:
        return Direction.LOST, missing, ""
    seen = _seen(caller, target, before, level, requests, comparison) if level is Level.READ else None
    if seen is None:
        return None
    shown = replace(now, indexes=(), conditions=(*now.conditions, seen.words))
    directions = {Seen.MORE: Direction.GAINED, Seen.LESS: Direction.LOST, Seen.OTHER: Direction.UNKNOWN}
    return directions[seen.kind], shown, seen.words if seen.kind is Seen.OTHER else ""


def _seen(
    caller: Caller,
    target: Target,
    before: Target,
    level: Level,
    requests: tuple[Requests, ...],
    comparison: Comparison,
) -> SeenChange | None:
    """What becomes of what a reader sees of the same indexes."""
    if caller.old is None or caller.new is None:
        return None
    wanted = {level: requests}
    return seen_change(
        index_access(comparison.old.effective, caller.old, before, wanted),
        index_access(comparison.new.effective, caller.new, target, wanted),
    )


def _passes_inside(found: Access, new: Situation, level: Level, comparison: Comparison) -> bool:
    """Whether a request that the policies allow now may pass the cluster too."""
    if found.witness is None:
        return True
    request = found.witness.request
    path = request.resource.removeprefix(new.target.arn)
    asked = (Requests((request.action,), (path,), (path,)),)
    reachability = comparison.new
    return _access(reachability, new.standing, new.target, level, asked).outcome is not Outcome.DENIED


def _further_indexes(one: Access, other: Access) -> Access | None:
    """The access to indexes inside a cluster that only the one gives, None where there are none."""
    if not other.indexes:
        return None
    further = tuple(name for name in one.indexes if covers(other.indexes, name) is not Truth.TRUE)
    if one.indexes and not further:
        return None
    return replace(one, indexes=further)


def _why(access: Access, target: Target) -> str:
    if INSIDE in access.conditions or _guarded(target):
        return INSIDE
    return access.reason or "it depends on values that are not known"


def _protection(target: Target | None) -> Protection | None:
    if target is None or not isinstance(target.subject, Domain):
        return None
    return protection(target.subject)


def _guarded(target: Target | None) -> bool:
    """Whether the cluster itself decides about its data."""
    return _protection(target) not in {None, Protection.OFF, Protection.MIGRATING}


def _exposure(target: Target | None) -> Exposure | None:
    return target.subject.exposure if target is not None and isinstance(target.subject, Domain) else None


def _exposed(caller: Caller, target: Target, before: Target | None) -> tuple[bool, bool]:
    """Whether those who do not sign reach the endpoint by the change, or do not any more."""
    if not isinstance(caller.one.principal, Anonymous):
        return False, False
    then, now = _exposure(before), _exposure(target)
    return (
        then is Exposure.VPC and now is Exposure.PUBLIC,
        then is Exposure.PUBLIC and now is Exposure.VPC,
    )


def _switches(target: Target, before: Target | None) -> tuple[Location, ...]:
    """The settings of a domain that let more in, beside its policies."""
    if not isinstance(target.subject, Domain) or before is None:
        return ()
    found: list[Location] = []
    if _exposure(before) is not _exposure(target):
        found.append(target.subject.network_location)
    if _guarded(before) and not _guarded(target):
        found.append(target.subject.fine_grained.enabled.location)
    return tuple(one for one in found if one.path)


def _gone(target: Target, comparison: Comparison) -> Iterator[AccessChange]:
    """What everyone loses with a resource that is gone."""
    for reach in comparison.old.direct(target):
        for level, access in reach.levels.items():
            if access.outcome.rank > Outcome.UNKNOWN.rank:
                places = (
                    *(one.location for one in access.because if one.location is not None),
                    *access.places,
                )
                yield AccessChange(
                    Direction.LOST,
                    reach.chain,
                    target,
                    level,
                    access.outcome,
                    Outcome.DENIED,
                    access,
                    tuple(dict.fromkeys(places)),
                )


def _told_once(found: list[AccessChange]) -> Iterator[AccessChange]:
    """The changes without those that follow from what everyone gains."""
    everyone = {
        (one.target.key, one.level)
        for one in found
        if one.direction is Direction.GAINED and one.caller.is_anyone and one.after is Outcome.ALLOWED
    }
    for one in found:
        if (
            not one.caller.is_anyone
            and one.direction is Direction.GAINED
            and (one.target.key, one.level) in everyone
        ):
            continue
        yield one
