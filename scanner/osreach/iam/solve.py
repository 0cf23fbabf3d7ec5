"""Whether some request of a question is allowed, and which.

The statements become sets of requests (`prepare`), the values of each
condition key classes (`atoms`); for every way of choosing one Allow in each
layer the search looks for a request inside these and outside every Deny. What
it finds is put to the concrete matcher before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeAlias

from osreach.iam.atoms import Classes, classes_of
from osreach.iam.facts import Facts
from osreach.iam.glob_match import has_wildcard
from osreach.iam.hole import has_hole
from osreach.iam.language import STEPS, Budget, TooManyStepsError
from osreach.iam.pattern import Glob
from osreach.iam.prepare import Prepared, Side, all_sets, domain_of, fixed_facts, prepare
from osreach.iam.readable import likely_resources
from osreach.iam.replay import check
from osreach.iam.request import Request
from osreach.iam.scope import (
    Absent,
    Answer,
    AnyText,
    Fixed,
    Found,
    KeyDomain,
    Nothing,
    Question,
    TooComplex,
    Unconstrained,
)
from osreach.iam.search import Area, Readable, Resources, Spot, apart, find_spot, meet
from osreach.iam.statement_set import StatementSet, resource_set

_TRIALS = 256


@dataclass(slots=True)
class _Areas:
    """The sets of a question over the classes of its keys."""

    prepared: Prepared
    facts: Facts
    keys: list[Classes]
    number: dict[str, int]
    known: dict[int, Area | None]
    resources: Resources

    def of(self, given: StatementSet) -> Area | None:
        """The statement's set, None where it is empty."""
        key = id(given)
        if key not in self.known:
            self.known[key] = self._area(given)
        return self.known[key]

    def _area(self, given: StatementSet) -> Area | None:
        masks: dict[int, int] = {}
        for clause in given.clauses:
            number = self.number[clause.key]
            classes = self.keys[number]
            must, may = classes.masks(clause, self.facts)
            mask = masks.get(number, classes.every) & (must if given.certain else may)
            if not mask:
                return None
            masks[number] = mask
        resources = resource_set(given, self.facts, holed=self.prepared.holed, begin=self.prepared.begin)
        if resources.patterns == () and not resources.negated:
            return None
        return Area(
            tuple((number, mask) for number, mask in masks.items() if mask != self.keys[number].every),
            resources.patterns,
            resources.negated,
        )


def solve(question: Question, budget: int = STEPS) -> Answer:
    """A request that the question's policies allow, or why there is none to show."""
    left: Nothing | TooComplex = Nothing()
    for part in apart_by_resource(question):
        answer = solve_prepared(prepare(part), {}, Budget(budget))
        if isinstance(answer, Found):
            return answer
        if left == Nothing():
            left = answer
    return left


def apart_by_resource(question: Question) -> tuple[Question, ...]:
    """The question for each pattern of resources by itself where one of several has an unknown part.

    What stands for the same unknown text in a policy and in all resources that
    are asked about can then be told.
    """
    scope = question.scope
    if len(scope.resources) < 2 or not any(map(has_hole, scope.resources)):
        return (question,)
    return tuple(replace(question, scope=replace(scope, resources=(text,))) for text in scope.resources)


def solve_prepared(prepared: Prepared, keys: dict[str, KeyDomain], budget: Budget) -> Answer:
    """The same, where `keys` narrows what the scope lets some keys hold."""
    trials = 0
    reason = ""
    try:
        for fixed in _fixings(prepared, keys):
            trials += 1
            if trials > _TRIALS:
                reason = "policy variables take more values than were tried"
                break
            answer = _solve(prepared, {**keys, **fixed}, budget)
            if isinstance(answer, Found):
                return answer
            reason = reason or answer.reason
    except TooManyStepsError as error:
        return TooComplex("statements and patterns can be combined in too many ways", error.bound)
    if prepared.coupled:
        names = ", ".join(f"`{key}`" for key in prepared.coupled)
        reason = reason or f"policy variables refer to {names}, of which only likely values were tried"
    return Nothing(exact=not reason, reason=reason)


def _fixings(prepared: Prepared, keys: dict[str, KeyDomain]) -> Iterator[dict[str, KeyDomain]]:
    """Values for the keys that policy variables refer to and that are free in the question."""
    if not prepared.coupled:
        yield {}
        return
    scope = prepared.question.scope
    texts = [*scope.resources]
    for one in all_sets(prepared.main, prepared.unless):
        if one.compiled.statement.resources is not None:
            texts.extend(term.text for term in one.compiled.statement.resources.terms)
    words = list(
        dict.fromkeys(
            word
            for text in texts
            for word in text.replace(":", "/").split("/")
            if word and not has_wildcard(word) and "${" not in word
        )
    )
    choices: list[list[KeyDomain]] = []
    for key in prepared.coupled:
        domain = keys.get(key) or domain_of(scope, prepared.facts, key)
        clauses = prepared.clauses.get(key, [])
        found = classes_of(key, domain, clauses, prepared.facts)
        options: list[KeyDomain] = [
            Fixed(values) if values else Absent() for values in found.values if len(values) < 2
        ]
        if isinstance(domain, AnyText | Unconstrained):
            options.extend(Fixed((word,)) for word in words)
        choices.append(list(dict.fromkeys(options)))
    for combination in product(*choices):
        yield dict(zip(prepared.coupled, combination, strict=True))


