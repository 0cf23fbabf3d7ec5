"""Whether a new policy is broader: by tables of what people mean, and as a preorder."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle_cvc5 import DOMAIN, random_document
from osreach.iam.compare import Comparison, compare
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
from osreach.iam.request import Anonymous, RoleSession, User
from test_iam_sets_question import conditions

READER = "arn:aws:iam::123456789012:role/reader"


def policy(*statements: Statement) -> tuple[Document, ...]:
    return (Document(tuple(replace(one, index=place) for place, one in enumerate(statements)), "2012-10-17"),)


def allow(
    actions: str = "es:ESHttp*",
    resources: str = f"{DOMAIN}/*",
    principals: str | None = "*",
    *given: tuple[str, str, str],
    effect: str = "Allow",
) -> Statement:
    named = None
    if principals is not None:
        named = Principals(
            tuple(
                PrincipalTerm(
                    PrincipalKind.ANYONE
                    if text == "*"
                    else PrincipalKind.SERVICE
                    if text.endswith(".com")
                    else PrincipalKind.AWS,
                    text,
                )
                for text in principals.split()
            )
        )
    return Statement(
        Effect(effect),
        Terms(tuple(Term(text) for text in actions.split())),
        Terms(tuple(Term(text) for text in resources.split())),
        named,
        conditions(*given),
    )


EVERYBODY = allow()
OFFICE = ("IpAddress", "aws:SourceIp", "203.0.113.0/24")
ORGANIZATION = ("StringEquals", "aws:PrincipalOrgID", "o-1")


@pytest.mark.parametrize(
    ("old", "new", "broader"),
    [
        ([EVERYBODY], [EVERYBODY], False),
        ([EVERYBODY], [], False),
        ([], [EVERYBODY], True),
        ([allow("es:*")], [allow("es:ESHttp*")], False),
        ([allow("es:ESHttp*")], [allow("es:*")], True),
        ([allow("es:ESHttpGet es:ESHttpPost")], [allow("es:ESHttpG*")], True),
        ([allow("es:eshttpget")], [allow("ES:ESHttpGet")], False),
        ([allow(resources=f"{DOMAIN}/a {DOMAIN}/a?*")], [allow(resources=f"{DOMAIN}/a*")], False),
        ([allow(resources=f"{DOMAIN}/restricted-index/*")], [allow(resources=f"{DOMAIN}/restricted-index*")], True),
        ([allow(resources=f"{DOMAIN}/restricted-index*")], [allow(resources=f"{DOMAIN}/restricted-index/*")], False),
        ([EVERYBODY], [allow(resources=f"{DOMAIN}*")], True),
        ([EVERYBODY], [allow("es:ESHttp*", f"{DOMAIN}/*", "*", OFFICE)], False),
        ([allow("es:ESHttp*", f"{DOMAIN}/*", "*", OFFICE)], [EVERYBODY], True),
        (
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ("IpAddress", "aws:SourceIp", "10.0.0.0/9 10.128.0.0/9"))],
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ("IpAddress", "aws:SourceIp", "10.0.0.0/8"))],
            False,
        ),
        ([EVERYBODY], [EVERYBODY, allow("*", "*", "*", OFFICE, effect="Deny")], False),
        ([EVERYBODY, allow("*", "*", "*", OFFICE, effect="Deny")], [EVERYBODY], True),
        (
            [EVERYBODY, allow("*", "*", "*", ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), effect="Deny")],
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", OFFICE)],
            False,
        ),
        (
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", OFFICE)],
            [EVERYBODY, allow("*", "*", "*", ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), effect="Deny")],
            False,
        ),
        ([allow(principals="123456789012")], [allow(principals=READER)], False),
        ([allow(principals=READER)], [allow(principals="123456789012")], True),
        ([allow(principals="123456789012")], [allow(principals="arn:aws:iam::123456789012:root")], False),
        ([allow(principals=READER)], [allow(principals=f"{READER} arn:aws:iam::999999999999:user/ann")], True),
        ([allow(principals=READER)], [allow(principals="es.amazonaws.com")], True),
        ([allow(principals="*")], [allow(principals="es.amazonaws.com")], False),
        ([EVERYBODY], [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ORGANIZATION)], False),
        (
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*"))],
            [allow(principals=READER)],
            False,
        ),
        (
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/a*"))],
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*"))],
            True,
        ),
        (
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/a*"))],
            [allow("es:ESHttp*", f"{DOMAIN}/*", "*", ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/a?b*"))],
            False,
        ),
        ([allow("es:*", "*", None)], [allow("es:ESHttpGet", "*", None)], False),
        ([allow("es:ESHttpGet", "*", None)], [allow("es:*", "*", None)], True),
        ([allow("es:ESHttp*", "*", None)], [allow("*", f"{DOMAIN}/*", None)], True),
        ([allow("kms:*", "*", None)], [allow("*", "arn:aws:kms:*:*:key/*", None)], False),
    ],
)  # fmt: skip
def test_new_is_broader(old: list[Statement], new: list[Statement], *, broader: bool) -> None:
    found = compare(policy(*old), policy(*new))
    assert found.broader is broader
    assert found.exact
    assert (found.witness is not None) is broader


def test_the_witness_is_a_likely_request() -> None:
    found = compare(policy(allow(principals=READER)), policy(EVERYBODY))
    assert found.witness is not None
    assert found.witness.principal == Anonymous()
    assert found.witness.action == "es:ESHttpGet"
    assert found.witness.resource == f"{DOMAIN}/movies/_search"
    wider = compare(policy(allow(principals=READER)), policy(allow(principals="123456789012")))
    assert wider.witness is not None
    assert wider.witness.principal in {
        RoleSession("arn:aws:iam::123456789012:role/example"),
        User("arn:aws:iam::123456789012:user/example"),
    }


def test_a_request_comes_from_outside_or_through_an_endpoint() -> None:
    endpoint = ("StringEquals", "aws:SourceVpce", "vpce-1")
    old = policy(allow("es:*", f"{DOMAIN}/*", "*", OFFICE))
    new = policy(allow("es:*", f"{DOMAIN}/*", "*", OFFICE), allow("es:*", f"{DOMAIN}/*", "*", endpoint))
    found = compare(old, new)
    assert found.witness is not None
    assert found.witness.context == {"aws:sourcevpce": ("vpce-1",)}


def test_what_is_unknown_in_both_is_not_broader() -> None:
    hole = Holes().hole("var.networks")
    unknown = allow("es:*", f"{DOMAIN}/*", "*", ("IpAddress", "aws:SourceIp", hole))
    assert compare(policy(unknown), policy(unknown)) == Comparison(broader=False)
    assert compare(policy(unknown, allow()), policy(unknown)) == Comparison(broader=False)
    found = compare(policy(allow("es:*", f"{DOMAIN}/*", "*", OFFICE)), policy(unknown))
    assert found.broader
    assert not found.exact
    assert "not known" in found.reason


def test_too_complex_counts_as_broader_and_says_so() -> None:
    found = compare(policy(allow("es:*")), policy(allow("es:ESHttpGet")), budget=0)
    assert found.broader
    assert found.witness is None
    assert not found.exact
    assert "undecided within 0 steps" in found.reason


seeds = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_compare_is_reflexive_and_a_deny_never_broadens(chance: random.Random) -> None:
    document = random_document(chance, chance.randint(1, 4))
    assert compare((document,), (document,)) == Comparison(broader=False)
    # The same said in other words, so that nothing is the same by sight.
    spelled = replace(
        document,
        statements=tuple(
            replace(one, conditions=(*one.conditions, Condition("Null", "aws:TokenIssueTime", (Term("true"), Term("false")))))
            for one in document.statements
        ),
    )  # fmt: skip
    assert not compare((document,), (spelled,)).broader
    assert not compare((spelled,), (document,)).broader
    more = random_document(chance, 2, denies=1)
    assert not compare((document,), (document, more)).broader


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_compare_is_transitive(chance: random.Random) -> None:
    base = random_document(chance, 3)
    smaller = replace(base, statements=base.statements[: chance.randint(0, 3)])
    other = random_document(chance, chance.randint(0, 2))
    policies = [(base,), (smaller,), (base, other), (smaller, other), (other,)]
    first, second, third = (chance.choice(policies) for _ in range(3))
    if not compare(first, second).broader and not compare(second, third).broader:
        assert not compare(first, third).broader
