"""Whether some request of a question is allowed, and which.

The statements become sets of requests (`statement_set`), the values of each
condition key classes (`atoms`); for every way of choosing one Allow in each
layer the search looks for a request inside these and outside every Deny. What
it finds is put to the concrete matcher before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from os.path import commonprefix

from osreach.iam.arn import account_of
from osreach.iam.atoms import Classes, Clause, classes_of
from osreach.iam.document import Document, Effect, PolicyKind, Statement, Term, Terms
from osreach.iam.facts import Facts, facts_of
from osreach.iam.glob_match import has_wildcard, is_everything
from osreach.iam.hole import has_hole
from osreach.iam.language import BUDGET as STATES
from osreach.iam.language import TooManyStatesError
from osreach.iam.matching import Compiled, compile_statement, variables_in
from osreach.iam.pattern import Form, Glob, glob, glob_of, symbols_of
from osreach.iam.principal import Caller, Level, Naming, caller_of, naming_of
from osreach.iam.readable import likely_resources
from osreach.iam.request import Anonymous, Request, Service
from osreach.iam.scope import (
    Absent,
    Answer,
    AnyText,
    Disagreement,
    Fixed,
    Found,
    KeyDomain,
    Mode,
    Nothing,
    Question,
    Scope,
    TooComplex,
)
from osreach.iam.search import STEPS, Area, Budget, Readable, Resources, Spot, TooManyStepsError, find_spot
from osreach.iam.statement_set import StatementSet, compiled_statements, kind_of, resource_set, statement_set
from osreach.iam.truth import Truth
from osreach.iam.variables import template

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

_TRIALS = 256


@dataclass(slots=True)
class _Side:
    """The statements of some layers that may allow, by layer, and those that may deny."""

    allows: list[list[StatementSet]]
    denies: list[StatementSet]


@dataclass(slots=True)
class Prepared:
    """A question as sets: what does not depend on the values of keys is worked out once."""

    question: Question
    main: _Side
    unless: _Side | None
    facts: Facts
    variables: dict[int, Truth]
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
    truths: dict[int, Truth] = {}
    main = _side(question, question.layers, question.denials, truths, certain=certain)
    unless = _side(question, question.unless, (), truths, certain=not certain) if question.unless else None
    facts = _facts(scope)
    sets = list(_all_sets(main, unless))
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
        truths,
        scope.actions,
        any(map(has_hole, scope.resources)),
        commonprefix(scope.resources),  # noqa: RUF071 - by character is what is meant
        tuple(scope_glob(text) for text in scope.resources),
        [scope_glob(text) for text in scope.without],
        clauses,
        tuple(sorted(key for key in variables if key not in facts.keys)),
    )


def scope_glob(text: str) -> Glob:
    """The resources that a pattern of a scope stands for; `*` is every ARN, `${*}` the resource `*`."""
    if is_everything(text):
        return glob("arn:*:*:*:*:*", Form.ARN)
    pieces = "".join(piece for piece in template(text) if isinstance(piece, str))
    return glob_of(symbols_of(pieces), Form.ARN)


def _facts(scope: Scope) -> Facts:
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


def _side(
    question: Question,
    layers: Sequence[Sequence[Document]],
    denials: Sequence[Document],
    truths: dict[int, Truth],
    *,
    certain: bool,
) -> _Side:
    """The statements that count: an Allow where it applies certainly, or else where it may."""
    actions = question.scope.actions
    caller = caller_of(question.scope.principal)
    needed = Level.ACCOUNT if question.account_principal_counts else Level.ENTITY
    side = _Side([[] for _ in layers], [])
    for place, document in [
        *((place, document) for place, layer in enumerate(layers) for document in layer),
        *((None, document) for document in denials),
    ]:
        truth = variables_in(document)
        for compiled in _statements(document, actions):
            effect = compiled.statement.effect
            if effect is Effect.UNKNOWN:
                effect = Effect.DENY if certain else Effect.ALLOW
            allow = effect is Effect.ALLOW
            if allow and place is None:
                continue
            sure = certain is allow
            if sure and compiled.statement.effect is Effect.UNKNOWN:
                continue
            naming = _naming(compiled, caller)
            level = naming.certain if sure else naming.possible
            if level is Level.NONE or (allow and level < needed):
                continue
            found = statement_set(compiled, truth, actions, certain=sure)
            if found is None:
                continue
            truths[id(compiled)] = truth
            if allow and place is not None:
                side.allows[place].append(found)
            elif not allow:
                side.denies.append(found)
    return side


def _naming(compiled: Compiled, caller: Caller) -> Naming:
    """How strongly a statement names the caller; identity policies are about whoever they are attached to."""
    if compiled.kind is PolicyKind.IDENTITY:
        return Naming(Level.DIRECT, Level.DIRECT)
    principals = compiled.statement.principals
    if principals is None:
        return Naming(Level.NONE, Level.NONE)
    return naming_of(principals, caller, compiled.kind, deny=compiled.statement.effect is not Effect.ALLOW)


def _statements(document: Document, actions: tuple[str, ...]) -> tuple[Compiled, ...]:
    """The statements of a document, and one of which nothing is known where there may be further ones."""
    known = compiled_statements(document, actions)
    if not document.unknown:
        return known
    everything = Terms((Term("*"),))
    open_ = Statement(Effect.UNKNOWN, everything, everything, index=-1, conditions_unknown=True)
    kind = kind_of(replace(document, statements=()), actions)
    return (*known, compile_statement(open_, kind, source=document.source))


def _all_sets(main: _Side, unless: _Side | None) -> Iterator[StatementSet]:
    for side in (main, unless):
        if side is not None:
            yield from side.denies
            for layer in side.allows:
                yield from layer


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
        variables = self.prepared.variables[id(given.compiled)]
        resources = resource_set(
            given, variables, self.facts, holed=self.prepared.holed, begin=self.prepared.begin
        )
        if resources.patterns == () and not resources.negated:
            return None
        return Area(
            tuple((number, mask) for number, mask in masks.items() if mask != self.keys[number].every),
            resources.patterns,
            resources.negated,
        )


def solve(question: Question, budget: int = STEPS) -> Answer:
    """A request that the question's policies allow, or why there is none to show."""
    prepared = prepare(question)
    return solve_prepared(prepared, {}, Budget(budget))


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
    except TooManyStatesError as error:
        return TooComplex("the patterns can be combined in too many ways", error.bound)
    except TooManyStepsError as error:
        return TooComplex("the statements can be combined in too many ways", error.bound)
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
    for one in _all_sets(prepared.main, prepared.unless):
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
        if isinstance(domain, AnyText) or type(domain).__name__ == "Unconstrained":
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
    areas = _Areas(prepared, facts, classes, number, {}, Resources(STATES))
    seen: set[tuple[int, ...]] = set()
    for place in range(len(prepared.actions)):
        bit = 1 << place
        active = tuple(
            index for index, one in enumerate(_all_sets(prepared.main, prepared.unless)) if one.actions & bit
        )
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
    for more_inside, more_outside in _alternatives(prepared.unless, areas, bit):
        for chosen in product(*choices):
            spot = find_spot(
                domains,
                prepared.within,
                prepared.without,
                [*(area for _, area in chosen), *more_inside],
                [*(area for _, area in outside), *more_outside],
                readable=readable,
                budget=budget,
                resources=areas.resources,
            )
            if spot is not None:
                # What was found for another action may read better for this one.
                request = _request(prepared, areas, action, spot, keys)
                check(prepared.question, request)
                return Found(request, tuple(one.name for one, _ in chosen))
    return None


