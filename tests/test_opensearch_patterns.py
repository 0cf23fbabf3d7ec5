from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.iam import hole
from osreach.opensearch.index import (
    Every,
    Index,
    Indexes,
    Name,
    Remote,
    Some,
    Target,
    parse_expression,
    selected,
)
from osreach.opensearch.pattern import HOLES, covers, intersects, matches
from osreach.opensearch.subject import Subject, iam_role, internal_user, token_user
from osreach.opensearch.substitution import UNTOLD, substituted
from osreach.opensearch.user import InternalUser
from osreach.truth import Truth

ONE, TWO = chr(0xF0000), chr(0xF0001)
PATTERNS = st.text(alphabet="ab*?", min_size=1, max_size=5)
TEXTS = ["".join(letters) for size in range(6) for letters in itertools.product("abc", repeat=size)]


def by_regular_expression(pattern: str, text: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text) is not None


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "anything", Truth.TRUE),
        ("logs-*", "logs-", Truth.TRUE),
        ("logs-*", "Logs-a", Truth.FALSE),
        ("?kibana", ".kibana", Truth.TRUE),
        ("?kibana", "kibana", Truth.FALSE),
        ("", "", Truth.FALSE),
        (r"/team-\d/", "team-7", Truth.TRUE),
        (r"/team-\d/", "team-77", Truth.FALSE),
        ("/[[a]/", "a", Truth.UNKNOWN),
        ("/(a+)+b/", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", Truth.UNKNOWN),
        ("/(/", "a", Truth.UNKNOWN),
        (f"role/{ONE}", f"role/{ONE}", Truth.TRUE),
        (f"role/{ONE}", f"role/{TWO}", Truth.UNKNOWN),
        (f"role/{ONE}", "user/x", Truth.FALSE),
        (f"{ONE}-logs", "app-logs", Truth.UNKNOWN),
        ("app-*", f"app-{ONE}", Truth.TRUE),
        ("app-?", f"app-{ONE}", Truth.UNKNOWN),
    ],
)
def test_a_pattern_matches_a_text(pattern: str, text: str, expected: Truth) -> None:
    assert matches(pattern, text) is expected


@given(PATTERNS, st.sampled_from(TEXTS))
def test_matching_agrees_with_regular_expressions(pattern: str, text: str) -> None:
    assert (matches(pattern, text) is Truth.TRUE) == by_regular_expression(pattern, text)


@given(st.lists(PATTERNS, min_size=1, max_size=3), PATTERNS)
def test_what_is_covered_holds_for_every_text(patterns: list[str], expression: str) -> None:
    every = all(
        any(by_regular_expression(pattern, text) for pattern in patterns)
        for text in TEXTS
        if by_regular_expression(expression, text)
    )
    covered = covers(tuple(patterns), expression)
    if covered is Truth.TRUE:
        assert every
    elif not every:
        assert covered is Truth.FALSE


@given(PATTERNS, PATTERNS)
def test_a_common_text_means_that_patterns_meet(first: str, second: str) -> None:
    if any(by_regular_expression(first, text) and by_regular_expression(second, text) for text in TEXTS):
        assert intersects(first, second)
    assert intersects(first, second) == intersects(second, first)


@pytest.mark.parametrize(
    ("patterns", "expression", "expected"),
    [
        (("logs-*",), "logs-app-*", Truth.TRUE),
        (("logs-a*", "logs-?*"), "logs-*", Truth.FALSE),
        (("a*", "b*"), "?*", Truth.FALSE),
        (("?*", ""), "a*", Truth.TRUE),
        (("*a*", "*"), "b*", Truth.TRUE),
        ((f"{ONE}-*",), f"{ONE}-x*", Truth.TRUE),
        ((f"{ONE}-*",), f"{TWO}-x*", Truth.UNKNOWN),
        (("/logs-.*/",), "logs-*", Truth.UNKNOWN),
        ((), "a", Truth.FALSE),
    ],
)
def test_patterns_cover_an_expression(patterns: tuple[str, ...], expression: str, expected: Truth) -> None:
    assert covers(patterns, expression) is expected


