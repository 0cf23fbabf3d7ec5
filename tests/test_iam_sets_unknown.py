"""Unknown parts in questions: what is certain stays so, and what is impossible too, whatever they turn out to be."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from oracle_cvc5 import ACTIONS, DOMAIN, random_question
from osreach.iam.document import (
    Condition,
    Document,
    Effect,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Statement,
    Term,
    Terms,
)
from osreach.iam.hole import Holes
from osreach.iam.question import Fixed, Found, Mode, Nothing, Question, Scope, TooComplex, addresses, find
from osreach.iam.request import User

_HOLES = Holes()
HOLES = tuple(_HOLES.hole(f"var.{name}") for name in "abcd")
FILLINGS = (
    "logs",
    "a",
    "*",
    "?",
    "",
    "vpce-1",
    "123456789012",
    "10.0.0.0/8",
    "true",
    "eu-west-1",
    "es",
    "domain/logs",
)
"""No colons: nobody writes two parts of an ARN with one value."""


def mapped_document(document: Document, change: Callable[[str], str]) -> Document:
    """The document with every text in it changed."""

    def terms(given: Terms | None) -> Terms | None:
        if given is None:
            return None
        return replace(given, terms=tuple(replace(term, text=change(term.text)) for term in given.terms))

    def principals(given: Principals | None) -> Principals | None:
        if given is None:
            return None
        return replace(given, terms=tuple(replace(term, text=change(term.text)) for term in given.terms))

    def condition(given: Condition) -> Condition:
        return replace(given, values=tuple(Term(change(term.text)) for term in given.values))

    def statement(given: Statement) -> Statement:
        actions = terms(given.actions)
        assert actions is not None
        return replace(
            given,
            actions=actions,
            resources=terms(given.resources),
            principals=principals(given.principals),
            conditions=tuple(condition(one) for one in given.conditions),
        )

    return replace(document, statements=tuple(statement(one) for one in document.statements))


def mapped(question: Question, change: Callable[[str], str]) -> Question:
    """The question with every text of its policies and resources changed."""
    return replace(
        question,
        layers=tuple(tuple(mapped_document(one, change) for one in layer) for layer in question.layers),
        unless=tuple(tuple(mapped_document(one, change) for one in layer) for layer in question.unless),
        scope=replace(question.scope, resources=tuple(change(text) for text in question.scope.resources)),
    )


def with_holes(question: Question, chance: random.Random) -> Question:
    """The question with parts of some of its texts replaced by holes."""

    def change(text: str) -> str:
        if chance.random() > 0.15 or not text:
            return text
        begin = chance.randrange(len(text))
        end = chance.randint(begin, len(text))
        if chance.random() < 0.5 and ":" in text:
            parts = text.split(":")
            parts[chance.randrange(len(parts))] = chance.choice(HOLES)
            return ":".join(parts)
        return text[:begin] + chance.choice(HOLES) + text[end:]

    return mapped(question, change)


def filled(question: Question, chance: random.Random) -> Question:
    """The question with a text for every hole."""
    texts = {hole: chance.choice(FILLINGS) for hole in HOLES}

    def change(text: str) -> str:
        for hole, filling in texts.items():
            text = text.replace(hole, filling)
        return text

    def change_resource(text: str) -> str:
        for hole, filling in texts.items():
            text = text.replace(hole, filling.replace("*", "${*}"))
        return text

    resources = tuple(change_resource(text) for text in question.scope.resources)
    return replace(mapped(question, change), scope=replace(question.scope, resources=resources))


seeds = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_what_is_certain_is_possible(chance: random.Random) -> None:
    asked = with_holes(random_question(chance, 5), chance)
    certain = find(replace(asked, mode=Mode.CERTAIN))
    possible = find(replace(asked, mode=Mode.POSSIBLE))
    assert not isinstance(certain, TooComplex)
    if isinstance(certain, Found):
        assert isinstance(possible, Found)


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_filling_in_what_is_unknown_changes_no_sure_answer(chance: random.Random) -> None:
    asked = with_holes(random_question(chance, 4), chance)
    certain = find(replace(asked, mode=Mode.CERTAIN))
    possible = find(replace(asked, mode=Mode.POSSIBLE))
    for _ in range(3):
        known = find(filled(asked, chance))
        if isinstance(certain, Found):
            assert isinstance(known, Found)
        if possible == Nothing():
            assert isinstance(known, Nothing)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_each_address_is_let_in_or_not(chance: random.Random) -> None:
    asked = replace(random_question(chance, 5), unless=())
    found = addresses(asked)
    assert not isinstance(found, TooComplex)
    for network in ("10.1.2.3", "203.0.113.7", "203.0.113.200", "130.0.0.1", "2001:db8::9", "fd00::1"):
        everywhere = replace(asked, scope=replace(asked.scope, keys={"aws:sourceip": Fixed((network,))}))
        assert isinstance(find(everywhere), Found) is (network in found)


def test_what_stands_for_one_unknown_text_is_told_among_several_resources() -> None:
    unknown = f"{HOLES[0]}:aws:es:eu-west-1:123456789012:domain/logs"
    below = Statement(Effect.ALLOW, Terms((Term("es:*"),)), Terms((Term(f"{unknown}/a*"),)))
    layers = ((Document((below,), "2012-10-17"),),)
    scope = Scope(User("arn:aws:iam::123456789012:user/a"), ACTIONS, (unknown, f"{DOMAIN}-other"))
    asked = Question(layers, scope, mode=Mode.POSSIBLE)
    assert find(asked) == Nothing()
    assert addresses(asked) == addresses(replace(asked, layers=((Document((), "2012-10-17"),),)))
    whole = replace(scope, resources=(*scope.resources, f"{unknown}/ab"))
    found = find(replace(asked, scope=whole))
    assert isinstance(found, Found)
    assert found.request.resource == f"{unknown}/ab"


def test_a_deny_elsewhere_leaves_possible_what_an_unknown_account_is_allowed() -> None:
    account = HOLES[0]
    domain = f"arn:aws:es:eu-west-1:{account}:domain/logs"
    scope = Scope(User("arn:aws:iam::111122223333:user/ann"), ("es:ESHttpGet",), (f"{domain}/_search",))
    action = Terms((Term("es:ESHttp*"),))
    for denied in (f"{domain}/_plugins/*", "arn:aws:es:eu-west-1:444455556666:domain/other/*"):
        document = Document(
            (
                Statement(Effect.ALLOW, action, Terms((Term(f"{domain}/*"),))),
                Statement(Effect.DENY, action, Terms((Term(denied),)), index=1),
            ),
            "2012-10-17",
            source="policy",
        )
        question = Question(((document,),), scope, mode=Mode.POSSIBLE)
        assert isinstance(find(question), Found), denied


def test_an_unknown_effect_is_certain_of_nothing() -> None:
    unknown = Statement(Effect.UNKNOWN, Terms((Term("es:*"),)), Terms((Term(f"{DOMAIN}/*"),)))
    asked = Question(
        ((Document((unknown,), "2012-10-17"),),),
        random_question(random.Random(0)).scope,
    )
    assert asked.scope.actions == ACTIONS
    assert find(asked) == Nothing()
    assert isinstance(find(replace(asked, mode=Mode.POSSIBLE)), Found)


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_a_variable_says_the_same_as_its_value(chance: random.Random) -> None:
    asked = replace(random_question(chance, 5), unless=())
    ann = User("arn:aws:iam::123456789012:user/a")

    def spelled(text: str) -> str:
        head, slash, path = text.partition(f"{DOMAIN}/")
        return head + slash + path.replace("a", "${aws:username}") if slash else text

    written = replace(asked, scope=replace(asked.scope, principal=ann))
    with_variables = replace(mapped(written, spelled), scope=written.scope)
    assert type(find(with_variables)) is type(find(written))


def test_without_a_version_a_variable_is_text() -> None:
    own = Statement(
        Effect.ALLOW,
        Terms((Term("es:*"),)),
        Terms((Term(f"{DOMAIN}/${{aws:username}}/*"),)),
        Principals((PrincipalTerm(PrincipalKind.ANYONE, "*"),)),
    )
    scope = Scope(User("arn:aws:iam::123456789012:user/ann"), ACTIONS, (f"{DOMAIN}/*",))
    answer = find(Question(((Document((own,), None),),), scope))
    assert isinstance(answer, Found)
    assert answer.request.resource.startswith(f"{DOMAIN}/${{aws:username}}/")
