"""What a change lets callers reach as roles that they could not assume before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from osreach.evaluate.beyond import Situation, beyond
from osreach.evaluate.effective import DENIED, Access, Outcome
from osreach.evaluate.level import ASSUME, Level, Requests
from osreach.evaluate.target import Target
from osreach.graph.access_change import AccessChange, Direction
from osreach.graph.assume import STRANGER, Assumption
from osreach.graph.cause import causes
from osreach.graph.change import Concerns
from osreach.graph.comparison import Comparison
from osreach.graph.who import Reach
from osreach.iam.request import Service, WebIdentity

_FEDERATED = (Requests(("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")),)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One way to become a role that the change opened, with a request that only the new code allows."""

    assumption: Assumption
    before: Access
    gained: Access


def chain_changes(comparison: Comparison, concerns: Concerns) -> Iterator[AccessChange]:
    """Access by roles that a caller may assume now, or may assume in more cases, and not before.

    What the role itself gains is told of the role, and who could assume it
    before is not told again. Services that run as a role are not callers here.
    """
    steps = {(one.assumption.caller.key, one.assumption.target.key): one for one in steps_gained(comparison)}
    if not steps:
        return
    open_roles = {role for caller, role in steps if caller == STRANGER}
    for target in concerns(comparison.new.effective.model):
        known = _levels_before(comparison.same.targets.get(target.key), comparison)
        direct = {
            reach.caller.identity.key: reach
            for reach in comparison.new.direct(target)
            if reach.caller.identity is not None
        }
        for (caller, role), step in steps.items():
            if role in direct and (caller == STRANGER or role not in open_roles):
                chain = (step.assumption.caller, direct[role].caller)
                yield from _through(
                    replace(direct[role], chain=chain), step, _before(step, known, comparison)
                )
        for reach in comparison.new.who(target):
            if len(reach.chain) > 2 and reach.chain[1].key not in open_roles:
                found = steps.get((reach.chain[0].key, reach.chain[1].key))
                if found is not None:
                    yield from _through(reach, found, _before(found, known, comparison))


def _before(
    step: Step, known: Mapping[str, Mapping[Level, Outcome]], comparison: Comparison
) -> Mapping[Level, Outcome]:
    """What the caller had before; nothing for one that stands for many who need not be the same."""
    caller = step.assumption.caller
    if caller.name == STRANGER or isinstance(caller.principal, WebIdentity):
        return {}
    return known.get(comparison.new_name(caller), {})


def steps_gained(comparison: Comparison) -> Iterator[Step]:
    """The ways to become a role that the change opened or widened."""
    changed = comparison.changed()
    if not changed:
        return
    old = {
        (comparison.old_name(one.caller), comparison.same.identities.get(one.target.key)): one
        for one in comparison.old.assumptions
    }
    for one in comparison.new.assumptions:
        role = one.target.key
        name = comparison.new_name(one.caller)
        if isinstance(one.caller.principal, Service) or one.access.outcome.rank <= Outcome.UNKNOWN.rank:
            continue
        then = old.get((name, role))
        if then is None or then.access.outcome.rank <= Outcome.UNKNOWN.rank:
            if then is None or then.access.outcome is Outcome.DENIED:
                yield Step(one, DENIED, one.access)
        elif name in changed or role in changed:
            requests = _FEDERATED if isinstance(one.caller.principal, WebIdentity) else ASSUME
            new = Situation(one.caller, one.target, comparison.new.effective.model)
            before = comparison.situation(one.caller, one.target, then.caller, then.target)
            more = beyond(new, before, requests)
            if isinstance(more, Access):
                yield Step(one, then.access, more)


def _levels_before(target: Target | None, comparison: Comparison) -> dict[str, dict[Level, Outcome]]:
    """The best that each caller had, by level."""
    found: dict[str, dict[Level, Outcome]] = {}
    for reach in comparison.old.who(target) if target is not None else ():
        levels = found.setdefault(comparison.old_name(reach.caller), {})
        for level, access in reach.levels.items():
            if access.outcome.rank > levels.get(level, Outcome.DENIED).rank:
                levels[level] = access.outcome
    return found


def _through(reach: Reach, step: Step, before: Mapping[Level, Outcome]) -> Iterator[AccessChange]:
    role = step.assumption.target
    places = causes(step.gained, step.assumption.caller, role)
    for level, access in reach.levels.items():
        then = before.get(level, Outcome.DENIED)
        if access.outcome.rank <= Outcome.UNKNOWN.rank:
            continue
        is_new = step.before.outcome is Outcome.DENIED
        if access.outcome.rank <= then.rank and (is_new or then is Outcome.ALLOWED):
            continue
        outcome = min(access.outcome, step.gained.outcome, key=lambda one: one.rank)
        conditions = tuple(dict.fromkeys((*step.gained.conditions, *access.conditions)))
        gained = replace(step.gained, outcome=outcome, conditions=conditions)
        further = (*(one.location for one in access.because if one.location is not None), *access.places)
        yield AccessChange(
            Direction.GAINED,
            reach.chain,
            reach.target,
            level,
            then,
            outcome,
            gained,
            tuple(dict.fromkeys((*places, *further))),
        )
