"""Laws that hold for every request and every set of policies, on generated ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.iam.decision import Verdict, decide
from osreach.iam.document import (
    Condition,
    Document,
    Effect,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Quantifier,
    Statement,
    Term,
    Terms,
)
from osreach.iam.policies import Layer, Policies
from osreach.iam.request import Anonymous, Principal, Request, RoleSession, RootUser, Service, User

ONE, TWO = "\U000f0000", "\U000f0001"
ACCOUNT, OTHER = "111122223333", "444455556666"
USER = User(f"arn:aws:iam::{ACCOUNT}:user/ann")
STRANGER = User(f"arn:aws:iam::{OTHER}:user/eve")
ROLE = RoleSession(f"arn:aws:iam::{ACCOUNT}:role/reader")
DOMAIN = f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"

CALLERS: list[Principal] = [Anonymous(), USER, STRANGER, ROLE, RootUser(ACCOUNT), Service("es.amazonaws.com")]
ACTIONS = ["es:ESHttpGet", "es:*", "kms:Decrypt", "*", "es:ESHttpPut", "s3:*", f"es:{ONE}", TWO]
RESOURCES = [
    "*",
    f"{DOMAIN}/*",
    f"{DOMAIN}/a*",
    KEY,
    DOMAIN,
    f"arn:aws:es:eu-west-1:{ONE}:domain/logs/*",
    f"{TWO}/*",
]
NAMES = [
    PrincipalTerm(PrincipalKind.ANYONE, "*"),
    PrincipalTerm(PrincipalKind.AWS, USER.arn),
    PrincipalTerm(PrincipalKind.AWS, STRANGER.arn),
    PrincipalTerm(PrincipalKind.AWS, ROLE.role_arn),
    PrincipalTerm(PrincipalKind.AWS, f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/session"),
    PrincipalTerm(PrincipalKind.AWS, ACCOUNT),
    PrincipalTerm(PrincipalKind.AWS, OTHER),
    PrincipalTerm(PrincipalKind.SERVICE, "es.amazonaws.com"),
    PrincipalTerm(PrincipalKind.AWS, f"arn:aws:iam::{ONE}:user/ann"),
    PrincipalTerm(PrincipalKind.AWS, TWO),
]
OPERATORS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]
KEYS = ["aws:SourceVpce", "aws:PrincipalTag/t", "aws:TagKeys"]
VALUES = ["a", "b*", "*", ONE, f"a{TWO}"]
TARGETS = [f"{DOMAIN}/a", f"{DOMAIN}/a/b", KEY, f"arn:aws:es:eu-west-1:{ONE}:domain/logs/a"]
FILLS = ["", "a", "b", "*", ACCOUNT, OTHER, "ESHttpGet", "es:ESHttpGet", DOMAIN, "a*"]


EVERYTHING = Statement(
    Effect.ALLOW,
    Terms((Term("*"),)),
    Terms((Term("*"),)),
    Principals((PrincipalTerm(PrincipalKind.ANYONE, "*"),)),
)


@dataclass(frozen=True)
class Drawn:
    """A generated case; drawing by a seed is far quicker than by strategies."""

    request: Request
    policies: Policies
    document: Document
    one: str
    two: str


def some_terms(random: Random, texts: list[str]) -> tuple[Term, ...]:
    return tuple(Term(random.choice(texts)) for _ in range(random.choice([1, 1, 2])))


def draw_statement(random: Random) -> Statement:
    conditions = [
        Condition(
            random.choice(OPERATORS),
            random.choice(KEYS),
            some_terms(random, VALUES),
            random.choice(list(Quantifier)),
            random.random() < 0.5,
        )
        for _ in range(random.choice([0, 0, 1]))
    ]
    return Statement(
        random.choice([Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
        Terms(some_terms(random, ACTIONS), random.random() < 0.2),
        Terms(some_terms(random, RESOURCES), random.random() < 0.2),
        Principals(tuple(random.choices(NAMES, k=random.choice([1, 2]))), random.random() < 0.2),
        tuple(conditions),
    )


def draw_document(random: Random) -> Document:
    statements = tuple(replace(draw_statement(random), index=index) for index in range(random.randint(1, 3)))
    if random.random() < 0.5:
        statements += (replace(EVERYTHING, index=len(statements)),)
    return Document(statements, "2012-10-17")


def draw_some(random: Random) -> tuple[Document, ...]:
    return tuple(draw_document(random) for _ in range(random.choice([0, 1, 1])))


def draw_levels(random: Random) -> tuple[tuple[Document, ...] | None, ...]:
    return tuple(draw_some(random) or None for _ in range(random.choice([0, 0, 0, 1, 2])))


def draw(seed: int) -> Drawn:
    random = Random(seed)
    context = {
        key: tuple(random.choices(["a", "b", "ab", ONE], k=random.randint(0, 2)))
        for key in random.sample(KEYS, random.randint(0, 2))
    }
    request = Request(
        random.choice(CALLERS),
        random.choice(["es:ESHttpGet", "es:ESHttpPut", "kms:Decrypt"]),
        random.choice(TARGETS),
        context,
        ACCOUNT,
    )
    rare = random.random() < 0.3
    policies = Policies(
        draw_some(random),
        draw_some(random),
        draw_some(random) if rare else (),
        draw_some(random) if random.random() < 0.3 else (),
        draw_levels(random),
        draw_levels(random),
        draw_some(random) if random.random() < 0.2 else (),
    )
    return Drawn(request, policies, draw_document(random), random.choice(FILLS), random.choice(FILLS))


SEEDS = st.integers(0, 2**32)


def is_allowed(request: Request, policies: Policies) -> bool | None:
    match decide(request, policies).verdict:
        case Verdict.ALLOWED:
            return True
        case Verdict.UNKNOWN:
            return None
        case _:
            return False


def with_layer(policies: Policies, layer: Layer, documents: tuple[Document, ...]) -> Policies:
    match layer:
        case Layer.IDENTITY:
            return replace(policies, identity=documents)
        case Layer.RESOURCE:
            return replace(policies, resource=documents)
        case Layer.BOUNDARY:
            return replace(policies, boundary=documents)
        case Layer.SESSION:
            return replace(policies, session=documents)
        case _:
            return replace(policies, endpoint=documents)


def layers_of(policies: Policies) -> dict[Layer, tuple[Document, ...]]:
    return {
        Layer.IDENTITY: policies.identity,
        Layer.RESOURCE: policies.resource,
        Layer.BOUNDARY: policies.boundary,
        Layer.SESSION: policies.session,
        Layer.ENDPOINT: policies.endpoint,
    }


@settings(max_examples=250, deadline=None)
@given(SEEDS)
def test_adding_a_deny_never_adds_access(seed: int) -> None:
    case = draw(seed)
    before = is_allowed(case.request, case.policies)
    denies = tuple(replace(statement, effect=Effect.DENY) for statement in case.document.statements)
    for layer, present in layers_of(case.policies).items():
        if present:
            longer = replace(present[0], statements=present[0].statements + denies)
            after = is_allowed(case.request, with_layer(case.policies, layer, (longer, *present[1:])))
            assert (before, after) not in {(False, True), (False, None), (None, True)}


@settings(max_examples=250, deadline=None)
@given(SEEDS)
def test_adding_an_allow_never_removes_access(seed: int) -> None:
    case = draw(seed)
    before = is_allowed(case.request, case.policies)
    more = replace(
        case.document,
        statements=tuple(replace(statement, effect=Effect.ALLOW) for statement in case.document.statements),
    )
    for layer in (Layer.IDENTITY, Layer.RESOURCE):
        present = layers_of(case.policies)[layer]
        after = is_allowed(case.request, with_layer(case.policies, layer, (*present, more)))
        assert (before, after) not in {(True, False), (True, None), (None, False)}


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_case_of_the_action_does_not_matter(seed: int) -> None:
    case = draw(seed)
    upper = replace(case.request, action=case.request.action.upper())
    assert decide(upper, case.policies) == decide(case.request, case.policies)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_a_boundary_of_everything_is_none(seed: int) -> None:
    case = draw(seed)
    resource = tuple(map(without_exceptions, case.policies.resource))
    everything = Document((Statement(Effect.ALLOW, Terms((Term("*"),)), Terms((Term("*"),))),))
    without = replace(case.policies, boundary=(), resource=resource, endpoint=())
    assert is_allowed(case.request, replace(without, boundary=(everything,))) is is_allowed(
        case.request, without
    )


def without_exceptions(document: Document) -> Document:
    """Without `NotPrincipal`, which treats callers with a boundary differently."""
    kept = [one for one in document.statements if one.principals is None or not one.principals.negated]
    return replace(document, statements=tuple(kept))


def fill(document: Document, table: dict[int, str]) -> Document:
    def term(one: Term) -> Term:
        return replace(one, text=one.text.translate(table))

    def terms(some: Terms) -> Terms:
        return replace(some, terms=tuple(map(term, some.terms)))

    statements = []
    for statement in document.statements:
        assert statement.resources is not None
        assert statement.principals is not None
        names = tuple(
            replace(
                name,
                text=name.text.translate(table),
                kind=PrincipalKind.ANYONE if name.text.translate(table) == "*" else name.kind,
            )
            for name in statement.principals.terms
        )
        statements.append(
            replace(
                statement,
                actions=terms(statement.actions),
                resources=terms(statement.resources),
                principals=replace(statement.principals, terms=names),
                conditions=tuple(
                    replace(condition, values=tuple(map(term, condition.values)))
                    for condition in statement.conditions
                ),
            )
        )
    return replace(document, statements=tuple(statements))


def fill_level(level: tuple[Document, ...] | None, table: dict[int, str]) -> tuple[Document, ...] | None:
    return None if level is None else tuple(fill(document, table) for document in level)


def fill_policies(policies: Policies, table: dict[int, str]) -> Policies:
    def each(documents: tuple[Document, ...]) -> tuple[Document, ...]:
        return tuple(fill(document, table) for document in documents)

    return Policies(
        each(policies.identity),
        each(policies.resource),
        each(policies.boundary),
        each(policies.session),
        tuple(fill_level(level, table) for level in policies.service_control),
        tuple(fill_level(level, table) for level in policies.resource_control),
        each(policies.endpoint),
    )


@settings(max_examples=600, deadline=None)
@given(SEEDS)
def test_filling_in_the_unknown_never_turns_an_answer_round(seed: int) -> None:
    case = draw(seed)
    answer = is_allowed(case.request, case.policies)
    if answer is None or (ONE in case.request.resource and (":" in case.one or "*" in case.one)):
        return  # an account holds neither a colon nor a star
    table = {ord(ONE): case.one, ord(TWO): case.two}
    context = case.request.context.items()
    filled = replace(
        case.request,
        resource=case.request.resource.translate(table),
        context={key: tuple(value.translate(table) for value in values) for key, values in context},
    )
    assert is_allowed(filled, fill_policies(case.policies, table)) is not (not answer)


@settings(max_examples=250, deadline=None)
@given(SEEDS)
def test_an_unknown_answer_says_what_it_depends_on(seed: int) -> None:
    case = draw(seed)
    decision = decide(case.request, case.policies)
    if decision.verdict is Verdict.UNKNOWN:
        assert decision.depends_on or decision.notes
    else:
        assert not decision.depends_on
        assert decision.cautious is decision.verdict


@settings(max_examples=250, deadline=None)
@given(SEEDS)
def test_a_denial_names_its_layer_and_an_allow_its_statements(seed: int) -> None:
    case = draw(seed)
    decision = decide(case.request, case.policies)
    match decision.verdict:
        case Verdict.ALLOWED:
            assert decision.blocked_by is None
            assert {deciding.effect for deciding in decision.because} <= {Effect.ALLOW}
            assert {deciding.layer for deciding in decision.because} <= {Layer.IDENTITY, Layer.RESOURCE}
            assert decision.because or isinstance(case.request.principal, RootUser)
        case Verdict.EXPLICIT_DENY:
            assert decision.blocked_by == decision.because[0].layer
            assert {deciding.effect for deciding in decision.because} == {Effect.DENY}
        case Verdict.IMPLICIT_DENY:
            assert decision.blocked_by is not None
            assert decision.because == ()


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_another_document_of_nothing_changes_nothing(seed: int) -> None:
    case = draw(seed)
    nothing = Document((), "2012-10-17")
    for layer in (Layer.IDENTITY, Layer.RESOURCE):
        present = layers_of(case.policies)[layer]
        for longer in ((nothing, *present), (*present, nothing)):
            changed = with_layer(case.policies, layer, longer)
            assert decide(case.request, changed).verdict is decide(case.request, case.policies).verdict
