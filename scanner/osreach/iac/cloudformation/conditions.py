"""Conditions of a template, and the combinations of their outcomes that a deployment can have.

A parameter that the user gives has that value. Any other may take each of its
`AllowedValues`; one without them may take its default, each text that a
condition compares it with, and some other value. So a branch that nobody takes
by default is looked at too. Comparisons that no parameter decides may have
either outcome.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from osreach.iac.cloudformation.intrinsics import evaluate
from osreach.iac.cloudformation.parameters import Parameter
from osreach.iac.cloudformation.scope import Scope
from osreach.iac.cloudformation.truth import outcome, word_of
from osreach.iac.cloudformation.walk import conditions_in, names_in
from osreach.location import Location
from osreach.value import Object, Unknown, Value

MAXIMUM_VALUATIONS: Final = 2_048
"""Combinations of parameter values that are tried."""

MAXIMUM_COMBINATIONS: Final = 16
"""Combinations of outcomes that are judged."""

MAXIMUM_FREE: Final = 4
"""Comparisons without a parameter that are taken both ways."""


@dataclass(frozen=True, slots=True)
class Combination:
    """One way in which a deployment can decide the conditions that matter.

    `values` are the parameters (and pseudo parameters) that lead there, `chosen`
    the comparisons that nothing decides, `outcomes` the conditions by name.
    `usual` is true where every parameter keeps its default.
    """

    values: Mapping[str, Value]
    chosen: Mapping[Location, bool]
    others: frozenset[Unknown]
    outcomes: Mapping[str, bool | Unknown]
    usual: bool


def combinations(
    scope: Scope, names: Iterable[str], parameters: Mapping[str, Parameter]
) -> tuple[tuple[Combination, ...], bool]:
    """The combinations of outcomes of the conditions `names`, the usual one first, and whether these are all.

    `scope` has the usual values of parameters and pseudo parameters.
    """
    relevant = sorted(names)
    if not relevant:
        return (Combination({}, {}, frozenset(), {}, usual=True),), True
    variables, compared = _variables(scope, relevant)
    domains = {
        name: domain
        for name in sorted(variables)
        if len(domain := _domain(name, scope, parameters, compared.get(name, ()))) > 1
    }
    found: dict[tuple[object, ...], Combination] = {}
    complete = True
    valuations = list(
        islice(product(*(range(len(domain)) for domain in domains.values())), MAXIMUM_VALUATIONS + 1)
    )
    if len(valuations) > MAXIMUM_VALUATIONS:
        complete = False
        del valuations[-1]
    usual_exists = all(domain[0].usual for domain in domains.values())
    # few parameters away from their defaults first, so that a combination is shown at its simplest
    for valuation in sorted(valuations, key=lambda indexes: sum(map(bool, indexes))):
        picked = {
            name: domain[index] for (name, domain), index in zip(domains.items(), valuation, strict=True)
        }
        usual = usual_exists and not any(valuation)
        for combination in _decided(scope, relevant, picked, usual=usual):
            key = tuple(combination.outcomes[name] for name in relevant)
            found.setdefault(key, combination)
        if len(found) > MAXIMUM_COMBINATIONS:
            break
    if len(found) > MAXIMUM_COMBINATIONS:
        complete = False
    return tuple(islice(found.values(), MAXIMUM_COMBINATIONS)), complete


@dataclass(frozen=True, slots=True)
class _Option:
    """A value that a parameter may take; `other` is an unknown that equals no text it is compared with."""

    value: Value
    usual: bool
    other: bool = False


def _variables(scope: Scope, relevant: list[str]) -> tuple[set[str], dict[str, dict[str, Value]]]:
    """The parameters that these conditions look at, and the texts that they are compared with."""
    variables: set[str] = set()
    compared: dict[str, dict[str, Value]] = {}
    pending = list(relevant)
    seen: set[str] = set()
    while pending:
        name = pending.pop()
        written = scope.conditions.get(name)
        if name in seen or written is None:
            continue
        seen.add(name)
        pending.extend(conditions_in(written))
        names = {found for found in names_in(written) if found in scope.parameters or found in scope.pseudo}
        variables |= names
        for left, right in _comparisons(written):
            for one, other in ((left, right), (right, left)):
                word = word_of(other)
                if word is not None and isinstance(one.data, Object):
                    target = one.data.entries.get("Ref")
                    if target is not None and target.text in names:
                        compared.setdefault(str(target.text), {}).setdefault(
                            word, Value(word, other.location)
                        )
    return variables, compared


def _comparisons(value: Value) -> Iterator[tuple[Value, Value]]:
    match value.data:
        case Object(entries):
            for name, entry in entries.items():
                if name == "Fn::Equals" and isinstance(entry.data, tuple) and len(entry.data) == 2:
                    yield entry.data[0], entry.data[1]
                else:
                    yield from _comparisons(entry)
        case tuple() as items:
            for item in items:
                yield from _comparisons(item)
        case _:
            return


def _domain(
    name: str, scope: Scope, parameters: Mapping[str, Parameter], compared: Mapping[str, Value] | tuple[()]
) -> tuple[_Option, ...]:
    """The values that a parameter may take, the usual one first."""
    literals = dict(compared) if isinstance(compared, Mapping) else {}
    parameter = parameters.get(name)
    if parameter is None:
        usual = scope.pseudo.get(name)
        if not isinstance(usual, Unknown) or usual.many:
            return ()
        place = scope.template.location
        return (
            _Option(Value(usual, place), usual=True, other=True),
            *(_Option(value, usual=False) for value in literals.values()),
        )
    if parameter.fixed or parameter.is_list:
        return ()
    default = parameter.value
    if parameter.allowed:
        listed = [_Option(value, usual=False) for value in parameter.allowed]
        word = word_of(default)
        if word is None:
            return tuple(listed)
        return (_Option(default, usual=True), *(each for each in listed if word_of(each.value) != word))
    unknown = Unknown(f"{scope.prefix}{name}", "any value may be given for it")
    other = _Option(Value(unknown, parameter.location), usual=False, other=True)
    known = word_of(default)
    if known is None:
        other = _Option(default, usual=False, other=isinstance(default.data, Unknown))
        return (other, *(_Option(value, usual=False) for value in literals.values()))
    return (
        _Option(default, usual=True),
        *(_Option(value, usual=False) for word, value in literals.items() if word != known),
        other,
    )


def _decided(
    scope: Scope, relevant: list[str], picked: Mapping[str, _Option], *, usual: bool
) -> Iterator[Combination]:
    """The outcomes under these values: one, or several where a comparison is left open."""
    values = {name: option.value for name, option in picked.items()}
    others = frozenset(
        option.value.data
        for option in picked.values()
        if option.other and isinstance(option.value.data, Unknown)
    )
    outcomes, undecided = _outcomes(scope, relevant, values, {}, others)
    if not undecided:
        yield Combination(values, {}, others, outcomes, usual=usual)
        return
    for answers in product((False, True), repeat=min(len(undecided), MAXIMUM_FREE)):
        chosen = dict(zip(undecided, answers, strict=False))
        outcomes, _ = _outcomes(scope, relevant, values, chosen, others)
        yield Combination(values, chosen, others, outcomes, usual=False)


def _outcomes(
    scope: Scope,
    relevant: list[str],
    values: Mapping[str, Value],
    chosen: Mapping[Location, bool],
    others: frozenset[Unknown],
) -> tuple[dict[str, bool | Unknown], tuple[Location, ...]]:
    trial = under(scope, values, chosen, others)
    outcomes = {name: outcome(name, scope.template.location, trial, evaluate) for name in relevant}
    return outcomes, tuple(trial.undecided)


def under(
    scope: Scope, values: Mapping[str, Value], chosen: Mapping[Location, bool], others: frozenset[Unknown]
) -> Scope:
    """A fresh copy of `scope` in which these parameters have these values; its problems are its own."""
    pseudo = dict(scope.pseudo)
    for name, value in values.items():
        if name in pseudo and isinstance(value.data, str | Unknown):
            pseudo[name] = value.data
    return Scope(
        template=scope.template,
        pseudo=pseudo,
        parameters={
            **scope.parameters,
            **{name: each for name, each in values.items() if name not in pseudo},
        },
        resources=scope.resources,
        outputs=scope.outputs,
        conditions=scope.conditions,
        chosen=chosen,
        others=others,
        prefix=scope.prefix,
        suffix=scope.suffix,
        child=scope.child,
        exports=scope.exports,
    )
