"""Everyone who can reach a resource, directly or as a role that they may assume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from osreach.evaluate.caller import callers
from osreach.evaluate.candidates import Candidates
from osreach.evaluate.cluster_caller import cluster_callers, mapped_identities
from osreach.evaluate.cluster_level import IndexAccess, index_access, index_words
from osreach.evaluate.effective import Access, EffectiveAccess, Outcome
from osreach.evaluate.level import LEVELS, Level, Requests
from osreach.evaluate.reach import level_of
from osreach.evaluate.serverless_reach import collection_callers, collection_indexes
from osreach.evaluate.standing import Standing, outside, standing_of, standings_of
from osreach.evaluate.target import Target, TargetKind
from osreach.graph.assume import Assumption, Report, assumptions
from osreach.graph.network import shortest_chains
from osreach.iam.request import Anonymous, RoleSession, RootUser
from osreach.location import Location

Wanted = Mapping[Level, tuple[Requests, ...]]
"""The requests that are asked about, by level."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The access of one caller to one resource.

    `chain` is the caller, then the roles that it assumes one after another.
    `levels` are those of the last of them, as far as the way there is certain.
    `indexes` tells patterns of indexes apart where a cluster limits to some.
    """

    chain: tuple[Standing, ...]
    target: Target
    levels: Mapping[Level, Access]
    assumed: tuple[Access, ...] = ()
    indexes: tuple[IndexAccess, ...] = ()

    @property
    def caller(self) -> Standing:
        """Who begins."""
        return self.chain[0]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions of all levels and of all steps, each once, then the indexes that they are limited to."""
        steps = [words for access in self.assumed for words in access.conditions]
        own = [words for access in self.levels.values() for words in access.conditions]
        return tuple(dict.fromkeys((*steps, *own, *index_words(self.levels))))

    @property
    def locations(self) -> tuple[Location, ...]:
        """The statements that allow the steps and the levels, then roles and mappings of a cluster; each once."""
        every = (*self.assumed, *self.levels.values())
        found = [
            one.location
            for access in every
            for one in access.because
            if one.location is not None and one.location.path
        ]
        inside = [place for access in every for place in access.places if place.path]
        return tuple(dict.fromkeys((*found, *inside)))


