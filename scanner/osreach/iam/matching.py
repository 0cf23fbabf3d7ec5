"""One statement against one request: whether it applies, and how strongly it names the caller.

`compile_document(document, kind)` prepares a document once (it is remembered);
`Compiled.match(facts)` answers for one of its statements with a `Match`: a
`Truth`, and the certain and possible `Level` at which the principal element
names the caller (`DIRECT` in documents that have none). `facts_of(request)` in
`facts` makes the facts. `match_statement` does all of it for one question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from osreach.iam.action import action_matches, current_name, is_malformed, names_match
from osreach.iam.arn import PARTS, doubt, resource_matcher, resource_matches
from osreach.iam.condition import Test, compile_condition
from osreach.iam.document import (
    Document,
    Effect,
    PolicyKind,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Statement,
    Term,
    Terms,
)
from osreach.iam.facts import UNKNOWN_VALUE, Facts, facts_of
from osreach.iam.glob_match import Matcher
from osreach.iam.hole import has_hole
from osreach.iam.note import Note
from osreach.iam.principal import Caller, Level, Naming, naming_of
from osreach.iam.request import Request
from osreach.iam.variables import has_variable, resolve, template
from osreach.truth import Truth, negation

ResourceTest: TypeAlias = Callable[[Facts], Truth]

_WITH_PRINCIPALS = frozenset({PolicyKind.RESOURCE, PolicyKind.TRUST})
_LITERAL_NAMES = frozenset({PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL})
_NAMED = Naming(Level.DIRECT, Level.DIRECT)
_UNNAMED = Naming(Level.NONE, Level.NONE)
_FALSE, _TRUE = Truth.FALSE, Truth.TRUE  # looked up for every statement of every decision
_COVERED = (Truth.TRUE, False)
_NOT_COVERED = (Truth.FALSE, False)


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a statement applies to a request.

    Where it certainly applies (`TRUE`) it names the caller at level `certain`;
    where it possibly applies it may do so at level `possible`.
    """

    truth: Truth
    certain: Level
    possible: Level