def _active(sets: Iterable[StatementSet], areas: _Areas, bit: int) -> list[tuple[StatementSet, Area]]:
    return [(one, area) for one in sets if one.actions & bit and (area := areas.of(one)) is not None]


def _alternatives(unless: _Side | None, areas: _Areas, bit: int) -> Iterator[tuple[list[Area], list[Area]]]:
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
    derived = _facts(scope).keys
    context: dict[str, tuple[str, ...]] = {}
    for classes, chosen in zip(areas.keys, spot.classes, strict=True):
        context[classes.key] = classes.values[chosen]
    for key, domain in keys.items():
        context.setdefault(key, domain.values if isinstance(domain, Fixed) else ())
    kept = {key: values for key, values in context.items() if derived.get(key, ()) != values}
    return Request(scope.principal, action, spot.resource, kept, scope.resource_account)


def allowed(
    layers: Sequence[Sequence[Document]],
    denials: Sequence[Document],
    request: Request,
    question: Question,
    *,
    certain: bool,
) -> bool:
    """Whether the concrete matcher lets the request through, unknown parts taken as in the question."""
    facts = facts_of(request)
    needed = Level.ACCOUNT if question.account_principal_counts else Level.ENTITY
    actions = question.scope.actions
    granted = [False] * len(layers)
    for place, document in [
        *((place, document) for place, layer in enumerate(layers) for document in layer),
        *((None, document) for document in denials),
    ]:
        for compiled in _statements(document, actions):
            match = compiled.match(facts)
            effect = compiled.statement.effect
            if match.truth is Truth.FALSE:
                continue
            sure = match.truth is Truth.TRUE and effect is not Effect.UNKNOWN
            if effect is not Effect.ALLOW and (sure or certain):
                return False
            if effect is Effect.DENY or place is None:
                continue
            level = match.certain if certain else match.possible
            if level >= needed and (sure or not certain):
                granted[place] = True
    return all(granted)


def check(question: Question, request: Request) -> None:
    """Put what was found to the concrete matcher; raises `Disagreement` where it says otherwise."""
    certain = question.mode is Mode.CERTAIN
    if not allowed(question.layers, question.denials, request, question, certain=certain):
        raise Disagreement(f"the concrete decision does not allow {request}")
    if question.unless and allowed(question.unless, (), request, question, certain=not certain):
        raise Disagreement(f"the concrete decision allows {request}, which was to be excluded")
    scope = question.scope
    resource = request.resource
    if not any(scope_glob(text).matches(resource) for text in scope.resources) or any(
        scope_glob(text).matches(resource) for text in scope.without
    ):
        raise Disagreement(f"the resource `{resource}` is outside the question")
