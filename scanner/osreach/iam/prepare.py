"""A question as sets of requests: the statements that can matter, and what is the same in all requests.

Which statements count, and how their unknown parts are taken, follows from the
question's mode; who is named, from the caller. What a document says is worked
out once for as long as the document is in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from os.path import commonprefix

from osreach.held import Held
from osreach.iam.arn import account_of
from osreach.iam.atoms import Clause
from osreach.iam.document import Document, Effect, PolicyKind, Statement, Term, Terms
from osreach.iam.facts import Facts, facts_of
from osreach.iam.glob_match import has_wildcard, is_everything
from osreach.iam.hole import has_hole
from osreach.iam.matching import Compiled, compile_statement, variables_in
from osreach.iam.pattern import Form, Glob, glob, glob_of, symbols_of
from osreach.iam.principal import Caller, Level, Naming, caller_of, naming_of
from osreach.iam.request import Anonymous, Request, Service
from osreach.iam.scope import Absent, AnyText, Fixed, KeyDomain, Mode, Question, Scope
from osreach.iam.statement_set import StatementSet, compiled_statements, kind_of, statement_set
from osreach.iam.variables import has_variable, template

_OF_THE_CALLER = frozenset(
    {
        "aws:federatedprovider",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
        "aws:userid",
        "aws:username",
    }
)
"""Keys that follow from who the caller is: what is not known of it is absent."""

_OF_IDENTITIES = frozenset(
    {
        "aws:assumedroot",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceidentity",
        "aws:tokenissuetime",
        "ec2:sourceinstancearn",
    }
)
"""Further keys that only requests of users and roles have.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


@dataclass(slots=True)
class Side:
    """The statements of some layers that may allow, by layer, and those that may deny."""

    allows: list[list[StatementSet]]
    denies: list[StatementSet]


@dataclass(slots=True)
class Prepared:
    """A question as sets: what does not depend on the values of keys is worked out once."""

    question: Question
    main: Side
    unless: Side | None
    facts: Facts
    actions: tuple[str, ...]
    holed: bool
    begin: str
    within: tuple[Glob, ...]
    without: list[Glob]
    clauses: dict[str, list[Clause]]
    coupled: tuple[str, ...]


def prepare(question: Question) -> Prepared:
    """The statements of the question that can matter, as sets of requests."""
    scope = question.scope
    certain = question.mode is Mode.CERTAIN
    main = _side(question, question.layers, question.denials, certain=certain)
    unless = _side(question, question.unless, (), certain=not certain) if question.unless else None
    facts = fixed_facts(scope)
    sets = list(all_sets(main, unless))
    clauses: dict[str, list[Clause]] = {}
    for one in sets:
        for clause in one.clauses:
            clauses.setdefault(clause.key, []).append(clause)
    variables = {key for one in sets for key in one.variables}
    for key in (*clauses, *variables):
        domain = domain_of(scope, facts, key)
        match domain:
            case Fixed(values):
                facts.keys[key] = values
            case Absent():
                facts.keys[key] = ()
            case _:
                pass
    return Prepared(
        question,
        main,
        unless,
        facts,
        scope.actions,
        any(map(has_hole, scope.resources)) or (certain and _names_unknown_resources(main, unless)),
        commonprefix(scope.resources),  # noqa: RUF071 - by character is what is meant
        tuple(scope_glob(text) for text in scope.resources),
        [scope_glob(text) for text in scope.without],
        clauses,
        tuple(sorted(key for key in variables if key not in facts.keys)),
    )


def _names_unknown_resources(main: Side, unless: Side | None) -> bool:
    """Whether an answer may be a resource with an unknown part, because a policy names it so."""
    chosen = [one for layer in main.allows for one in layer] + (unless.denies if unless is not None else [])
    return any(
        has_hole(term.text) or has_variable(term.text)
        for one in chosen
        if (resources := one.compiled.statement.resources) is not None
        for term in resources.terms
    )


def scope_glob(text: str) -> Glob:
    """The resources that a pattern of a scope stands for; `*` is every ARN, `${*}` the resource `*`."""
    if is_everything(text):
        return glob("arn:*:*:*:*:*", Form.ARN)
    pieces = "".join(piece for piece in template(text) if isinstance(piece, str))
    return glob_of(symbols_of(pieces), Form.ARN)


