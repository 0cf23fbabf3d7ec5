from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.iam.action import LEGACY_NAMES, action_matches, is_malformed
from osreach.iam.arn import arn_matches, doubt, resource_matches
from osreach.iam.condition import Comparison, value_test
from osreach.iam.document import (
    Condition,
    Effect,
    PolicyKind,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Statement,
    Term,
    Terms,
)
from osreach.iam.glob_match import escaped, glob_matches, globs_intersect, matcher, texts_equal
from osreach.iam.matching import match_statement
from osreach.iam.note import Note
from osreach.iam.principal import Level, caller_of, naming_of
from osreach.iam.principal_name import principal_from_text
from osreach.iam.request import (
    Anonymous,
    FederatedUser,
    Principal,
    Request,
    RoleSession,
    RootUser,
    Service,
    User,
    WebIdentity,
)
from osreach.iam.scalar import address_range, instant, number
from osreach.iam.variables import Variable, resolve, template
from osreach.truth import Truth, negation

ONE, TWO = "\U000f0000", "\U000f0001"
ACCOUNT = "111122223333"
DOMAIN = f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs"

PATTERNS = st.text("ab*?", max_size=8)
TEXTS = st.text("ab", max_size=8)


def slow_match(pattern: str, text: str) -> bool:
    """The definition, written as a table of prefixes."""
    row = [True] + [False] * len(text)
    for character in pattern:
        new = [row[0] and character == "*"]
        for position, letter in enumerate(text):
            match character:
                case "*":
                    new.append(new[position] or row[position + 1])
                case "?":
                    new.append(row[position])
                case _:
                    new.append(row[position] and character == letter)
        row = new
    return row[-1]


@settings(max_examples=400)
@given(PATTERNS, TEXTS)
def test_a_pattern_matches_by_its_definition(pattern: str, text: str) -> None:
    assert bool(matcher(pattern)(text)) is slow_match(pattern, text)


@settings(max_examples=300)
@given(PATTERNS, PATTERNS, TEXTS)
def test_what_matches_both_is_in_the_intersection(first: str, second: str, text: str) -> None:
    if slow_match(first, text) and slow_match(second, text):
        assert globs_intersect(first, second)


@settings(max_examples=300)
@given(PATTERNS, TEXTS)
def test_a_pattern_intersects_a_text_where_it_matches(pattern: str, text: str) -> None:
    assert globs_intersect(pattern, text) is slow_match(pattern, text)
    assert globs_intersect(text, pattern) is slow_match(pattern, text)


@settings(max_examples=300)
@given(PATTERNS, PATTERNS)
def test_disjoint_patterns_have_no_short_common_text(first: str, second: str) -> None:
    if not globs_intersect(first, second):
        texts = ["", *"ab", *(a + b for a in "ab" for b in "ab"), "aab", "abab", "baba"]
        assert not [text for text in texts if slow_match(first, text) and slow_match(second, text)]


@pytest.mark.parametrize("pattern", ["*a" * 40 + "*", "*a" * 40 + "*b", "*a?" * 20 + "b*c"])
def test_many_stars_are_no_trap(pattern: str) -> None:
    # A naive expression would take years.
    assert bool(matcher(pattern)("a" * 4000)) is ("b" not in pattern)


def test_wildcards_in_a_literal_are_characters() -> None:
    assert glob_matches(escaped("a*b"), "a*b") is Truth.TRUE
    assert glob_matches(escaped("a*b"), "axb") is Truth.FALSE
    assert glob_matches(escaped("a?b") + "*", "a?bc") is Truth.TRUE


@pytest.mark.parametrize(
    ("pattern", "text", "truth"),
    [
        (f"a{ONE}", f"a{ONE}", Truth.TRUE),
        (f"a{ONE}", f"a{TWO}", Truth.UNKNOWN),
        (f"a{ONE}", "abc", Truth.UNKNOWN),
        (f"a{ONE}", "bc", Truth.FALSE),
        ("a*", f"a{ONE}", Truth.TRUE),
        ("a?", f"a{ONE}", Truth.UNKNOWN),
        ("a*b", f"a{ONE}", Truth.UNKNOWN),
        ("a*b", f"{ONE}a", Truth.FALSE),
        (f"{ONE}*", f"{ONE}/x", Truth.TRUE),
        (f"{ONE}", "", Truth.UNKNOWN),
    ],
)
def test_a_hole_may_be_any_text(pattern: str, text: str, truth: Truth) -> None:
    assert glob_matches(pattern, text) is truth


