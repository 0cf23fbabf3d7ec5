"""What must be known to tell whether an uncertain statement applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from osreach.iam.action import action_matches
from osreach.iam.arn import resource_matches
from osreach.iam.document import Effect
from osreach.iam.facts import UNKNOWN_VALUE, Facts
from osreach.iam.hole import is_hole
from osreach.iam.matching import Compiled, is_anything
from osreach.iam.principal import UNKNOWN_ID, Caller, Level, listed
from osreach.iam.variables import Variable, template
from osreach.location import Location
from osreach.truth import Truth

_RESERVED = frozenset({UNKNOWN_ID, UNKNOWN_VALUE})


@dataclass(frozen=True, slots=True)
class Dependency:
    """One unknown: a `hole`, or a condition `key`, or what `reason` says.

    `source` names the policy in which it stands and `location` the place there;
    both are empty where it stands in the request.
    """

    reason: str
    hole: str = ""
    key: str = ""
    source: str = ""
    location: Location | None = None


def holes_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The holes in `texts`, each once, in order."""
    found = (character for text in texts for character in text if is_hole(character))
    return tuple(hole for hole in dict.fromkeys(found) if hole not in _RESERVED)


def dependencies_of(compiled: Compiled, facts: Facts) -> Iterator[Dependency]:
    """Everything that is unknown in the parts of the statement that are uncertain."""
    statement = compiled.statement
    source = compiled.source
    if is_anything(statement):
        for term in statement.actions.terms:
            yield from _of_term("statements of the policy", term.text, source, term.location)
        return
    if statement.effect is Effect.UNKNOWN:
        yield Dependency("the effect of the statement", source=source, location=statement.location)
    if statement.conditions_unknown:
        yield Dependency("further conditions of the statement", source=source, location=statement.location)
    for term in statement.actions.terms:
        if action_matches(term.text, facts.action, compiled.kind) is Truth.UNKNOWN:
            yield from _of_term("an action", term.text, source, term.location)
    if statement.resources is not None and compiled.resource(facts) is Truth.UNKNOWN:
        for term in statement.resources.terms:
            if resource_matches(term.text, facts.resource, compiled.kind) is Truth.UNKNOWN:
                yield from _of_term("a resource", term.text, source, term.location)
            yield from _of_variables(term.text, facts, source, term.location)
        yield from _of_request("the resource of the request", (facts.resource,))
    yield from _of_principals(compiled, facts)
    yield from _of_conditions(compiled, facts)


def _of_term(reason: str, text: str, source: str, location: Location | None) -> Iterator[Dependency]:
    for hole in holes_in((text,)):
        yield Dependency(reason, hole=hole, source=source, location=location)


def _of_request(reason: str, texts: Iterable[str]) -> Iterator[Dependency]:
    for hole in holes_in(texts):
        yield Dependency(reason, hole=hole)


def _of_variables(text: str, facts: Facts, source: str, location: Location | None) -> Iterator[Dependency]:
    for piece in template(text):
        if isinstance(piece, Variable):
            value = facts.single(piece.key)
            if value is not None and any(map(is_hole, value)):
                yield from _of_key(piece.key, facts, source, location)


def _of_key(key: str, facts: Facts, source: str, location: Location | None) -> Iterator[Dependency]:
    values = facts.keys.get(key)
    if values is None and key in facts.unknown:
        yield Dependency("a condition key", key=key, source=source, location=location)
    elif values is not None and any(UNKNOWN_ID in value for value in values):
        yield Dependency("the unique id of the caller", key=key, source=source, location=location)
    yield from _of_request(f"`{key}` of the request", values or ())


def _of_principals(compiled: Compiled, facts: Facts) -> Iterator[Dependency]:
    principals = compiled.statement.principals
    if principals is None:
        return
    naming = listed(principals, facts.caller, compiled.kind)
    if naming.certain is naming.possible:
        return
    for term in principals.terms:
        yield from _of_term("a principal", term.text, compiled.source, term.location)
    if any(UNKNOWN_ID in name for name in facts.caller.entity):
        yield Dependency("the user behind the federated session")
    if naming.possible is not Level.NONE:
        yield from _of_request("the caller", _names(facts.caller))


def _names(caller: Caller) -> tuple[str, ...]:
    return caller.direct + caller.entity + (caller.account,)


def _of_conditions(compiled: Compiled, facts: Facts) -> Iterator[Dependency]:
    for condition, test in zip(compiled.statement.conditions, compiled.conditions, strict=True):
        if test(facts) is not Truth.UNKNOWN:
            continue
        yield from _of_term("a condition key", condition.key, compiled.source, condition.location)
        yield from _of_key(condition.key.lower(), facts, compiled.source, condition.location)
        for term in condition.values:
            yield from _of_term("a condition value", term.text, compiled.source, term.location)
            yield from _of_variables(term.text, facts, compiled.source, term.location)
