"""Classes of values: every value has one, and what a class stands for is what the evaluator says."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oracle_cvc5 import random_condition
from osreach.iam.atoms import Clause, classes_of
from osreach.iam.condition import compile_condition
from osreach.iam.document import Condition, Term
from osreach.iam.facts import Facts, facts_of
from osreach.iam.request import Anonymous, Request
from osreach.iam.scope import Absent, AnyAddress, AnyOf, AnyText, Fixed, KeyDomain, Unconstrained
from osreach.truth import Truth

VALUES: dict[str, tuple[str, ...]] = {
    "aws:sourcevpce": ("vpce-1", "vpce-2", "vpce-21", "VPCE-1", "vpce-", "x", "", "1", "vpce-abc"),
    "aws:principalorgid": ("o-1", "o-2", "o-3"),
    "aws:principalarn": ("arn:aws:iam::1:role/a", "arn:aws:iam::1:user/a", "arn:aws:iam::123456789012:role/reader", "x"),
    "aws:sourceip": ("10.0.0.1", "203.0.113.7", "203.0.113.8", "127.255.255.255", "128.0.0.0", "2001:db8::1", "::1"),
    "aws:securetransport": ("true", "false", "True", "maybe"),
    "aws:multifactorauthage": ("9", "10", "15", "20", "20.5", "20.25", "3600", "4000"),
    "aws:currenttime": ("2025-01-01", "2026-01-01T00:00:00Z", "2026-03-01", "2026-06-01T00:00:00Z", "2027-01-01"),
    "aws:calledvia": ("athena.amazonaws.com", "es.amazonaws.com", "s3.amazonaws.com", "x"),
    "aws:tagkeys": ("team", "cost", "c", "x"),
}  # fmt: skip


def facts() -> Facts:
    return facts_of(Request(Anonymous(), "es:ESHttpGet", "*"))


def clause(condition: Condition) -> Clause:
    return Clause(condition.key.lower(), condition, compile_condition(condition, Truth.TRUE), Truth.TRUE)


def answers(clauses: list[Clause], key: str, values: tuple[str, ...]) -> tuple[Truth, ...]:
    given = facts()
    given.keys[key] = values
    return tuple(one.test(given) for one in clauses)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32).map(random.Random))
@example(random.Random(132862))  # two values that one condition does not tell apart and two conditions count
def test_every_value_is_in_a_class(chance: random.Random) -> None:
    first = random_condition(chance)
    key = first.key.lower()
    drawn = (random_condition(chance) for _ in range(60))
    clauses = [clause(one) for one in [first, *(one for one in drawn if one.key.lower() == key)][:5]]
    classes = classes_of(key, Unconstrained(), clauses, facts())
    assert classes.reason == ""
    known = {answers(clauses, key, values) for values in classes.values}
    several = key in {"aws:calledvia", "aws:tagkeys"}
    for _ in range(20):
        count = chance.choice((0, 1, 1, 2, 3) if several else (0, 1))
        assert answers(clauses, key, tuple(chance.sample(VALUES[key], count))) in known


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32).map(random.Random))
def test_masks_say_what_the_evaluator_says(chance: random.Random) -> None:
    condition = random_condition(chance)
    key = condition.key.lower()
    one = clause(condition)
    domain: KeyDomain = chance.choice((Unconstrained(), AnyText(optional=True)))
    classes = classes_of(key, domain, [one, clause(random_condition(chance, key=condition.key))], facts())
    must, may = classes.masks(one, facts())
    for place, values in enumerate(classes.values):
        (truth,) = answers([one], key, values)
        assert bool(must >> place & 1) is (truth is Truth.TRUE)
        assert bool(may >> place & 1) is (truth is not Truth.FALSE)


@pytest.mark.parametrize(
    ("domain", "values"),
    [
        (Absent(), [()]),
        (Fixed(("10.0.0.1", "10.0.0.2")), [("10.0.0.1", "10.0.0.2")]),
        (AnyOf(("10.0.0.1",), optional=True), [(), ("10.0.0.1",)]),
        (AnyAddress(within=("10.0.0.0/8",)), [("10.0.0.7",), ("10.1.0.7",)]),
        (AnyAddress(optional=True, within=("10.1.0.0/24",)), [("10.1.0.7",), ()]),
    ],
)
def test_a_domain_bounds_the_classes(domain: KeyDomain, values: list[tuple[str, ...]]) -> None:
    one = clause(Condition("IpAddress", "aws:SourceIp", (Term("10.1.0.0/16"),)))
    assert classes_of("aws:sourceip", domain, [one], facts()).values == values


def test_a_key_compared_in_two_ways_says_that_it_is_approximated() -> None:
    mixed = [
        clause(Condition("NumericLessThan", "es:age", (Term("10"),))),
        clause(Condition("StringLike", "es:age", (Term("1*"),))),
    ]
    assert classes_of("es:age", Unconstrained(), mixed, facts()).reason == (
        "`es:age` is compared as text and as number or date"
    )