HOLED_PATTERNS = st.text(f"ab*?{ONE}{TWO}", max_size=7)
HOLED_TEXTS = st.text(f"ab{ONE}{TWO}", max_size=7)


@settings(max_examples=500)
@given(HOLED_PATTERNS, HOLED_TEXTS, TEXTS, TEXTS)
def test_filling_holes_keeps_what_was_certain_in_a_pattern(
    pattern: str, text: str, one: str, two: str
) -> None:
    truth = glob_matches(pattern, text)
    table = str.maketrans({ONE: one, TWO: two})
    if truth is not Truth.UNKNOWN:
        assert slow_match(pattern.translate(table), text.translate(table)) is (truth is Truth.TRUE)


@settings(max_examples=300)
@given(HOLED_TEXTS, HOLED_TEXTS, TEXTS, TEXTS)
def test_filling_holes_keeps_what_was_certain_of_equality(
    first: str, second: str, one: str, two: str
) -> None:
    truth = texts_equal(first, second)
    table = str.maketrans({ONE: one, TWO: two})
    if truth is not Truth.UNKNOWN:
        assert (first.translate(table) == second.translate(table)) is (truth is Truth.TRUE)


SEGMENTS = st.sampled_from(["a", "b", "*", "a*", "?", ONE, f"a{ONE}", ""])
PLAIN_SEGMENTS = st.sampled_from(["a", "b", ONE, TWO, "aa", ""])
LAST = st.sampled_from(["x/*", "x", "*", f"{ONE}/*", "x:*", "?"])
PLAIN_LAST = st.sampled_from(["x/y", "x", f"{ONE}/y", f"{TWO}", "x:y:z"])


@settings(max_examples=500)
@given(
    st.lists(SEGMENTS, min_size=4, max_size=4),
    LAST,
    st.lists(PLAIN_SEGMENTS, min_size=4, max_size=4),
    PLAIN_LAST,
    TEXTS,
    TEXTS,
)
def test_filling_holes_keeps_what_was_certain_of_an_arn(
    parts: list[str], last: str, given_parts: list[str], given_last: str, one: str, two: str
) -> None:
    pattern = ":".join(["arn", *parts, last])
    resource = ":".join(["arn", *given_parts, given_last])
    table = str.maketrans({ONE: one, TWO: two})
    truth = resource_matches(pattern, resource, PolicyKind.RESOURCE)
    if truth is not Truth.UNKNOWN:
        filled = resource_matches(pattern.translate(table), resource.translate(table), PolicyKind.RESOURCE)
        assert filled is truth


@pytest.mark.parametrize(
    ("pattern", "resource", "truth"),
    [
        (f"{ONE}/*", f"{ONE}/movies/_search", Truth.TRUE),
        (f"{ONE}/*", f"{TWO}/movies/_search", Truth.UNKNOWN),
        (f"{ONE}/*", f"{DOMAIN}/movies", Truth.UNKNOWN),
        (f"{ONE}/movies", f"{ONE}/orders", Truth.UNKNOWN),
        (f"arn:aws:es:{ONE}:{TWO}:domain/logs/*", f"arn:aws:es:{ONE}:{TWO}:domain/logs/x", Truth.TRUE),
        (f"arn:aws:es:{ONE}:{TWO}:domain/logs/*", f"{DOMAIN}/x", Truth.UNKNOWN),
        (f"arn:aws:es:{ONE}:{TWO}:domain/logs/*", f"{DOMAIN}2/x", Truth.FALSE),
        (f"arn:aws:es:{ONE}:domain/logs/*", f"{DOMAIN}/x", Truth.UNKNOWN),
        (f"arn:aws:s3:::{ONE}", f"{DOMAIN}/x", Truth.FALSE),
        ("*", ONE, Truth.TRUE),
        (DOMAIN, ONE, Truth.UNKNOWN),
    ],
)
def test_holes_in_resources(pattern: str, resource: str, truth: Truth) -> None:
    assert resource_matches(pattern, resource, PolicyKind.RESOURCE) is truth


@pytest.mark.parametrize(
    ("pattern", "kind", "truth"),
    [
        ("arn:aws:es", PolicyKind.IDENTITY, Truth.TRUE),
        ("arn:aws:es", PolicyKind.RESOURCE, Truth.FALSE),
        ("arn:aws:*", PolicyKind.RESOURCE, Truth.TRUE),
        ("arn:aws:*", PolicyKind.SERVICE_CONTROL, Truth.TRUE),
        ("arn:*:es", PolicyKind.SERVICE_CONTROL, Truth.FALSE),
        ("arn:aws:*", PolicyKind.RESOURCE_CONTROL, Truth.FALSE),
        ("arn:aws:s3", PolicyKind.IDENTITY, Truth.FALSE),
        ("logs", PolicyKind.IDENTITY, Truth.FALSE),
    ],
)
def test_a_short_arn_depends_on_the_kind_of_policy(pattern: str, kind: PolicyKind, truth: Truth) -> None:
    assert resource_matches(pattern, f"{DOMAIN}/x", kind) is truth
    assert doubt(pattern) is Note.SHORT_ARN