def test_a_hostile_pattern_is_judged() -> None:
    pattern = "*a" * 40 + "*"
    assert matches(pattern, "a" * 39 + "b" * 200) is Truth.FALSE
    assert intersects(pattern, "*b" * 20)
    assert covers(("*a*b" * 8, "b*" * 8), "*c" * 8) is not Truth.TRUE


def test_holes_are_the_same_characters_as_in_policies() -> None:
    assert HOLES == hole.HOLES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (Every("*"),)),
        ("_all", (Every("*"),)),
        ("*", (Every("*"),)),
        ("movies", (Name("movies"),)),
        ("a,b*", (Name("a"), Every("b*"))),
        ("logs-*,-logs-old", (Every("logs-*", ("logs-old",)),)),
        ("*,-a*,-b", (Every("*", ("a*", "b")),)),
        ("-a", (Name("-a"),)),
        ("<logs-{now/d}>", (Some("logs-*", "date math"),)),
        ("<logs-{now/d{yyyy.MM.dd|+12:00}}-x>,a", (Some("logs-*-x", "date math"), Name("a"))),
        ("other:orders-*", (Remote("other", "orders-*"),)),
    ],
)
def test_an_index_expression_is_understood(text: str, expected: tuple[Target, ...]) -> None:
    assert parse_expression(text) == expected


def test_a_wildcard_selects_by_index_and_by_alias() -> None:
    indexes = Indexes((Index("a-1", ("all",)), Index("b-1"), Index("al-old", ("x",))))
    assert [one.name for one in selected(Every("al*"), indexes)] == ["a-1", "al-old"]
    assert [one.name for one in selected(Every("al*", ("x",)), indexes)] == ["a-1"]


USER = internal_user(InternalUser("ann", ("sales", "emea"), (("dept", "7"),)))


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("${user.name}", USER, ("ann", ())),
        ("${user_name}-x", USER, ("ann-x", ())),
        ("[${user.roles}]", USER, ('["sales","emea"]', ())),
        ("[${user.securityRoles}]", USER, ('["r1","r2"]', ())),
        ("${attr.internal.dept}", USER, ("7", ())),
        ("${attr.internal.none}", USER, ("${attr.internal.none}", ("attr.internal.none",))),
        ("${attr.proxy.none:-bar}", USER, ("bar", ())),
        ("${attr.proxy.none:-${attr.internal.dept}}", USER, ("7", ())),
        ("${attr.jwt.team}", token_user("svc", (), (("team", "red"),)), ("red", ())),
        ("${user.name}", iam_role("arn:aws:iam::1:role/x"), ("arn:aws:iam::1:role/x", ())),
        ("plain", USER, ("plain", ())),
    ],
)
def test_variables_are_filled_in(text: str, subject: Subject, expected: tuple[str, tuple[str, ...]]) -> None:
    assert substituted(text, subject, ("r1", "r2")) == expected


def test_an_attribute_of_a_partly_known_user_is_unknown() -> None:
    subject = internal_user(InternalUser("ann", partial=True))
    assert substituted("${attr.internal.dept}", subject, ()) == (UNTOLD, ())
    assert matches(UNTOLD, "anything") is Truth.UNKNOWN


def test_a_variable_that_holds_itself_ends() -> None:
    subject = internal_user(InternalUser("${user.name}"))
    assert substituted("${user.name}", subject, ())[0] == "${user.name}"


STARS = "*a" * 3_000


@pytest.mark.parametrize(
    ("pattern", "text", "truth"),
    [
        (STARS, "a" * 100, Truth.FALSE),
        (STARS, "a" * 3_000, Truth.TRUE),
        (f"{STARS}b", "a" * 3_000, Truth.FALSE),
        ("/(a+)+$/", "a" * 60, Truth.UNKNOWN),
    ],
)
def test_a_pattern_of_thousands_of_stars_is_judged_at_once(pattern: str, text: str, truth: Truth) -> None:
    begin = time.process_time()
    assert matches(pattern, text) is truth
    assert time.process_time() - begin < 5


def test_sets_of_names_that_take_too_long_are_left_undecided() -> None:
    begin = time.process_time()
    assert intersects(f"{STARS}b", "*a?" * 1_000)
    assert covers((f"{STARS}b",), "*a?" * 1_000) is Truth.UNKNOWN
    assert time.process_time() - begin < 10
