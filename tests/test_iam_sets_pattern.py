"""The algebra of wildcard patterns, against enumeration and against what the documentation says."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.iam.hole import Holes
from osreach.iam.language import Budget, TooManyStepsError, contains, disjoint, shortest
from osreach.iam.pattern import MANY, Form, glob, glob_of, symbols_of

DOMAIN = "arn:aws:es:eu-west-1:123456789012:domain/logs"


def by_definition(pattern: str, text: str) -> bool:
    """The textbook definition, by removing letters from both sides."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return by_definition(pattern[1:], text) or bool(text and by_definition(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and by_definition(pattern[1:], text[1:])


@pytest.mark.parametrize(
    ("pattern", "text", "form", "expected"),
    [
        ("a*", "a", Form.TEXT, True),
        ("a*c", "abbc", Form.TEXT, True),
        ("ab*b", "ab", Form.TEXT, False),
        ("a?c", "ac", Form.TEXT, False),
        ("a*", "A", Form.TEXT, False),
        ("a*", "Abc", Form.FOLDED, True),
        ("", "", Form.TEXT, True),
        ("*", "arn:aws:es:::", Form.ARN, True),
        (f"{DOMAIN}/*", f"{DOMAIN}/movies/_search", Form.ARN, True),
        (f"{DOMAIN}/*", DOMAIN, Form.ARN, False),
        (f"{DOMAIN}*", f"{DOMAIN}2/movies", Form.ARN, True),
        (f"{DOMAIN}/restricted-index/*", f"{DOMAIN}/restricted-index/_doc/1", Form.ARN, True),
        (f"{DOMAIN}/restricted-index/*", f"{DOMAIN}/restricted-index", Form.ARN, False),
        (f"{DOMAIN}/restricted-index*", f"{DOMAIN}/restricted-index", Form.ARN, True),
        (f"{DOMAIN}/restricted-index*", f"{DOMAIN}/restricted-index2/_doc/1", Form.ARN, True),
        ("arn:aws:es:*:domain/logs", DOMAIN, Form.TEXT, True),
        ("arn:aws:es:*:*:domain/logs", DOMAIN, Form.ARN, True),
        ("arn:*:*:*:*:*", "arn:aws:logs:eu-west-1:1:log-group:a:b", Form.ARN, True),
        ("arn:aws:es:eu-*-1:*2:domain/?ogs", DOMAIN, Form.ARN, True),
    ],
)
def test_a_text_matches(pattern: str, text: str, form: Form, *, expected: bool) -> None:
    language = glob(pattern, form)
    assert language.matches(text) is expected
    assert language.accepts(language.run(language.start, text)) is expected


def test_a_literal_star_is_no_wildcard() -> None:
    language = glob_of(("a", "*", MANY), Form.TEXT)
    assert language.matches("a*bc")
    assert not language.matches("abc")
    assert repr(language) == "Glob('a${*}*', text)"


small = st.text(alphabet="ab:*?", max_size=7)
words = ["".join(letters) for size in range(5) for letters in itertools.product("abz:", repeat=size)]


@given(small, st.text(alphabet="ab:z", max_size=8))
def test_expression_and_automaton_agree_with_the_definition(pattern: str, text: str) -> None:
    language = glob(pattern)
    expected = by_definition(pattern, text)
    assert language.matches(text) is expected
    assert language.accepts(language.run(language.start, text)) is expected


parts = st.lists(st.text(alphabet="ab*?", max_size=3), min_size=6, max_size=6).map(":".join)
arn_texts = st.lists(st.text(alphabet="abz", max_size=3), min_size=6, max_size=7).map(":".join)


@given(parts, arn_texts)
def test_arn_patterns_match_part_by_part(pattern: str, text: str) -> None:
    language = glob(pattern, Form.ARN)
    expected = all(
        by_definition(ours, theirs)
        for ours, theirs in zip(pattern.split(":", 5), text.split(":", 5), strict=True)
    )
    assert language.matches(text) is expected
    assert language.accepts(language.run(language.start, text)) is expected