def _solve(prepared: Prepared, keys: dict[str, KeyDomain], budget: Budget) -> Found | Nothing:
    scope = prepared.question.scope
    facts = replace(prepared.facts, keys=dict(prepared.facts.keys), notes={})
    for key, domain in keys.items():
        match domain:
            case Fixed(values):
                facts.keys[key] = values
            case Absent():
                facts.keys[key] = ()
            case _:
                facts.keys.pop(key, None)
    classes: list[Classes] = []
    for key, clauses in prepared.clauses.items():
        domain = keys.get(key) or domain_of(scope, prepared.facts, key)
        held = facts.keys.pop(key, None)
        classes.append(classes_of(key, domain, clauses, facts))
        if held is not None:
            facts.keys[key] = held
    number = {one.key: place for place, one in enumerate(classes)}
    areas = _Areas(prepared, facts, classes, number, {}, Resources(budget))
    seen: set[tuple[bool, ...]] = set()
    covered = [one.actions for one in all_sets(prepared.main, prepared.unless)]
    for place in range(len(prepared.actions)):
        bit = 1 << place
        active = tuple([actions & bit > 0 for actions in covered])
        if active in seen:
            continue
        seen.add(active)
        found = _for_action(prepared, areas, place, keys, budget)
        if found is not None:
            return found
    reason = next((one.reason for one in classes if one.reason), "")
    return Nothing(exact=not reason, reason=reason)


def _for_action(
    prepared: Prepared, areas: _Areas, place: int, keys: dict[str, KeyDomain], budget: Budget
) -> Found | None:
    bit = 1 << place
    action = prepared.actions[place]
    outside = _active(prepared.main.denies, areas, bit)
    if any(area.everywhere for _, area in outside):
        return None
    choices = []
    for layer in prepared.main.allows:
        allows = _active(layer, areas, bit)
        allows.sort(key=lambda entry: len(entry[1].masks))
        choices.append(allows)
    domains = [one.every for one in areas.keys]
    readable = _readable(action)
    denied = [area for _, area in outside]

    def spot_of(inside: Sequence[Area], avoided: Sequence[Area]) -> Spot | None:
        return find_spot(
            domains,
            prepared.within,
            prepared.without,
            inside,
            avoided,
            readable=readable,
            budget=budget,
            resources=areas.resources,
        )

    allowed: dict[tuple[int, ...], bool] = {}
    for more_inside, more_outside in _alternatives(prepared.unless, areas, bit):
        avoided = [*denied, *more_outside]
        for chosen in _choices(choices, domains, budget, more_inside):
            inside = [area for _, area in chosen]
            if prepared.unless is not None:
                # What is denied anyway need not be held against each way of being excluded.
                key = tuple(map(id, inside))
                if key not in allowed:
                    allowed[key] = spot_of(inside, denied) is not None
                if not allowed[key]:
                    continue
            spot = spot_of([*inside, *more_inside], avoided)
            if spot is not None:
                request = _request(prepared, areas, action, spot, keys)
                check(prepared.question, request)
                return Found(request, tuple(one.name for one, _ in chosen))
    return None


_Choice: TypeAlias = list[tuple[StatementSet, Area]]


def _choices(
    layers: Sequence[_Choice], domains: Sequence[int], budget: Budget, inside: Sequence[Area]
) -> Iterator[_Choice]:
    """Every way of choosing one Allow in each layer, but for those with nothing in common, with `inside` too."""
    left: Sequence[int] | None = domains
    for area in inside:
        left = meet(left, area) if left is not None else None
    return _chosen(layers, left, budget, tuple(inside)) if left is not None else iter(())


def _chosen(
    layers: Sequence[_Choice], left: Sequence[int], budget: Budget, inside: tuple[Area, ...]
) -> Iterator[_Choice]:
    if not layers:
        yield []
        return
    for one, area in layers[0]:
        budget.spend()
        met = meet(left, area)
        if met is not None and not any(apart(area, other) for other in inside):
            for rest in _chosen(layers[1:], met, budget, (*inside, area)):
                yield [(one, area), *rest]


def _active(sets: Iterable[StatementSet], areas: _Areas, bit: int) -> list[tuple[StatementSet, Area]]:
    return [(one, area) for one in sets if one.actions & bit and (area := areas.of(one)) is not None]


def _alternatives(unless: Side | None, areas: _Areas, bit: int) -> Iterator[tuple[list[Area], list[Area]]]:
    """The ways of not being allowed by `unless`: sets to be inside of, and sets to be outside of."""
    if unless is None:
        yield [], []
        return
    for layer in unless.allows:
        yield [], [area for _, area in _active(layer, areas, bit)]
    for _, area in _active(unless.denies, areas, bit):
        yield [area], []


def _readable(action: str) -> Readable:
    def find(required: Sequence[Sequence[Glob]], forbidden: Sequence[Glob]) -> str | None:
        for text in likely_resources(action, [pattern for group in required for pattern in group]):
            if all(any(pattern.matches(text) for pattern in group) for group in required) and not any(
                pattern.matches(text) for pattern in forbidden
            ):
                return text
        return None

    return find


def _request(
    prepared: Prepared, areas: _Areas, action: str, spot: Spot, keys: dict[str, KeyDomain]
) -> Request:
    """The request at `spot`, with the keys that do not follow from the principal."""
    scope = prepared.question.scope
    derived = fixed_facts(scope).keys
    context: dict[str, tuple[str, ...]] = {}
    for classes, chosen in zip(areas.keys, spot.classes, strict=True):
        context[classes.key] = classes.values[chosen]
    for key, domain in keys.items():
        context.setdefault(key, domain.values if isinstance(domain, Fixed) else ())
    kept = {key: values for key, values in context.items() if derived.get(key, ()) != values}
    return Request(scope.principal, action, spot.resource, kept, scope.resource_account)
