"""Policies made to take forever: each question ends, with an answer or with the admission that there is none."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from string import ascii_lowercase

import pytest

from oracle_cvc5 import DOMAIN
from osreach.iam.compare import compare
from osreach.iam.document import Document, Statement
from osreach.iam.question import Found, Nothing, Question, TooComplex, addresses, find
from test_iam_sets_question import ALLOW, question, statement

LETTERS = ascii_lowercase[:20]


def clauses(seed: int) -> list[Statement]:
    """Denies that are the clauses of a random formula over thirty keys, at the threshold of hardness."""
    chance = random.Random(seed)
    return [
        statement(
            "Deny",
            "*",
            *(
                (
                    chance.choice(("StringEquals", "StringNotEquals")),
                    f"aws:RequestTag/k{chance.randrange(30)}",
                    "x",
                )
                for _ in range(3)
            ),
        )
        for _ in range(128)
    ]


ENDLESS: dict[str, tuple[Question, type[Found | Nothing | TooComplex]]] = {
    "substrings": (question(ALLOW, *(statement("Deny", f"{DOMAIN}/*{one}*{one}*") for one in LETTERS)), Found),
    "counting": (
        question(
            statement("Allow", f"{DOMAIN}/*a{'?' * 16}"),
            *(statement("Deny", f"{DOMAIN}/*{one}{'?' * (15 - at)}*") for at, one in enumerate("bc")),
            statement("Deny", f"{DOMAIN}/{'?' * 26}*"),
        ),
        TooComplex,
    ),
    "texts": (
        question(ALLOW, *(statement("Deny", "*", ("StringLike", "aws:UserAgent", f"*{one}*")) for one in LETTERS)),
        Found,
    ),
    "sets": (
        question(
            ALLOW,
            *(statement("Deny", "*", ("ForAllValues:StringNotEquals", "aws:TagKeys", one)) for one in LETTERS),
        ),
        Found,
    ),
    "layers": (
        replace(
            question(ALLOW),
            layers=tuple(
                (Document(tuple(statement("Allow", f"{DOMAIN}/{one}*{end}") for one in LETTERS), "2012-10-17"),)
                for end in "abcd"
            ),
        ),
        Nothing,
    ),
    "networks": (
        question(ALLOW, *(statement("Deny", "*", ("NotIpAddress", "aws:SourceIp", f"{at}.0.0.0/8")) for at in range(200))),
        Nothing,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
def test_a_hostile_question_ends(name: str) -> None:
    asked, expected = ENDLESS[name]
    assert isinstance(find(asked), expected)


@pytest.mark.parametrize("seed", range(3))
def test_a_hard_formula_ends(seed: int) -> None:
    assert isinstance(find(question(ALLOW, *clauses(seed))), Found | TooComplex | Nothing)


def test_many_networks_are_told_apart() -> None:
    allows = [statement("Allow", "*", ("IpAddress", "aws:SourceIp", f"{at}.{at}.0.0/16")) for at in range(60)]
    denies = [statement("Deny", "*", ("IpAddress", "aws:SourceIp", f"{at}.{at}.0.0/17")) for at in range(60)]
    found = addresses(question(*allows, *denies))
    assert not isinstance(found, TooComplex)
    assert found.networks() == tuple(f"{at}.{at}.128.0/17" for at in range(60))


def test_comparing_hostile_policies_ends() -> None:
    old = Document(
        tuple(statement("Allow", f"{DOMAIN}/*{one}*", actions=f"es:*{one}*") for one in LETTERS), "2012-10-17"
    )
    new = Document((statement("Allow", f"{DOMAIN}/*", actions="es:ESHttp*"),), "2012-10-17")
    begin = time.process_time()
    assert compare((old,), (new,)).broader
    assert time.process_time() - begin < 10