NO_MATCH = Match(Truth.FALSE, Level.NONE, Level.NONE)


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A statement prepared for matching, compared by identity; `source` names its document."""

    statement: Statement
    kind: PolicyKind
    source: str
    resource: ResourceTest
    conditions: tuple[Test, ...]

    def match(self, facts: Facts, action: Truth | None = None) -> Match:
        """Whether the statement applies; `action` is the answer for the action where it is already known."""
        truth = action_truth(self.statement.actions, facts.action, self.kind) if action is None else action
        if truth is Truth.FALSE:
            return NO_MATCH
        naming = _naming(self, facts.caller, facts.bounded)
        if naming.possible is Level.NONE:
            return NO_MATCH
        holds = self.holds(facts)
        if holds is Truth.FALSE:
            return NO_MATCH
        if naming.note is not None:
            facts.notes[naming.note] = None
        truth = min(truth, holds, Truth.TRUE if naming.certain else Truth.UNKNOWN)
        return Match(truth, naming.certain, naming.possible)

    def holds(self, facts: Facts) -> Truth:
        """Whether the statement covers the resource and its conditions hold."""
        truth = self.resource(facts)
        if truth is _FALSE:
            return truth
        for condition in self.conditions:
            holds = condition(facts)
            if holds is not _TRUE:
                if holds is _FALSE:
                    return holds
                truth = holds
        return Truth.UNKNOWN if self.statement.conditions_unknown else truth


@dataclass(frozen=True, slots=True, eq=False)
class CompiledDocument:
    """A document prepared for matching, compared by identity."""

    document: Document
    kind: PolicyKind
    statements: tuple[Compiled, ...]


class Candidate(NamedTuple):
    """A statement that covers an action and names a caller; `truth` says how certainly."""

    compiled: Compiled
    truth: Truth
    naming: Naming


@dataclass(frozen=True, slots=True)
class Candidates:
    """The statements of a document that may apply to a caller and an action; `notes` came up on the way."""

    statements: tuple[Candidate, ...]
    notes: tuple[Note, ...]


@lru_cache(maxsize=131072)
def _naming(compiled: Compiled, caller: Caller, bounded: bool) -> Naming:  # noqa: FBT001  # keys of the cache
    if compiled.kind not in _WITH_PRINCIPALS:
        return _NAMED
    statement = compiled.statement
    if statement.principals is None:
        return _UNNAMED
    deny = statement.effect is not Effect.ALLOW
    return naming_of(statement.principals, caller, compiled.kind, deny=deny, bounded=bounded)


def action_truth(actions: Terms, action: str, kind: PolicyKind) -> Truth:
    """Whether `Action`, or `NotAction`, covers the action (in any case).

    A legacy name that only a `NotAction` lists leaves open whether the current
    name is an exception too, for replication is described for permissions only.
    """
    covered = max((action_matches(term.text, action, kind) for term in actions.terms), default=Truth.FALSE)
    if not actions.negated:
        return covered
    if covered is Truth.TRUE and kind not in _LITERAL_NAMES:
        literal = max((names_match(term.text, action) for term in actions.terms), default=Truth.FALSE)
        if literal is Truth.FALSE:
            return Truth.UNKNOWN
    return negation(covered)


def _action_notes(actions: Terms, action: str, kind: PolicyKind, truth: Truth) -> list[Note]:
    notes = [Note.ACTION_WILDCARD] if any(is_malformed(term.text) for term in actions.terms) else []
    if truth is Truth.UNKNOWN and actions.negated:
        covered = {names_match(term.text, action) for term in actions.terms}
        if covered == {Truth.FALSE}:
            notes.append(Note.LEGACY_EXCEPTION)
    current = current_name(action.lower())
    if truth is Truth.FALSE and current and not actions.negated and kind not in _LITERAL_NAMES:
        named = any(names_match(term.text, current) is Truth.TRUE for term in actions.terms)
        if named:
            notes.append(Note.CURRENT_NAME_ONLY)
    return notes


@lru_cache(maxsize=131072)
def candidates(
    document: CompiledDocument,
    action: str,
    caller: Caller,
    bounded: bool,  # noqa: FBT001  # keys of the cache
) -> Candidates:
    """The statements of `document` that cover `action` (in lower case) and may name `caller`, in order."""
    found: list[Candidate] = []
    notes: dict[Note, None] = {}
    for compiled in document.statements:
        actions = compiled.statement.actions
        truth = action_truth(actions, action, document.kind)
        notes.update(dict.fromkeys(_action_notes(actions, action, document.kind, truth)))
        naming = _naming(compiled, caller, bounded)
        if truth is not Truth.FALSE and naming.possible is not Level.NONE:
            sure = truth if naming.certain is not Level.NONE else Truth.UNKNOWN
            found.append(Candidate(compiled, sure, naming))
    return Candidates(tuple(found), tuple(notes))


def _resource_terms(
    resources: Terms, kind: PolicyKind, effect: Effect, variables: Truth
) -> Callable[[Facts], tuple[Truth, bool]]:
    """Whether any pattern covers the resource, and whether one could not be resolved."""
    fixed: list[Matcher] = []
    tests: list[Callable[[Facts], Truth | None]] = []
    every: list[Callable[[Facts], Truth | None]] = []
    for term in resources.terms:
        test = _resource_term(term.text, kind, effect, resources.negated, variables)
        every.append(test)
        if _is_fixed(term.text, variables):
            fixed.append(resource_matcher(term.text, kind))
        else:
            tests.append(test)

    def covered(facts: Facts) -> tuple[Truth, bool]:
        if not facts.holed:
            resource = facts.resource
            for matches in fixed:
                if matches(resource):
                    return _COVERED
            if not tests:
                return _NOT_COVERED
        best = Truth.FALSE
        unresolved = False
        for test in every if facts.holed else tests:
            truth = test(facts)
            if truth is Truth.TRUE:
                return _COVERED
            if truth is None:
                unresolved = True
            elif truth is Truth.UNKNOWN:
                best = truth
        return best, unresolved

    return covered


def _is_fixed(pattern: str, variables: Truth) -> bool:
    """Whether a pattern is the same for every request, known, and beyond doubt."""
    variable = variables is not Truth.FALSE and has_variable(pattern)
    return not variable and not has_hole(pattern) and doubt(pattern) is None


def _resource_term(
    pattern: str,
    kind: PolicyKind,
    effect: Effect,
    negated: bool,  # noqa: FBT001  # private, one call
    variables: Truth,
) -> Callable[[Facts], Truth | None]:
    """Whether one pattern covers the resource; None where a variable in it has no value."""
    head, colon, tail = _parts_before_last(pattern)
    if variables is not Truth.FALSE and colon and has_variable(tail):
        if variables is Truth.UNKNOWN:
            return lambda facts: resource_matches(f"{head}:{UNKNOWN_VALUE}", facts.resource, kind)
        pieces = template(tail)

        def resolved(facts: Facts) -> Truth | None:
            last = resolve(pieces, facts.single)
            return None if last is None else resource_matches(f"{head}:{last}", facts.resource, kind)

        return resolved
    if has_hole(pattern):
        return lambda facts: resource_matches(pattern, facts.resource, kind)
    doubtful = doubt(pattern)
    matches = resource_matcher(pattern, kind)
    # A pattern that AWS does not document as allowed counts for an allow and not for a deny.
    counts = _counts(effect, negated=negated) if doubtful not in {None, Note.SHORT_ARN} else Truth.TRUE

    def covers(facts: Facts) -> Truth:
        resource = facts.resource
        if facts.holed:
            truth = resource_matches(pattern, resource, kind)
        else:
            truth = Truth.TRUE if matches(resource) else Truth.FALSE
        if doubtful is not None and truth is not Truth.FALSE:
            facts.notes[doubtful] = None
            return min(truth, counts)
        return truth

    return covers


def _counts(effect: Effect, *, negated: bool) -> Truth:
    if effect is Effect.UNKNOWN:
        return Truth.UNKNOWN
    return Truth.TRUE if (effect is Effect.ALLOW) != negated else Truth.FALSE


def _parts_before_last(pattern: str) -> tuple[str, str, str]:
    """A pattern of six parts as its first five, a colon and the last one."""
    parts = pattern.split(":", PARTS - 1)
    if len(parts) < PARTS:
        return pattern, "", ""
    return ":".join(parts[:-1]), ":", parts[-1]


def _compile_resource(statement: Statement, kind: PolicyKind, variables: Truth) -> ResourceTest:
    resources = statement.resources
    if resources is None:
        return _without_resource(statement.effect, kind)
    if not resources.negated and any(term.text == "*" for term in resources.terms):
        return lambda _: Truth.TRUE
    covered = _resource_terms(resources, kind, statement.effect, variables)
    if not resources.negated:
        if len(resources.terms) == 1 and _is_fixed(resources.terms[0].text, variables):
            return _single(resource_matcher(resources.terms[0].text, kind), covered)
        return lambda facts: covered(facts)[0]

    def outside(facts: Facts) -> Truth:
        truth, unresolved = covered(facts)
        if unresolved and truth is not Truth.TRUE:
            facts.notes[Note.NOT_RESOURCE_VARIABLE] = None
            return Truth.UNKNOWN
        return negation(truth)

    return outside


def _single(matches: Matcher, covered: Callable[[Facts], tuple[Truth, bool]]) -> ResourceTest:
    """The usual case of one pattern without a doubt, in fewer steps; `covered` answers where the request has holes."""

    def test(facts: Facts) -> Truth:
        if facts.holed:
            return covered(facts)[0]
        return _TRUE if matches(facts.resource) else _FALSE

    return test


def _without_resource(effect: Effect, kind: PolicyKind) -> ResourceTest:
    """A statement without `Resource`: the rule in trust policies, without effect in key policies.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    """
    if kind is PolicyKind.TRUST:
        return lambda _: Truth.TRUE
    if kind is not PolicyKind.RESOURCE:
        return lambda _: Truth.FALSE

    def test(facts: Facts) -> Truth:
        if facts.action.startswith("kms:"):
            return Truth.FALSE
        facts.notes[Note.NO_RESOURCE] = None
        return Truth.TRUE if effect is Effect.ALLOW else Truth.UNKNOWN

    return test


def compile_statement(
    statement: Statement, kind: PolicyKind, *, variables: Truth = Truth.TRUE, source: str = ""
) -> Compiled:
    """A statement prepared for matching; `variables` says whether `${...}` is a variable in its document."""
    return Compiled(
        statement,
        kind,
        source,
        _compile_resource(statement, kind, variables),
        tuple(compile_condition(condition, variables) for condition in statement.conditions),
    )


def variables_in(document: Document) -> Truth:
    """Whether `${...}` is a variable in `document`, which depends on its version."""
    if document.version is not None and has_hole(document.version):
        return Truth.UNKNOWN
    return Truth.TRUE if document.has_variables else Truth.FALSE


_REMEMBERED_DOCUMENTS = 16384
_remembered: dict[int, tuple[CompiledDocument, ...]] = {}
"""Compiled documents by the identity of the document, which they keep alive, so that no identity comes twice."""


def compile_document(document: Document, kind: PolicyKind) -> CompiledDocument:
    """A document prepared for matching, remembered by identity: comparing whole documents would cost more."""
    known = _remembered.get(id(document), ())
    for compiled in known:
        if compiled.kind is kind:
            return compiled
    if len(_remembered) >= _REMEMBERED_DOCUMENTS:
        _remembered.clear()
    compiled = _compiled(document, kind)
    _remembered[id(document)] = (*known, compiled)
    return compiled


def _compiled(document: Document, kind: PolicyKind) -> CompiledDocument:
    variables = variables_in(document)
    statements = document.statements
    if document.unknown:
        statements += (_anything(document),)
    return CompiledDocument(
        document,
        kind,
        tuple(
            compile_statement(statement, kind, variables=variables, source=document.source)
            for statement in statements
        ),
    )


def is_anything(statement: Statement) -> bool:
    """Whether this is the statement that stands for those which could not be read."""
    terms = statement.actions.terms
    return statement.effect is Effect.UNKNOWN and bool(terms) and all(term.many for term in terms)


def _anything(document: Document) -> Statement:
    """The statement that stands for those which could not be read: it may allow or deny anything."""
    unknown = document.unknown
    terms = Terms(tuple(Term(term.text, term.location, many=True) for term in unknown))
    names = tuple(PrincipalTerm(PrincipalKind.UNKNOWN, term.text, term.location) for term in unknown)
    return Statement(
        Effect.UNKNOWN,
        terms,
        Terms((Term("*"),)),
        Principals(names),
        index=len(document.statements),
        location=unknown[0].location,
    )


def match_statement(
    statement: Statement,
    request: Request,
    kind: PolicyKind,
    *,
    variables: Truth = Truth.TRUE,
    bounded: bool = False,
) -> Match:
    """Whether one statement applies to one request; `bounded` where the caller has a permissions boundary."""
    return compile_statement(statement, kind, variables=variables).match(facts_of(request, bounded=bounded))