@settings(max_examples=150)
@given(st.lists(small, min_size=1, max_size=3), st.lists(small, max_size=3))
def test_the_witness_of_a_difference_satisfies_it_and_is_shortest(
    required: list[str], forbidden: list[str]
) -> None:
    found = shortest([[glob(one)] for one in required], [glob(one) for one in forbidden])
    fitting = [
        word
        for word in words
        if all(by_definition(one, word) for one in required)
        and not any(by_definition(one, word) for one in forbidden)
    ]
    if found is None:
        assert fitting == []
        return
    assert all(by_definition(one, found) for one in required)
    assert not any(by_definition(one, found) for one in forbidden)
    if fitting:
        assert len(found) == len(fitting[0])


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        (["a", "a?*"], "a*", True),
        (["a", "a??*"], "a*", False),
        (["a*"], "a*b", True),
        (["*?"], "?*", True),
        (["a*b"], "a*", False),
        ([f"{DOMAIN}/*"], f"{DOMAIN}/movies*", True),
        ([f"{DOMAIN}/movies/*"], f"{DOMAIN}/movies*", False),
        ([f"{DOMAIN}/movies/*", f"{DOMAIN}/movies"], f"{DOMAIN}/movies*", False),
        (["*a*", "*b*"], "*ab*", True),
    ],
)
def test_a_union_contains(outer: list[str], inner: str, *, expected: bool) -> None:
    assert (shortest([[glob(inner)]], [glob(one) for one in outer]) is None) is expected


@given(small, small)
def test_containment_and_intersection_agree_with_enumeration(one: str, other: str) -> None:
    ours = {word for word in words if by_definition(one, word)}
    theirs = {word for word in words if by_definition(other, word)}
    if ours & theirs:
        assert not disjoint(glob(one), glob(other))
    if contains(glob(one), glob(other)):
        assert theirs <= ours
    if disjoint(glob(one), glob(other)):
        assert not ours & theirs
    if theirs - ours:
        assert not contains(glob(one), glob(other))


@settings(max_examples=300)
@given(st.one_of(small, parts), st.one_of(small, parts), st.sampled_from(Form), st.sampled_from(Form))
def test_containment_and_disjointness_agree_with_the_product(
    one: str, other: str, form: Form, second: Form
) -> None:
    ours, theirs = glob(one, form), glob(other, second)
    assert contains(ours, theirs) is (shortest([[theirs]], [ours]) is None)
    assert disjoint(ours, theirs) is (shortest([[theirs], [ours]], []) is None)


@given(small)
def test_a_language_minus_itself_is_empty(pattern: str) -> None:
    assert shortest([[glob(pattern)]], [glob(pattern)]) is None
    assert contains(glob(pattern), glob(pattern))


def test_case_is_ignored_in_products() -> None:
    assert shortest([[glob("MOVIES", Form.FOLDED)]], [glob("movies"), glob("Movies")]) not in {None, "movies"}
    assert contains(glob("movies", Form.FOLDED), glob("MoVies"))
    assert not contains(glob("movies"), glob("movies", Form.FOLDED))


def test_a_hole_may_be_anything() -> None:
    holes = Holes()
    account, name = holes.hole("var.account"), holes.hole("var.name")
    pattern = f"arn:aws:es:eu-west-1:{account}:domain/logs/*"
    assert glob(pattern, Form.ARN).matches(f"arn:aws:es:eu-west-1:{account}:domain/logs/x")
    assert not glob(pattern, Form.ARN).matches(f"{DOMAIN}/x")
    assert glob(pattern, Form.ARN, wide=True).matches(f"{DOMAIN}/x")
    assert not glob(pattern, Form.ARN, wide=True).matches(f"{DOMAIN[:-4]}other/x")
    wide = glob(f"{DOMAIN}/movies/*", Form.ARN, wide=True)
    assert wide.matches(f"arn:aws:es:eu-west-1:{account}:domain/{name}/movies/_search")
    assert wide.matches(f"arn:aws:es:eu-west-1:{account}:domain/{name}")
    assert not wide.matches(f"arn:aws:es:us-east-1:{account}:domain/{name}")
    assert not glob("domain/?").matches(f"domain/{name}")
    assert glob("domain/*").matches(f"domain/{name}")


def test_forty_stars_against_four_thousand_characters_are_no_trap() -> None:
    language = glob("*a" * 40 + "*b", Form.ARN)
    assert not language.matches("a" * 4000)
    assert language.matches("a" * 4000 + "b")


def test_too_many_steps_are_said_with_their_bound() -> None:
    mixed = [glob(f"*{letter}" + "?" * 14 + "*x") for letter in "abcdefgh"]
    with pytest.raises(TooManyStepsError, match=re.escape("2000")) as caught:
        shortest([[one] for one in mixed], [glob("*y?????????"), glob("*z")], Budget(2000))
    assert caught.value.bound == 2000


def test_symbols_keep_letters() -> None:
    assert symbols_of("a*") == ("a", MANY)