@dataclass(slots=True, eq=False)
class Reachability:
    """Who reaches what, worked out when it is first asked for."""

    effective: EffectiveAccess
    _candidates: Candidates | None = None
    _assumptions: tuple[Assumption, ...] | None = None
    _known: dict[str, tuple[Reach, ...]] = field(default_factory=dict)

    @property
    def candidates(self) -> Candidates:
        """Every role and user of the code, to be found by what they may do."""
        if self._candidates is None:
            self._candidates = Candidates(standings_of(self.effective.model))
        return self._candidates

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Every role and user of the code."""
        return self.candidates.standings

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Every way in which a caller may become a role."""
        return self._assumed()

    def _assumed(self, report: Report | None = None) -> tuple[Assumption, ...]:
        if self._assumptions is None:
            self._assumptions = assumptions(self.effective, self.candidates, report)
        return self._assumptions

    def direct(
        self, target: Target, wanted: Wanted | None = None, report: Report | None = None
    ) -> tuple[Reach, ...]:
        """Everyone who reaches the target as what they are; callers of the code first."""
        if wanted is not None:
            return self._direct(target, wanted, report)
        known = self._known.get(target.key)
        if known is None:
            known = self._known[target.key] = self._direct(target, LEVELS[target.kind], report)
        return known

    def _direct(self, target: Target, wanted: Wanted, report: Report | None) -> tuple[Reach, ...]:
        actions = tuple(action for groups in wanted.values() for one in groups for action in one.actions)
        found: list[Reach] = []
        callers_here = (
            *self.candidates.of(target, actions),
            *outsiders(target, self.effective, self.candidates),
        )
        of_collection = target.kind is TargetKind.COLLECTION
        if of_collection:
            callers_here = collection_callers(target, self.effective, self.candidates)
        for number, standing in enumerate(callers_here):
            if report is not None:
                report("working out access", number, len(callers_here))
            levels = {
                level: level_of(self.effective, standing, target, level, requests)
                for level, requests in wanted.items()
            }
            if any(access.outcome is not Outcome.DENIED for access in levels.values()):
                told = collection_indexes if of_collection else index_access
                indexes = told(self.effective, standing, target, wanted)
                found.append(Reach((standing,), target, levels, (), indexes))
        return tuple(found)

    def who(
        self, target: Target, wanted: Wanted | None = None, report: Report | None = None
    ) -> tuple[Reach, ...]:
        """Everyone who reaches the target, then those who do so, or do more, as roles that they may assume."""
        direct = self.direct(target, wanted, report)
        self._assumed(report)
        return (*direct, *self._through_roles(direct))

    def _through_roles(self, direct: tuple[Reach, ...]) -> Iterator[Reach]:
        steps: dict[tuple[str, str], Assumption] = {}
        callers_by_key: dict[str, Standing] = {}
        for one in self.assumptions:
            steps.setdefault((one.caller.key, one.target.key), one)
            callers_by_key[one.caller.key] = one.caller
        by_key = {reach.caller.key: reach for reach in direct}
        callers_by_key.update((standing.key, standing) for standing in self.standings)
        best: dict[str, dict[Level, Outcome]] = {
            key: {level: access.outcome for level, access in reach.levels.items()}
            for key, reach in by_key.items()
        }
        ends = [key for key in by_key if by_key[key].caller.identity is not None]
        chains = shortest_chains(steps, ends)
        ways = sorted(
            ((start, end, path) for end, found in chains.items() for start, path in found.items()),
            key=lambda way: (len(way[2]), way[2]),
        )
        for start, end, path in ways:
            if start == end:
                continue
            assumed = tuple(steps[pair].access for pair in pairwise(path))
            reach = _behind(by_key[end], [callers_by_key[key] for key in path], assumed)
            known = best.setdefault(start, {})
            better = {
                level
                for level, access in reach.levels.items()
                if access.outcome.rank > known.get(level, Outcome.DENIED).rank
            }
            if better:
                known.update((level, reach.levels[level].outcome) for level in better)
                yield reach


def _behind(reach: Reach, chain: list[Standing], assumed: tuple[Access, ...]) -> Reach:
    """The reach of a role for someone who must assume it first."""
    weakest = min((access.outcome for access in assumed), key=lambda outcome: outcome.rank)
    levels = _weakened(reach.levels, weakest)
    indexes = tuple(replace(one, levels=_weakened(one.levels, weakest)) for one in reach.indexes)
    return Reach(tuple(chain), reach.target, levels, assumed, indexes)


def _weakened(levels: Mapping[Level, Access], weakest: Outcome) -> Mapping[Level, Access]:
    return {
        level: access if access.outcome.rank <= weakest.rank else replace(access, outcome=weakest)
        for level, access in levels.items()
    }


def outsiders(target: Target, effective: EffectiveAccess, candidates: Candidates) -> Iterator[Standing]:
    """Those whom the target's policies or its cluster name and no file defines, and those who exist inside only.

    The target's own account is not one of them.
    """
    yield from cluster_callers(target, effective)
    named = {one.name: one for one in (*mapped_identities(target, effective), *callers(target.documents))}
    for caller in named.values():
        if caller.name in candidates.by_arn:
            continue
        match caller.principal:
            case RootUser(account) if account == target.account:
                continue
            case Anonymous():
                yield Standing("anonymous", caller.principal)
            case RoleSession(role, session) if role in candidates.by_arn:
                known = candidates.standings[candidates.by_arn[role][0]].identity
                if known is not None:
                    yield standing_of(known, effective.model, session, caller.name)
            case _:
                yield outside(caller.principal, caller.name, effective.model)


def matrix(
    reachability: Reachability, targets: Iterable[Target], report: Report | None = None
) -> Iterator[tuple[Target, tuple[Reach, ...]]]:
    """Who reaches each of the targets, one after another."""
    listed = tuple(targets)
    for number, target in enumerate(listed):
        if report is not None:
            report("working out access", number, len(listed))
        yield target, reachability.who(target)