@pytest.mark.parametrize(
    ("pattern", "note"),
    [
        ("arn:aws:*:eu-west-1:1:domain/x", Note.SERVICE_WILDCARD),
        ("arn:aws:es:eu-west-1:1:dom*/x", Note.TYPE_WILDCARD),
        ("arn:aws:es:eu-west-1:1:*", None),
        ("arn:*:es:*:*:domain/x*", None),
        ("arn:aws:s3:::buck*", None),
        ("*", None),
    ],
)
def test_a_doubtful_pattern_counts_for_an_allow_only(pattern: str, note: Note | None) -> None:
    assert doubt(pattern) is note
    request = Request(
        User(f"arn:aws:iam::{ACCOUNT}:user/ann"), "es:ESHttpGet", "arn:aws:es:eu-west-1:1:domain/x"
    )
    if note is not None:
        truths = {
            effect: match_statement(statement(effect, pattern), request, PolicyKind.IDENTITY).truth
            for effect in Effect
        }
        assert truths == {Effect.ALLOW: Truth.TRUE, Effect.DENY: Truth.FALSE, Effect.UNKNOWN: Truth.UNKNOWN}


def statement(effect: Effect, resource: str, *conditions: Condition) -> Statement:
    return Statement(effect, Terms((Term("es:*"),)), Terms((Term(resource),)), conditions=conditions)


@pytest.mark.parametrize(
    ("pattern", "arn", "truth"),
    [
        ("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a/b:c", Truth.TRUE),
        ("arn:aws:iam:*", "arn:aws:iam::1:role/a", Truth.FALSE),
        ("*", "arn:aws:iam::1:role/a", Truth.UNKNOWN),
        (f"arn:aws:iam::{ONE}:role/a", "arn:aws:iam::1:role/a", Truth.UNKNOWN),
        (f"arn:aws:iam::{ONE}:role/a", "arn:aws:iam::1:role/b", Truth.FALSE),
        (f"arn:aws:iam::{ONE}:role/a", f"arn:aws:iam::{ONE}:role/a", Truth.TRUE),
    ],
)
def test_arn_operators_compare_part_by_part(pattern: str, arn: str, truth: Truth) -> None:
    assert arn_matches(pattern, arn) is truth


@pytest.mark.parametrize("pattern", ["es:ESHttpGet", "es:*", "ES:Describe*", "*", "s3:Get?bject"])
def test_the_case_of_actions_does_not_matter(pattern: str) -> None:
    for action in ("es:ESHttpGet", "es:DescribeDomain", "s3:GetObject"):
        expected = action_matches(pattern, action, PolicyKind.IDENTITY)
        assert action_matches(pattern.upper(), action.lower(), PolicyKind.IDENTITY) is expected
        assert action_matches(pattern.lower(), action.upper(), PolicyKind.IDENTITY) is expected


@pytest.mark.parametrize(("current", "legacy"), LEGACY_NAMES.items())
def test_a_legacy_name_counts_for_the_current_one_outside_organizations(current: str, legacy: str) -> None:
    assert action_matches(f"es:{legacy}", f"es:{current}", PolicyKind.IDENTITY) is Truth.TRUE
    assert action_matches(f"es:{legacy}", f"es:{current}", PolicyKind.SERVICE_CONTROL) is Truth.FALSE
    assert action_matches(f"es:{current}", f"es:{legacy}", PolicyKind.IDENTITY) is Truth.FALSE