def fixed_facts(scope: Scope) -> Facts:
    """What is the same for all requests of the scope."""
    account = scope.resource_account
    if not account:
        accounts = {account_of(text) for text in scope.resources}
        account = accounts.pop() if len(accounts) == 1 else ""
        account = "" if has_wildcard(account) else account
    action = scope.actions[0] if scope.actions else ""
    return facts_of(Request(scope.principal, action, "*", {}, account))


def domain_of(scope: Scope, facts: Facts, key: str) -> KeyDomain:
    """What the scope lets `key` hold, by itself or because of who the caller is."""
    given = scope.keys.get(key)
    if given is not None:
        return given
    known = facts.keys.get(key)
    if known is not None:
        return Fixed(known) if known else Absent()
    if key in _OF_THE_CALLER:
        return Absent()
    if isinstance(scope.principal, Anonymous | Service) and (
        key in _OF_IDENTITIES or key.startswith("aws:principaltag/")
    ):
        return Absent()
    if key == "aws:resourceaccount":
        return AnyText()
    return scope.other_keys


@lru_cache(maxsize=4_096)
def _sets_of(same: Held[Document], actions: tuple[str, ...], certain: bool) -> tuple[StatementSet, ...]:  # noqa: FBT001 - a key of the cache
    """The statements of a document that count; `certain` where an Allow counts only if it certainly applies."""
    document = same.value
    variables = variables_in(document)
    found: list[StatementSet] = []
    for compiled in statements_of(document, actions):
        allow = counts_as_allow(compiled.statement.effect, certain=certain)
        sure = certain is allow
        if sure and compiled.statement.effect is Effect.UNKNOWN:
            continue
        one = statement_set(compiled, variables, actions, certain=sure, allow=allow)
        if one is not None:
            found.append(one)
    return tuple(found)


def counts_as_allow(effect: Effect, *, certain: bool) -> bool:
    """Whether a statement counts as an Allow; an unknown effect is taken for the one that proves least."""
    return effect is Effect.ALLOW or (effect is Effect.UNKNOWN and not certain)


def _side(
    question: Question,
    layers: Sequence[Sequence[Document]],
    denials: Sequence[Document],
    *,
    certain: bool,
) -> Side:
    """The statements that name the caller: an Allow where it certainly does, or else where it may."""
    actions = question.scope.actions
    caller = caller_of(question.scope.principal)
    needed = Level.ACCOUNT if question.account_principal_counts else Level.ENTITY
    side = Side([[] for _ in layers], [])
    for place, layer in enumerate((*layers, denials)):
        for document in layer:
            for one in _sets_of(Held(document), actions, certain):
                if one.allow and place == len(layers):
                    continue
                naming = _naming(one.compiled, caller)
                level = naming.certain if one.certain else naming.possible
                if level is Level.NONE:
                    continue
                if not one.allow:
                    side.denies.append(one)
                elif level >= needed:
                    side.allows[place].append(one)
    return side


def _naming(compiled: Compiled, caller: Caller) -> Naming:
    """How strongly a statement names the caller; identity policies are about whoever they are attached to."""
    if compiled.kind is PolicyKind.IDENTITY:
        return Naming(Level.DIRECT, Level.DIRECT)
    principals = compiled.statement.principals
    if principals is None:
        return Naming(Level.NONE, Level.NONE)
    return naming_of(principals, caller, compiled.kind, deny=compiled.statement.effect is not Effect.ALLOW)


def statements_of(document: Document, actions: tuple[str, ...]) -> tuple[Compiled, ...]:
    """The statements of a document, and one of which nothing is known where there may be further ones."""
    known = compiled_statements(document, actions)
    if not document.unknown:
        return known
    everything = Terms((Term("*"),))
    open_ = Statement(Effect.UNKNOWN, everything, everything, index=-1, conditions_unknown=True)
    kind = kind_of(replace(document, statements=()), actions)
    return (*known, compile_statement(open_, kind, source=document.source))


def all_sets(main: Side, unless: Side | None) -> Iterator[StatementSet]:
    """Every statement of both sides, in the same order each time."""
    for side in (main, unless):
        if side is not None:
            yield from side.denies
            for layer in side.allows:
                yield from layer
