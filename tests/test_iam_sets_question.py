"""Questions about sets of requests, against tables, enumeration and an SMT solver."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle_cvc5 import ACTIONS, DOMAIN, ROLE, random_document, random_question, some_request_exists
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
from osreach.iam.hole import Holes
from osreach.iam.question import (
    Absent,
    AnyAddress,
    AnyOf,
    Fixed,
    Found,
    KeyDomain,
    Mode,
    Nothing,
    Question,
    Scope,
    TooComplex,
    addresses,
    find,
)
from osreach.iam.replay import allowed
from osreach.iam.request import Anonymous, Principal, Request, RoleSession, User

ANYONE = Principals((PrincipalTerm(PrincipalKind.ANYONE, "*"),))


def conditions(*given: tuple[str, str, str]) -> tuple[Condition, ...]:
    """Conditions written `ForAllValues:StringLikeIfExists`, key, values separated by a space."""
    made = []
    for operator, key, values in given:
        quantifier, _, name = operator.rpartition(":")
        made.append(
            Condition(
                name.removesuffix("IfExists"),
                key,
                tuple(Term(value) for value in values.split()),
                Quantifier(quantifier),
                name.endswith("IfExists"),
            )
        )
    return tuple(made)


def statement(
    effect: str, resources: str = "*", *given: tuple[str, str, str], actions: str = "es:*", index: int = 0
) -> Statement:
    return Statement(
        Effect(effect),
        Terms(tuple(Term(text) for text in actions.split())),
        Terms(tuple(Term(text) for text in resources.split())),
        ANYONE,
        conditions(*given),
        index=index,
    )


def question(
    *statements: Statement,
    principal: Principal | None = None,
    keys: dict[str, KeyDomain] | None = None,
    resources: tuple[str, ...] = (f"{DOMAIN}/*",),
    mode: Mode = Mode.CERTAIN,
) -> Question:
    document = Document(
        tuple(replace(one, index=index) for index, one in enumerate(statements)),
        "2012-10-17",
        source="policy",
    )
    scope = Scope(principal or Anonymous(), ACTIONS, resources, keys=keys or {})
    return Question(((document,),), scope, mode=mode)


ALLOW = statement("Allow", f"{DOMAIN}/*")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((ALLOW,), True),
        ((), False),
        ((ALLOW, statement("Deny")), False),
        ((ALLOW, statement("Deny", f"{DOMAIN}/restricted-index*")), True),
        ((statement("Allow", DOMAIN),), False),
        ((statement("Allow", f"{DOMAIN}*"),), True),
        ((statement("Allow", f"{DOMAIN}/a*"), statement("Deny", f"{DOMAIN}/a {DOMAIN}/a?*")), False),
        ((statement("Allow", f"{DOMAIN}/a*"), statement("Deny", f"{DOMAIN}/a"), statement("Deny", f"{DOMAIN}/a?*")), False),
        (
            (statement("Allow", f"{DOMAIN}/restricted-index*"), statement("Deny", f"{DOMAIN}/restricted-index/*")),
            True,
        ),
        (
            (statement("Allow", f"{DOMAIN}/restricted-index/*"), statement("Deny", f"{DOMAIN}/restricted-index*")),
            False,
        ),
        (
            (
                ALLOW,
                statement("Deny", "*", ("IpAddress", "aws:SourceIp", "0.0.0.0/1")),
                statement("Deny", "*", ("IpAddress", "aws:SourceIp", "128.0.0.0/1 ::/0")),
                statement("Deny", "*", ("Null", "aws:SourceIp", "true")),
            ),
            False,
        ),
        (
            (
                ALLOW,
                statement("Deny", "*", ("IpAddress", "aws:SourceIp", "0.0.0.0/1")),
                statement("Deny", "*", ("IpAddress", "aws:SourceIp", "128.0.0.0/1 ::/0")),
            ),
            True,
        ),
        ((statement("Allow", "*", ("StringEquals", "aws:PrincipalOrgID", "o-1")),), False),
        ((statement("Allow", "*", ("StringNotEquals", "aws:PrincipalOrgID", "o-1")),), True),
        ((statement("Allow", "*", ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1")),), True),
        ((statement("Allow", "*", ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/*")),), True),
        ((statement("Allow", "*", ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/*")),), False),
        ((ALLOW, statement("Deny", "*", ("Bool", "aws:SecureTransport", "false"))), True),
        (
            (
                ALLOW,
                statement("Deny", "*", ("Bool", "aws:SecureTransport", "false true")),
                statement("Deny", "*", ("Null", "aws:SecureTransport", "true")),
                statement("Deny", "*", ("StringNotEqualsIgnoreCase", "aws:SecureTransport", "true")),
            ),
            False,
        ),
        (
            (statement("Allow", "*", ("NumericLessThan", "aws:MultiFactorAuthAge", "10")),),
            False,
        ),
        (
            (
                statement("Allow", "*", ("NumericLessThan", "es:age", "10"), ("NumericGreaterThan", "es:age", "9")),
                statement("Deny", "*", ("NumericEquals", "es:age", "9.5")),
            ),
            True,
        ),
        (
            (
                statement("Allow", "*", ("ForAllValues:StringEquals", "aws:TagKeys", "a b"), ("Null", "aws:TagKeys", "false")),
                statement("Deny", "*", ("ForAllValues:StringEquals", "aws:TagKeys", "a")),
                statement("Deny", "*", ("ForAllValues:StringEquals", "aws:TagKeys", "b")),
            ),
            True,
        ),
        (
            (
                statement("Allow", "*", ("ForAllValues:StringEquals", "aws:TagKeys", "a b"), ("Null", "aws:TagKeys", "false")),
                statement("Deny", "*", ("ForAnyValue:StringEquals", "aws:TagKeys", "a")),
                statement("Deny", "*", ("ForAnyValue:StringEquals", "aws:TagKeys", "b")),
            ),
            False,
        ),
        ((statement("Allow", "*", ("StringLike", "aws:UserAgent", "a*"), ("StringNotLike", "aws:UserAgent", "a?*")),), True),
        (
            (
                statement("Allow", "*", ("StringLike", "aws:UserAgent", "a*"), ("StringNotLike", "aws:UserAgent", "a?*")),
                statement("Deny", "*", ("StringEquals", "aws:UserAgent", "a")),
            ),
            False,
        ),
    ],
)  # fmt: skip
def test_an_anonymous_request_exists(statements: tuple[Statement, ...], *, expected: bool) -> None:
    answer = find(question(*statements))
    assert isinstance(answer, Found) is expected
    assert answer == Nothing() or isinstance(answer, Found)


def test_a_witness_looks_like_a_real_request() -> None:
    answer = find(question(statement("Allow", "*", ("IpAddress", "aws:SourceIp", "0.0.0.0/0"))))
    assert isinstance(answer, Found)
    assert answer.request == Request(
        Anonymous(), "es:ESHttpGet", f"{DOMAIN}/movies/_search", {"aws:sourceip": ("203.0.113.7",)}
    )
    assert answer.statements == (("policy", 0),)


def test_a_witness_avoids_what_is_denied_and_stays_readable() -> None:
    answer = find(question(ALLOW, statement("Deny", f"{DOMAIN}/movies* {DOMAIN}/_*")))
    assert isinstance(answer, Found)
    assert answer.request.resource == f"{DOMAIN}/songs/_search"


def test_the_scope_binds_the_answer() -> None:
    inside = question(
        statement("Allow", "*", ("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
        keys={"aws:sourceip": AnyAddress(within=("192.168.0.0/16",))},
    )
    assert find(inside) == Nothing()
    one_of = question(
        statement("Allow", "*", ("StringEquals", "aws:SourceVpce", "vpce-2")),
        keys={"aws:sourcevpce": AnyOf(("vpce-1", "vpce-2"))},
    )
    answer = find(one_of)
    assert isinstance(answer, Found)
    assert answer.request.context == {"aws:sourcevpce": ("vpce-2",)}
    absent = question(
        statement("Allow", "*", ("StringLike", "aws:SourceVpce", "*")), keys={"aws:sourcevpce": Absent()}
    )
    assert find(absent) == Nothing()
    without = replace(question(ALLOW).scope, without=(f"{DOMAIN}/*",))
    assert find(replace(question(ALLOW), scope=without)) == Nothing()


def test_keys_of_the_caller_are_not_free() -> None:
    reader = statement("Allow", "*", ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/rea*"))
    assert isinstance(find(question(reader, principal=RoleSession(ROLE))), Found)
    assert find(question(reader, principal=RoleSession("arn:aws:iam::123456789012:role/writer"))) == Nothing()
    named = statement("Allow", "*", ("StringLike", "aws:username", "*"))
    assert isinstance(find(question(named, principal=User("arn:aws:iam::123456789012:user/ann"))), Found)
    assert find(question(named, principal=RoleSession(ROLE))) == Nothing()


def test_variables_of_the_caller_are_filled_in() -> None:
    own = statement("Allow", f"{DOMAIN}/${{aws:username}}/*")
    ann = User("arn:aws:iam::123456789012:user/ann")
    answer = find(question(own, principal=ann))
    assert isinstance(answer, Found)
    assert answer.request.resource.startswith(f"{DOMAIN}/ann/")
    assert find(question(own, statement("Deny", f"{DOMAIN}/ann/*"), principal=ann)) == Nothing()
    assert find(question(own)) == Nothing()


def test_a_variable_of_the_request_is_tried_with_likely_values() -> None:
    team = statement(
        "Allow", f"{DOMAIN}/${{aws:PrincipalTag/team}}/*", ("StringLike", "aws:PrincipalTag/team", "mov*")
    )
    scope = question(team, principal=RoleSession(ROLE), resources=(f"{DOMAIN}/movies/*",))
    answer = find(scope)
    assert isinstance(answer, Found)
    assert answer.request.context["aws:principaltag/team"] == ("movies",)
    never = find(question(team, principal=RoleSession(ROLE), resources=(f"{DOMAIN}/songs/*",)))
    assert isinstance(never, Nothing)
    assert not never.exact
    assert "aws:principaltag/team" in never.reason


def test_every_layer_must_allow() -> None:
    first = question(ALLOW)
    other = Document((statement("Allow", f"{DOMAIN}/songs/*"),), "2012-10-17", source="boundary")
    both = replace(first, layers=(*first.layers, (other,)))
    answer = find(both)
    assert isinstance(answer, Found)
    assert answer.request.resource.startswith(f"{DOMAIN}/songs/")
    assert answer.statements == (("policy", 0), ("boundary", 0))
    assert find(replace(both, layers=(*both.layers, (Document(()),)))) == Nothing()
    assert find(replace(both, denials=(Document((statement("Deny"),)),))) == Nothing()


def test_the_account_principal_counts_only_where_asked() -> None:
    root = Principals((PrincipalTerm(PrincipalKind.AWS, "arn:aws:iam::123456789012:root"),))
    asked = question(replace(ALLOW, principals=root), principal=RoleSession(ROLE))
    assert isinstance(find(asked), Found)
    assert find(replace(asked, account_principal_counts=False)) == Nothing()


def test_holes_separate_what_is_certain_from_what_is_possible() -> None:
    holes = Holes()
    hole = holes.hole("var.network")
    limited = (statement("Allow", "*", ("IpAddress", "aws:SourceIp", hole)),)
    assert find(question(*limited)) == Nothing()
    assert isinstance(find(question(*limited, mode=Mode.POSSIBLE)), Found)
    denied = (ALLOW, statement("Deny", f"{DOMAIN}/{hole}"))
    assert find(question(*denied)) == Nothing()
    assert isinstance(find(question(*denied, mode=Mode.POSSIBLE)), Found)
    name = holes.hole("var.name")
    mine = f"arn:aws:es:eu-west-1:123456789012:domain/{name}"
    answer = find(question(statement("Allow", f"{mine}/*"), resources=(f"{mine}/*",)))
    assert isinstance(answer, Found)
    assert answer.request.resource == f"{mine}/movies/_search"
    other = f"arn:aws:es:eu-west-1:123456789012:domain/{holes.hole('var.other')}"
    unsure = question(statement("Allow", f"{other}/*"), resources=(f"{mine}/*",))
    assert find(unsure) == Nothing()
    assert isinstance(find(replace(unsure, mode=Mode.POSSIBLE)), Found)


def test_unread_statements_may_deny_and_may_allow() -> None:
    hole = Holes().hole("var.statements")
    certain = question(ALLOW)
    (document,) = certain.layers[0]
    open_ = replace(document, unknown=(Term(hole, many=True),))
    assert find(replace(certain, layers=((open_,),))) == Nothing()
    nothing_known = replace(open_, statements=())
    assert isinstance(find(replace(certain, layers=((nothing_known,),), mode=Mode.POSSIBLE)), Found)
    unread = replace(ALLOW, conditions_unknown=True)
    assert find(question(unread)) == Nothing()
    assert isinstance(find(question(unread, mode=Mode.POSSIBLE)), Found)


@pytest.mark.parametrize(
    ("statements", "networks"),
    [
        ((ALLOW,), ("0.0.0.0/0", "::/0")),
        ((statement("Allow", "*", ("IpAddress", "aws:SourceIp", "10.0.0.0/9 10.128.0.0/9")),), ("10.0.0.0/8",)),
        (
            (ALLOW, statement("Deny", "*", ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8 203.0.113.7"))),
            ("10.0.0.0/8", "203.0.113.7/32"),
        ),
        (
            (
                statement("Allow", "*", ("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
                statement("Deny", f"{DOMAIN}/a*", ("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
                statement("Deny", "*", ("IpAddress", "aws:SourceIp", "10.1.0.0/16"), ("Bool", "aws:SecureTransport", "false")),
            ),
            ("10.0.0.0/8",),
        ),
        ((statement("Allow", "*", ("NotIpAddress", "aws:SourceIp", "0.0.0.0/1 12.345.678.901")),), ("128.0.0.0/1", "::/0")),
        ((statement("Allow", "*", ("Null", "aws:SourceIp", "true")),), ()),
    ],
)  # fmt: skip
def test_exactly_these_addresses_are_let_in(
    statements: tuple[Statement, ...], networks: tuple[str, ...]
) -> None:
    found = addresses(question(*statements))
    assert not isinstance(found, TooComplex)
    assert found.networks() == networks


def test_too_complex_is_said_with_its_bound() -> None:
    answer = find(question(ALLOW, statement("Deny", f"{DOMAIN}/a*")), budget=1)
    assert answer == TooComplex("statements and patterns can be combined in too many ways", 1)


seeds = st.integers(0, 2**32).map(random.Random)
sampled_paths = ("", "a", "ab", "a/", "b", "ba", "_search", "restricted-index", "restricted-index/x", "xax")
sampled_contexts: tuple[dict[str, tuple[str, ...]], ...] = (
    {},
    {"aws:sourceip": ("10.1.2.3",), "aws:securetransport": ("true",)},
    {"aws:sourceip": ("203.0.113.7",), "aws:securetransport": ("false",), "aws:sourcevpce": ("vpce-1",)},
    {"aws:sourceip": ("2001:db8::1",), "aws:calledvia": ("es.amazonaws.com", "x"), "aws:tagkeys": ("cost",)},
    {
        "aws:sourcevpce": ("vpce-22",),
        "aws:currenttime": ("2026-03-01T00:00:00Z",),
        "aws:tagkeys": ("team", "x"),
    },
)


def sampled_requests(principal: Principal) -> list[Request]:
    return [
        Request(principal, action, f"{DOMAIN}/{path}", context)
        for action, path, context in product((ACTIONS[0], ACTIONS[4]), sampled_paths, sampled_contexts)
    ]


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_an_empty_set_admits_no_sampled_request(chance: random.Random) -> None:
    document = random_document(chance, chance.randint(1, 6))
    for principal in (Anonymous(), RoleSession(ROLE)):
        asked = Question(((document,),), Scope(principal, ACTIONS, (f"{DOMAIN}/*",)))
        let_through = [
            request
            for request in sampled_requests(principal)
            if allowed(asked.layers, (), request, asked, certain=True)
        ]
        answer = find(asked)
        if let_through:
            assert isinstance(answer, Found)
        if answer == Nothing():
            assert let_through == []


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_adding_a_deny_adds_nothing(chance: random.Random) -> None:
    asked = random_question(chance, 5)
    more = random_document(chance, 3, denies=1)
    if find(replace(asked, unless=())) == Nothing():
        assert find(replace(asked, unless=(), denials=(more,))) == Nothing()


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_what_a_policy_allows_minus_itself_is_empty(chance: random.Random) -> None:
    asked = random_question(chance, 6)
    assert find(replace(asked, unless=asked.layers)) == Nothing()


@settings(max_examples=80, deadline=None)
@given(seeds)
def test_fixing_the_witness_finds_it_again(chance: random.Random) -> None:
    asked = random_question(chance, 6)
    answer = find(asked)
    if isinstance(answer, Found):
        request = answer.request
        scope = replace(
            asked.scope,
            actions=(request.action,),
            resources=(request.resource,),
            keys={key: Fixed(values) for key, values in request.context.items()},
            other_keys=Absent(),
        )
        again = find(replace(asked, scope=scope))
        assert isinstance(again, Found)
        assert (again.request.action, again.request.resource) == (request.action, request.resource)


@pytest.mark.parametrize("seed", range(4))
def test_an_independent_solver_agrees(seed: int, record_property: Callable[[str, object], None]) -> None:
    asked = decided = exist = 0
    for number in range(8):
        question_ = random_question(random.Random(seed * 1000 + number), 4)
        judged = some_request_exists(question_, 400)
        answer = find(question_)
        assert isinstance(answer, Found) or answer == Nothing()
        asked += 1
        if judged is not None:
            decided += 1
            exist += judged
            assert isinstance(answer, Found) is judged, number
    assert decided * 2 > asked
    for name, count in (("asked", asked), ("decided", decided), ("exist", exist)):
        record_property(name, count)


def test_a_text_that_many_patterns_ask_for_is_found() -> None:
    letters = [
        statement("Deny", "*", ("StringNotLike", "aws:UserAgent", f"*{letter}*"))
        for letter in "abcdefghijklmnopqrst"
    ]
    answer = find(question(ALLOW, *letters))
    assert isinstance(answer, Found)
    assert set(answer.request.context["aws:useragent"][0]) >= set("abcdefghijklmnopqrst")
