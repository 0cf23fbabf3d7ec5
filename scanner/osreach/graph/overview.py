"""Who reaches what in a whole scan, as plain values: the access matrix with the graph behind it.

Working out everything can take long in a large organization. Therefore there is
a budget, counted in questions and not in seconds, so that the answer is the same
on every machine; what it does not reach is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from osreach.evaluate.level import LEVELS
from osreach.evaluate.serverless_reach import collection_callers, collection_wanted
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target, TargetKind, collections_of, targets_of
from osreach.graph.assume import Report
from osreach.graph.build import build
from osreach.graph.fact import Graph
from osreach.graph.who import Reach, Reachability, outsiders
from osreach.iam.request import Anonymous, RootUser, Service, WebIdentity
from osreach.location import Location
from osreach.problem import Problem

BUDGET = 1_500
"""How many callers may be asked about, counted once for each resource; about ten milliseconds each."""

_ORDER = (TargetKind.DOMAIN, TargetKind.COLLECTION, TargetKind.BUCKET, TargetKind.KEY)


@dataclass(frozen=True, slots=True)
class Party:
    """A principal or a resource: `identifier` tells it from others, `label` and `kind` are for people.

    `deployment` is the root module or stack that makes it, empty for what no file defines.
    """

    identifier: str
    label: str
    kind: str
    deployment: str = ""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How a principal reaches a resource.

    `chain` are the roles that it assumes on the way; `levels` say for each level
    of access `allowed`, `conditional`, `unknown` or `denied`.
    """

    principal: str
    resource: str
    chain: tuple[str, ...]
    levels: Mapping[str, str]
    conditions: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """Everyone who reaches something, and how.

    `resources` are those that were asked about, `left_out` those that were too
    many; `graph` is None where some are left out. `problems` are what could not
    be read of identities, keys and buckets.
    """

    principals: tuple[Party, ...] = ()
    resources: tuple[Party, ...] = ()
    ways: tuple[Way, ...] = ()
    left_out: tuple[Party, ...] = ()
    graph: Graph | None = None
    problems: tuple[Problem, ...] = ()


def overview(
    reachability: Reachability,
    budget: int = BUDGET,
    report: Report | None = None,
    problems: tuple[Problem, ...] = (),
) -> Overview:
    """Who reaches the domains, collections, buckets and keys of the code, in this order, as far as the budget goes."""
    model = reachability.effective.model
    words = model.holes.fill
    principals: dict[str, Party] = {}
    ways: list[Way] = []
    asked: list[Party] = []
    left_out: list[Party] = []
    known = (*targets_of(model), *collections_of(model))
    targets = [target for kind in _ORDER for target in known if target.kind is kind]
    for number, target in enumerate(targets):
        if report is not None:
            report("working out access", number, len(targets))
        party = _resource(target, words)
        needed = _questions(target, reachability)
        if needed > budget:
            left_out.append(party)
            continue
        budget -= needed
        asked.append(party)
        wanted = collection_wanted(None, "") if target.kind is TargetKind.COLLECTION else None
        for reach in reachability.who(target, wanted):
            caller = _principal(reach.caller, words)
            principals.setdefault(caller.identifier, caller)
            ways.append(_way(reach, caller, party, words))
    return Overview(
        tuple(sorted(principals.values(), key=lambda one: (one.kind, one.label, one.identifier))),
        tuple(asked),
        tuple(ways),
        tuple(left_out),
        None if left_out else build(reachability, report),
        problems,
    )


def _questions(target: Target, reachability: Reachability) -> int:
    """How many callers must be asked about the target."""
    actions = tuple(
        action for groups in LEVELS[target.kind].values() for one in groups for action in one.actions
    )
    if target.kind is TargetKind.COLLECTION:
        return len(collection_callers(target, reachability.effective, reachability.candidates))
    known = len(reachability.candidates.of(target, actions))
    return known + sum(1 for _ in outsiders(target, reachability.effective, reachability.candidates))


def _resource(target: Target, words: Callable[[str], str]) -> Party:
    return Party(target.key, words(target.address), target.kind.value, target.deployment, target.location)


def _principal(standing: Standing, words: Callable[[str], str]) -> Party:
    if standing.identity is not None:
        one = standing.identity
        return Party(standing.key, words(standing.name), one.kind.value, one.deployment, one.location)
    match standing.principal:
        case Anonymous() if standing.name == "anonymous":
            # A caller of whom only a name is known has no principal of its own either.
            kind = "anyone"
        case Service():
            kind = "service"
        case RootUser():
            kind = "account"
        case WebIdentity():
            kind = "provider"
        case _:
            kind = "outside"
    return Party(standing.key, words(standing.name), kind)


def _way(reach: Reach, caller: Party, resource: Party, words: Callable[[str], str]) -> Way:
    return Way(
        caller.identifier,
        resource.identifier,
        tuple(words(one.name) for one in reach.chain[1:]),
        {level.value: access.outcome.value for level, access in reach.levels.items()},
        tuple(words(condition) for condition in reach.conditions),
        reach.locations,
    )
