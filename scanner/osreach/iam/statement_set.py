"""A statement as a set of requests: what it asks of action, resource and condition keys.

Every part of a statement holds certainly, possibly, or not. What unknown parts
are taken to be is decided once for a statement (`certain`), after which its set
is an exact one. What patterns mean, and which count at all, follows `matching`
and `arn`, which decide concrete requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from osreach.iam.arn import PARTS, completed_arn, doubt, shared_beginning
from osreach.iam.atoms import Clause, keys_in_values, variables_of
from osreach.iam.document import Document, Effect, PolicyKind, Term, Terms
from osreach.iam.facts import UNKNOWN_VALUE, Facts
from osreach.iam.glob_match import is_everything, widened
from osreach.iam.hole import has_hole
from osreach.iam.matching import Compiled, action_truth, compile_document
from osreach.iam.note import Note
from osreach.iam.pattern import Form, Glob, glob, glob_of, symbols_of
from osreach.iam.variables import has_variable, resolve, template
from osreach.truth import Truth

EVERYTHING = glob("*")


@dataclass(frozen=True, slots=True, eq=False)
class StatementSet:
    """A statement of which `certain` says how unknown parts are taken, as an Allow or as a Deny.

    `has_variables` says whether `${...}` is one in it. `actions` has a bit for each action of the scope. `clauses` are its
    conditions. `variables` are the keys that its patterns refer to.
    """

    compiled: Compiled
    certain: bool
    allow: bool
    has_variables: Truth
    actions: int
    clauses: tuple[Clause, ...]
    variables: frozenset[str]

    @property
    def name(self) -> tuple[str, int]:
        """The document's source and the statement's index."""
        return self.compiled.source, self.compiled.statement.index


def kind_of(document: Document, actions: tuple[str, ...]) -> PolicyKind:
    """What kind of document this is, by its statements: those with principals are attached to a resource."""
    if all(statement.principals is None for statement in document.statements):
        return PolicyKind.IDENTITY
    trust = all(statement.resources is None for statement in document.statements) and all(
        action.lower().startswith("sts:") for action in actions
    )
    return PolicyKind.TRUST if trust else PolicyKind.RESOURCE


def compiled_statements(document: Document, actions: tuple[str, ...]) -> tuple[Compiled, ...]:
    """The statements of a document, prepared for the concrete decision."""
    return compile_document(document, kind_of(document, actions)).statements


@lru_cache(maxsize=16_384)
def _action_bits(
    texts: tuple[str, ...], actions: tuple[str, ...], kind: PolicyKind, *, negated: bool
) -> tuple[int, int]:
    """The actions that are certainly, and that are possibly, covered."""
    must = may = 0
    terms = Terms(tuple(Term(text) for text in texts), negated=negated)
    for place, action in enumerate(actions):
        truth = action_truth(terms, action, kind)
        may |= (truth is not Truth.FALSE) << place
        must |= (truth is Truth.TRUE) << place
    return must, may


def statement_set(
    compiled: Compiled, variables: Truth, actions: tuple[str, ...], *, certain: bool, allow: bool
) -> StatementSet | None:
    """The set of a statement, None where it covers none of the actions."""
    statement = compiled.statement
    if certain and statement.conditions_unknown:
        return None
    texts = tuple(term.text for term in statement.actions.terms)
    must, may = _action_bits(texts, actions, compiled.kind, negated=statement.actions.negated)
    bits = must if certain else may
    if bits and statement.resources is None:
        bits &= _actions_without_resource(compiled, actions, certain=certain)
    if not bits:
        return None
    clauses = tuple(
        Clause(condition.key.lower(), condition, test, variables)
        for condition, test in zip(statement.conditions, compiled.conditions, strict=True)
    )
    keys: set[str] = set()
    if variables is Truth.TRUE:
        for clause in clauses:
            keys.update(keys_in_values(clause))
        for term in statement.resources.terms if statement.resources is not None else ():
            if has_variable(term.text):
                keys.update(variables_of(term.text))
    return StatementSet(compiled, certain, allow, variables, bits, clauses, frozenset(keys))


def _actions_without_resource(compiled: Compiled, actions: tuple[str, ...], *, certain: bool) -> int:
    """The actions for which a statement without `Resource` counts."""
    statement, kind = compiled.statement, compiled.kind
    every = (1 << len(actions)) - 1
    if kind is PolicyKind.TRUST:
        return every
    if kind is not PolicyKind.RESOURCE or (certain and statement.effect is not Effect.ALLOW):
        return 0
    return sum(1 << place for place, action in enumerate(actions) if not action.lower().startswith("kms:"))


@dataclass(frozen=True, slots=True)
class ResourceSet:
    """Resources that match one of `patterns`, or none of them where `negated`; None stands for all."""

    patterns: tuple[Glob, ...] | None
    negated: bool = False


ALL_RESOURCES = ResourceSet(None)
NO_RESOURCES = ResourceSet(())


def resource_set(given: StatementSet, facts: Facts, *, holed: bool, begin: str = "") -> ResourceSet:
    """The resources that the statement covers.

    `holed` where those asked about have unknown parts; `begin` is the text with
    which all of those begin.
    """
    if given.variables:
        return _resource_set(given, facts, holed=holed, begin=begin)
    return _fixed_resource_set(given, holed=holed, begin=begin if holed else "")


@lru_cache(maxsize=16_384)
def _fixed_resource_set(given: StatementSet, *, holed: bool, begin: str) -> ResourceSet:
    return _resource_set(given, None, holed=holed, begin=begin)


def _resource_set(given: StatementSet, facts: Facts | None, *, holed: bool, begin: str) -> ResourceSet:
    compiled = given.compiled
    resources = compiled.statement.resources
    if resources is None:
        return ALL_RESOURCES
    if not resources.negated and any(term.text == "*" for term in resources.terms):
        return ALL_RESOURCES
    patterns: list[Glob] = []
    unresolved = False
    # Outside certainly what is possibly inside, and the reverse.
    certain = given.certain is not resources.negated
    for term in resources.terms:
        text: str | None = term.text
        if given.has_variables is not Truth.FALSE:
            text = _resolved(term.text, given.has_variables, facts)
        if text is None:
            unresolved = True
            continue
        found = patterns_of(
            text,
            compiled.kind,
            compiled.statement.effect,
            negated=resources.negated,
            certain=certain,
            holed=holed,
            begin=begin,
        )
        patterns.extend(found)
    if resources.negated:
        if unresolved and given.certain:
            return NO_RESOURCES
        return ResourceSet(tuple(patterns), negated=True) if patterns else ALL_RESOURCES
    return ALL_RESOURCES if EVERYTHING in patterns else ResourceSet(tuple(patterns))


def _resolved(text: str, variables: Truth, facts: Facts | None) -> str | None:
    """A pattern with the variables of its last part filled in; None where one has no value."""
    parts = text.split(":", PARTS - 1)
    if len(parts) < PARTS or not has_variable(parts[-1]):
        return text
    if variables is Truth.UNKNOWN:
        return ":".join((*parts[:-1], UNKNOWN_VALUE))
    last = resolve(template(parts[-1]), facts.single if facts is not None else _nothing)
    return None if last is None else ":".join((*parts[:-1], last))


def _nothing(_: str) -> None:
    """The value of a key of which nothing is known."""


@lru_cache(maxsize=65_536)
def patterns_of(
    text: str,
    kind: PolicyKind,
    effect: Effect,
    *,
    negated: bool,
    certain: bool,
    holed: bool,
    begin: str = "",
) -> tuple[Glob, ...]:
    """The patterns whose union is what `text` certainly (or possibly) covers among resources.

    `holed` where resources with unknown parts are asked about too: part of
    these may stand for whole parts of an ARN. An unknown part within the
    beginning that `text` shares with all of them (`begin`) is the same there.
    """
    if is_everything(text):
        return (EVERYTHING,)
    unknown = has_hole(text)
    if not unknown and doubt(text) not in {None, Note.SHORT_ARN}:
        counted = (effect is Effect.ALLOW) is not negated
        if effect is Effect.UNKNOWN:
            counted = not certain
        if not counted:
            return ()
    short = len(text.split(":", PARTS - 1)) < PARTS
    whole = completed_arn(text, kind) if short else text
    if not certain and (unknown or holed):
        found = [glob(text, wide=True, shared=shared_beginning(text, begin))]
        if short and (wide := completed_arn(widened(text), kind)) is not None:
            found.append(glob(wide, wide=True))
        return tuple(found)
    if not short:
        return (glob(text, Form.ARN),)
    if unknown or holed:
        behind = _behind_hole(text)
        return (behind,) if behind is not None else ()
    return (glob(whole, Form.ARN),) if whole is not None else ()


def _behind_hole(text: str) -> Glob | None:
    """A pattern that begins with a hole for an ARN: its wildcards do not match a colon."""
    symbols = symbols_of(text)
    begin = glob(text).prefix
    return glob_of(symbols, Form.PART) if has_hole(begin) else None