@pytest.mark.parametrize("pattern", ["ESHttpGet", "e*:ESHttpGet", "?s:*", "*:ESHttpGet"])
def test_a_service_prefix_has_no_wildcards(pattern: str) -> None:
    assert is_malformed(pattern)
    assert action_matches(pattern, "es:ESHttpGet", PolicyKind.IDENTITY) is Truth.FALSE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.0/8", (4, 10 << 24, (11 << 24) - 1)),
        ("203.0.113.7", (4, 0xCB007107, 0xCB007107)),
        ("::/0", (6, 0, 2**128 - 1)),
        ("10.0.0.0/33", None),
        ("10.0.0.0/255.0.0.0", None),
        ("10.0.0", None),
        ("010.0.0.1", None),
        ("fe80::1%eth0", None),
        ("", None),
    ],
)
def test_addresses_are_read_strictly(text: str, expected: tuple[int, int, int] | None) -> None:
    assert address_range(text) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-01-01", "2026-01-01T00:00:00Z"),
        ("2026-01", "2026-01-01T00:00:00Z"),
        ("2026-01-01T02:00+02:00", "2026-01-01T00:00:00Z"),
        ("1767225600", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00.5Z", "1767225600.5"),
    ],
)
def test_instants_have_many_spellings(text: str, same: str) -> None:
    assert instant(text) is not None
    assert instant(text) == instant(same)


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30T00:00:00Z", "x", "", "2026/01/01"])
def test_what_is_no_instant_is_none(text: str) -> None:
    assert instant(text) is None


@pytest.mark.parametrize("text", ["", "1e9999", "0x1", "1_000", "nan", "inf", "\u0661"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert number(text) is None


@settings(max_examples=200)
@given(
    st.sampled_from([one for one in Comparison if one is not Comparison.NULL]),
    st.sampled_from(
        ["10.0.0.0/8", "5", "true", "a*", "arn:aws:iam::1:role/*", f"a{ONE}", "2026-01-01", "QQ=="]
    ),
    st.sampled_from(["10.0.0.1", "5", "TRUE", "abc", "arn:aws:iam::1:role/x", ONE, "2026-01-01", "QQ==", ""]),
    st.sampled_from(["", "a", "10.0.0.1", "5", "true", "b:c", "arn:aws:iam::1:role/x"]),
)
def test_filling_holes_keeps_what_was_certain_of_a_comparison(
    comparison: Comparison, pattern: str, value: str, fill: str
) -> None:
    truth = value_test(comparison, (pattern,))(value)
    if truth is not Truth.UNKNOWN:
        filled = value_test(comparison, (pattern.replace(ONE, fill),))(value.replace(ONE, fill))
        assert filled is truth


def test_negation_keeps_the_unknown() -> None:
    assert [negation(truth) for truth in Truth] == [Truth.TRUE, Truth.UNKNOWN, Truth.FALSE]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a/${aws:username}/b", ("a/", Variable("aws:username", None), "/b")),
        ("${aws:PrincipalTag/team, 'none'}", (Variable("aws:principaltag/team", "none"),)),
        ("${k, 'it''s'}", (Variable("k", "it's"),)),
        ("${}", ("${}",)),
        ("${a b}", ("${a b}",)),
        ("${open", ("${open",)),
        ("", ()),
    ],
)
def test_variables_are_found(text: str, pieces: tuple[str | Variable, ...]) -> None:
    assert template(text) == pieces


def test_a_variable_without_value_resolves_to_nothing() -> None:
    assert resolve(template("a${k}"), {"k": "*"}.get) == "a" + escaped("*")
    assert resolve(template("a${other}"), {"k": "*"}.get) is None
    assert resolve(template("a${other, 'd'}"), {"k": "*"}.get) == "ad"


USER = User(f"arn:aws:iam::{ACCOUNT}:user/ann")
ROLE = RoleSession(f"arn:aws:iam::{ACCOUNT}:role/team/reader", "s")
FEDERATED = FederatedUser(f"arn:aws:sts::{ACCOUNT}:federated-user/ann", USER.arn)


@pytest.mark.parametrize(
    ("principal", "kind", "text", "certain", "possible"),
    [
        (USER, PrincipalKind.AWS, USER.arn, Level.DIRECT, Level.DIRECT),
        (USER, PrincipalKind.AWS, ACCOUNT, Level.ACCOUNT, Level.ACCOUNT),
        (USER, PrincipalKind.AWS, f"arn:aws:iam::{ACCOUNT}:root", Level.ACCOUNT, Level.ACCOUNT),
        (USER, PrincipalKind.AWS, f"arn:aws-cn:iam::{ACCOUNT}:root", Level.NONE, Level.NONE),
        (ROLE, PrincipalKind.AWS, ROLE.role_arn, Level.ENTITY, Level.ENTITY),
        (ROLE, PrincipalKind.AWS, f"arn:aws:iam::{ACCOUNT}:role/reader", Level.ENTITY, Level.ENTITY),
        (
            ROLE,
            PrincipalKind.AWS,
            f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s",
            Level.DIRECT,
            Level.DIRECT,
        ),
        (FEDERATED, PrincipalKind.AWS, USER.arn, Level.ENTITY, Level.ENTITY),
        (FEDERATED, PrincipalKind.AWS, FEDERATED.arn, Level.DIRECT, Level.DIRECT),
        (RootUser(ACCOUNT), PrincipalKind.AWS, ACCOUNT, Level.DIRECT, Level.DIRECT),
        (Service("es.amazonaws.com"), PrincipalKind.SERVICE, "es.amazonaws.com", Level.DIRECT, Level.DIRECT),
        (Service("es.amazonaws.com"), PrincipalKind.AWS, "es.amazonaws.com", Level.NONE, Level.NONE),
        (
            WebIdentity("accounts.google.com"),
            PrincipalKind.FEDERATED,
            "accounts.google.com",
            Level.DIRECT,
            Level.DIRECT,
        ),
        (Anonymous(), PrincipalKind.ANYONE, "*", Level.DIRECT, Level.DIRECT),
        (Anonymous(), PrincipalKind.AWS, ACCOUNT, Level.NONE, Level.NONE),
        (Anonymous(), PrincipalKind.AWS, ONE, Level.NONE, Level.DIRECT),
        (Anonymous(), PrincipalKind.AWS, f"arn:aws:iam::{ONE}:root", Level.NONE, Level.NONE),
        (USER, PrincipalKind.AWS, f"arn:aws:iam::{ONE}:root", Level.NONE, Level.ACCOUNT),
        (USER, PrincipalKind.AWS, f"arn:aws:iam::{ONE}:user/ann", Level.NONE, Level.DIRECT),
        (USER, PrincipalKind.AWS, f"arn:aws:iam::{ONE}:user/bob", Level.NONE, Level.NONE),
        (ROLE, PrincipalKind.AWS, f"arn:aws:iam::{ACCOUNT}:role/{ONE}", Level.NONE, Level.ENTITY),
        (Service("es.amazonaws.com"), PrincipalKind.SERVICE, ONE, Level.NONE, Level.DIRECT),
    ],
)
def test_how_strongly_a_principal_is_named(
    principal: Principal, kind: PrincipalKind, text: str, certain: Level, possible: Level
) -> None:
    principals = Principals((PrincipalTerm(kind, text),))
    naming = naming_of(principals, caller_of(principal), PolicyKind.RESOURCE, deny=False)
    assert (naming.certain, naming.possible) == (certain, possible)


@pytest.mark.parametrize(
    ("text", "principal"),
    [
        ("anonymous", Anonymous()),
        (ACCOUNT, RootUser(ACCOUNT)),
        (f"arn:aws-cn:iam::{ACCOUNT}:root", RootUser(ACCOUNT, "aws-cn")),
        (USER.arn, USER),
        (ROLE.role_arn, RoleSession(ROLE.role_arn)),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", RoleSession(f"arn:aws:iam::{ACCOUNT}:role/r", "s")),
        (FEDERATED.arn, FederatedUser(FEDERATED.arn)),
        ("es.amazonaws.com", Service("es.amazonaws.com")),
        ("service:es.amazonaws.com", Service("es.amazonaws.com")),
        (
            f"arn:aws:iam::{ACCOUNT}:saml-provider/corp",
            WebIdentity(f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"),
        ),
    ],
)
def test_callers_are_read_from_text(text: str, principal: Principal) -> None:
    assert principal_from_text(text) == principal


@pytest.mark.parametrize(
    "text", ["", "ann", "arn:aws:s3:::b", f"arn:aws:iam::{ACCOUNT}:group/g", "123", "arn:aws:iam::1:user"]
)
def test_what_names_no_caller_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"`{text}` names no caller")):
        principal_from_text(text)


def test_conditions_that_could_not_be_read_leave_a_statement_uncertain() -> None:
    request = Request(USER, "es:ESHttpGet", DOMAIN)
    uncertain = Statement(Effect.ALLOW, Terms((Term("es:*"),)), Terms((Term("*"),)), conditions_unknown=True)
    assert match_statement(uncertain, request, PolicyKind.IDENTITY).truth is Truth.UNKNOWN


def test_a_key_whose_name_is_unknown_leaves_a_statement_uncertain() -> None:
    request = Request(USER, "es:ESHttpGet", DOMAIN)
    condition = Condition("StringEquals", f"aws:PrincipalTag/{ONE}", (Term("a"),))
    assert (
        match_statement(statement(Effect.ALLOW, "*", condition), request, PolicyKind.IDENTITY).truth
        is Truth.UNKNOWN
    )
