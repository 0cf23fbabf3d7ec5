from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.iam.document import Condition, Document, Effect, PolicyKind, PrincipalKind, Quantifier, Term
from osreach.iam.hole import Holes, has_hole
from osreach.iam.parse import DocumentError, Parsed, document_from_json, parse_document
from osreach.location import Location
from osreach.value import Json, Object, Text, TextPart, Unknown, Value

KINDS = st.sampled_from(list(PolicyKind))


def at(line: int) -> Location:
    return Location("main.tf", line, 1, line, 2)


def value(data: Any, line: int = 1) -> Value:
    if isinstance(data, Value):
        return data
    if isinstance(data, dict):
        entries = {name: value(entry, line + index) for index, (name, entry) in enumerate(data.items())}
        return Value(Object(entries), at(line))
    if isinstance(data, list):
        return Value(tuple(value(item, line + index) for index, item in enumerate(data)), at(line))
    return Value(data, at(line))


def unknown(name: str, *, many: bool = False) -> Value:
    return Value(Unknown(name, "no value given", many=many), at(7))


def parsed(data: Any, kind: PolicyKind = PolicyKind.IDENTITY, holes: Holes | None = None) -> Parsed:
    return parse_document(value(data), kind, holes or Holes(), "policy")


def one(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "es:*", "Resource": "*"}


def test_a_single_statement_is_read_like_a_list_of_one() -> None:
    listed = parsed({"Version": "2012-10-17", "Statement": [GOOD]}).document.statements[0]
    single = parsed({"Version": "2012-10-17", "Statement": GOOD}).document.statements[0]
    assert (
        [term.text for term in single.actions.terms]
        == [term.text for term in listed.actions.terms]
        == ["es:*"]
    )
    assert single.effect is listed.effect is Effect.ALLOW


def test_every_part_keeps_its_place() -> None:
    statement = parsed(one({"Sid": "A", **GOOD})).document.statements[0]
    assert statement.location == at(2)
    assert statement.actions.location == at(4)
    assert statement.sid == "A"


def test_the_not_forms_are_marks_on_the_lists() -> None:
    statement = parsed(one({"Effect": "Deny", "NotAction": ["a:b"], "NotResource": "c"})).document.statements[
        0
    ]
    assert statement.actions.negated
    assert statement.resources is not None
    assert statement.resources.negated


def test_every_form_of_principal_is_read() -> None:
    principal = {
        "AWS": ["*", "123456789012", "arn:aws:iam::123456789012:user/ann"],
        "Service": "es.amazonaws.com",
        "Federated": ["cognito-identity.amazonaws.com"],
        "CanonicalUser": "abc",
    }
    result = parsed(one({**GOOD, "Principal": principal}), PolicyKind.RESOURCE)
    assert result.errors == ()
    principals = result.document.statements[0].principals
    assert principals is not None
    assert [(term.kind, term.text) for term in principals.terms] == [
        (PrincipalKind.ANYONE, "*"),
        (PrincipalKind.AWS, "123456789012"),
        (PrincipalKind.AWS, "arn:aws:iam::123456789012:user/ann"),
        (PrincipalKind.SERVICE, "es.amazonaws.com"),
        (PrincipalKind.FEDERATED, "cognito-identity.amazonaws.com"),
        (PrincipalKind.CANONICAL_USER, "abc"),
    ]


def test_a_star_is_the_same_with_and_without_its_kind() -> None:
    plain = document_from_json(one({**GOOD, "Principal": "*"}), PolicyKind.RESOURCE, "p")
    typed = document_from_json(one({**GOOD, "Principal": {"AWS": "*"}}), PolicyKind.RESOURCE, "p")
    assert plain == typed


@pytest.mark.parametrize(
    ("written", "operator", "quantifier", "if_exists"),
    [
        ("StringEquals", "StringEquals", Quantifier.NONE, False),
        ("stringequals", "StringEquals", Quantifier.NONE, False),
        ("ArnLikeIfExists", "ArnLike", Quantifier.NONE, True),
        ("ForAllValues:StringLike", "StringLike", Quantifier.FOR_ALL_VALUES, False),
        ("FORANYVALUE:STRINGLIKEIFEXISTS", "StringLike", Quantifier.FOR_ANY_VALUE, True),
        ("NotIpAddress", "NotIpAddress", Quantifier.NONE, False),
        ("Null", "Null", Quantifier.NONE, False),
    ],
)
def test_an_operator_is_read_in_any_case(
    written: str, operator: str, quantifier: Quantifier, if_exists: bool
) -> None:
    document = document_from_json(
        one({**GOOD, "Condition": {written: {"k": "true"}}}), PolicyKind.IDENTITY, "p"
    )
    assert document.statements[0].conditions == (
        Condition(operator, "k", (Term("true"),), quantifier, if_exists),
    )


def test_values_of_conditions_may_be_numbers_and_booleans() -> None:
    condition = {"Bool": {"k": True}, "NumericEquals": {"n": [1, 1.5]}}
    document = document_from_json(one({**GOOD, "Condition": condition}), PolicyKind.IDENTITY, "p")
    texts = [[term.text for term in found.values] for found in document.statements[0].conditions]
    assert texts == [["true"], ["1", "1.5"]]


@pytest.mark.parametrize(
    ("statement", "path"),
    [
        ({"Action": "a:b", "Resource": "*"}, "Statement[0].Effect"),
        ({"Effect": "allow", "Action": "a:b", "Resource": "*"}, "Statement[0].Effect"),
        ({"Effect": "Allow", "Resource": "*"}, "Statement[0].Action"),
        ({"Effect": "Allow", "Action": 3, "Resource": "*"}, "Statement[0].Action"),
        ({"Effect": "Allow", "Action": ["a:b", None], "Resource": "*"}, "Statement[0].Action[1]"),
        ({"Effect": "Allow", "Action": "a:b"}, "Statement[0].Resource"),
        ({**GOOD, "NotAction": "a:b"}, "Statement[0].NotAction"),
        ({**GOOD, "Principal": "*"}, "Statement[0].Principal"),
        ({**GOOD, "Actions": "a:b"}, "Statement[0].Actions"),
        ({**GOOD, "Condition": {"IpAddres": {"k": "v"}}}, "Statement[0].Condition.IpAddres"),
        ({**GOOD, "Condition": {"NullIfExists": {"k": "true"}}}, "Statement[0].Condition.NullIfExists"),
        (
            {**GOOD, "Condition": {"ForSome:StringLike": {"k": "v"}}},
            "Statement[0].Condition.ForSome:StringLike",
        ),
        ({**GOOD, "Condition": {":StringLike": {"k": "v"}}}, "Statement[0].Condition.:StringLike"),
        ({**GOOD, "Condition": {"StringLike": "v"}}, "Statement[0].Condition.StringLike"),
        ({**GOOD, "Condition": {"StringLike": {"k": {}}}}, "Statement[0].Condition.StringLike.k"),
        ({**GOOD, "Condition": {"StringLike": {"k": [None]}}}, "Statement[0].Condition.StringLike.k[0]"),
        ({**GOOD, "Condition": []}, "Statement[0].Condition"),
        ({**GOOD, "Sid": []}, "Statement[0].Sid"),
        ([], "Statement[0]"),
        ("Allow", "Statement[0]"),
    ],
)
def test_an_error_names_its_path(statement: Any, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document_from_json({"Version": "2012-10-17", "Statement": [statement]}, PolicyKind.IDENTITY, "p")
    assert caught.value.path == path
    assert f"`{path}`" in caught.value.message


@pytest.mark.parametrize(
    ("policy", "path"),
    [
        ({}, "Statement"),
        ({"Statement": [], "Statements": []}, "Statements"),
        ({"Statement": [], "Version": "2012-10-18"}, "Version"),
        ("{", ""),
        ("[]", ""),
        ("3", ""),
        (3, ""),
        ("[" * 100_000, ""),
    ],
)
def test_a_broken_document_is_an_error(policy: object, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document_from_json(policy, PolicyKind.IDENTITY, "p")
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("principal", "path"),
    [
        ("arn:aws:iam::123456789012:root", "Statement[0].Principal"),
        (["*"], "Statement[0].Principal"),
        ({"aws": "*"}, "Statement[0].Principal.aws"),
        ({"*": "*"}, "Statement[0].Principal.*"),
        ({"AWS": {"x": "y"}}, "Statement[0].Principal.AWS"),
        (None, "Statement[0].Principal"),
    ],
)
def test_a_broken_principal_is_an_error(principal: object, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document_from_json(one({**GOOD, "Principal": principal}), PolicyKind.RESOURCE, "p")
    assert caught.value.path == path


IDENTITY, RESOURCE = PolicyKind.IDENTITY, PolicyKind.RESOURCE
GRANT: dict[str, Any] = {**GOOD, "Principal": "*"}


def without(name: str, statement: dict[str, Any], **others: Any) -> dict[str, Any]:
    return one({key: entry for key, entry in {**statement, **others}.items() if key != name})


def condition(data: Any) -> dict[str, Any]:
    return one({**GOOD, "Condition": data})


BROKEN: list[tuple[PolicyKind, Any, str]] = [
    (IDENTITY, None, ""),
    (IDENTITY, True, ""),
    (IDENTITY, 1.5, ""),
    (IDENTITY, [GOOD], ""),
    (IDENTITY, "", ""),
    (IDENTITY, "null", ""),
    (IDENTITY, "{}", "Statement"),
    (IDENTITY, "{'Statement': []}", ""),
    (IDENTITY, '{"Statement": []} more', ""),
    (IDENTITY, '{"Statement": [],}', ""),
    (IDENTITY, '\ufeff{"Statement": []}', ""),
    (IDENTITY, '{"Statement": [], "Statement": []}', ""),
    (IDENTITY, '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}', ""),
    (IDENTITY, {"Version": "2012-10-17"}, "Statement"),
    (IDENTITY, {"Statement": None}, "Statement"),
    (IDENTITY, {"Statement": "Allow"}, "Statement"),
    (IDENTITY, {"Statement": 7}, "Statement"),
    (IDENTITY, {"Statement": {}}, "Statement.Action"),
    (IDENTITY, {"Statement": [[GOOD]]}, "Statement[0]"),
    (IDENTITY, {"Statement": [GOOD, None]}, "Statement[1]"),
    (IDENTITY, {"statement": [GOOD]}, "statement"),
    (IDENTITY, {"version": "2012-10-17", "Statement": [GOOD]}, "version"),
    (IDENTITY, {"Version": 2012, "Statement": [GOOD]}, "Version"),
    (IDENTITY, {"Version": None, "Statement": [GOOD]}, "Version"),
    (IDENTITY, {"Version": "", "Statement": [GOOD]}, "Version"),
    (IDENTITY, {"Version": ["2012-10-17"], "Statement": [GOOD]}, "Version"),
    (IDENTITY, {"Id": 5, "Statement": [GOOD]}, "Id"),
    (IDENTITY, {"Id": None, "Statement": [GOOD]}, "Id"),
    (IDENTITY, {"Comment": "ours", "Statement": [GOOD]}, "Comment"),
    (IDENTITY, one({**GOOD, "effect": "Allow"}), "Statement[0].effect"),
    (IDENTITY, one({**GOOD, "Effect": "ALLOW"}), "Statement[0].Effect"),
    (IDENTITY, one({**GOOD, "Effect": True}), "Statement[0].Effect"),
    (IDENTITY, one({**GOOD, "Effect": ["Allow"]}), "Statement[0].Effect"),
    (IDENTITY, one({**GOOD, "Effect": None}), "Statement[0].Effect"),
    (IDENTITY, one({**GOOD, "action": "es:*"}), "Statement[0].action"),
    (IDENTITY, one({**GOOD, "Action": None}), "Statement[0].Action"),
    (IDENTITY, one({**GOOD, "Action": {"es": "*"}}), "Statement[0].Action"),
    (IDENTITY, one({**GOOD, "Action": [["es:*"]]}), "Statement[0].Action[0]"),
    (IDENTITY, without("Action", GOOD, NotAction=None), "Statement[0].NotAction"),
    (IDENTITY, one({**GOOD, "Resource": None}), "Statement[0].Resource"),
    (IDENTITY, one({**GOOD, "Resource": True}), "Statement[0].Resource"),
    (IDENTITY, one({**GOOD, "Resource": ["*", 3]}), "Statement[0].Resource[1]"),
    (IDENTITY, one({**GOOD, "NotResource": "*"}), "Statement[0].NotResource"),
    (IDENTITY, one({**GOOD, "Sid": 5}), "Statement[0].Sid"),
    (IDENTITY, one({**GOOD, "Sid": None}), "Statement[0].Sid"),
    (IDENTITY, one({**GOOD, "NotPrincipal": {"AWS": "*"}}), "Statement[0].NotPrincipal"),
    (IDENTITY, condition("always"), "Statement[0].Condition"),
    (IDENTITY, condition([{"Bool": {"k": "true"}}]), "Statement[0].Condition"),
    (IDENTITY, condition({"Bool": [{"k": "true"}]}), "Statement[0].Condition.Bool"),
    (IDENTITY, condition({"Bool": {"k": None}}), "Statement[0].Condition.Bool.k"),
    (IDENTITY, condition({"Bool": {"k": [["true"]]}}), "Statement[0].Condition.Bool.k[0]"),
    (IDENTITY, condition({"Bool": {"": "true"}}), "Statement[0].Condition.Bool"),
    (IDENTITY, condition({"Null": {"k": "maybe"}}), "Statement[0].Condition.Null.k"),
    (IDENTITY, condition({"StringEqual": {"k": "v"}}), "Statement[0].Condition.StringEqual"),
    (IDENTITY, condition({"ForAnyValue:": {"k": "v"}}), "Statement[0].Condition.ForAnyValue:"),
    (
        IDENTITY,
        condition({"BoolIfExistsIfExists": {"k": "v"}}),
        "Statement[0].Condition.BoolIfExistsIfExists",
    ),
    (RESOURCE, one(GOOD), "Statement[0].Principal"),
    (RESOURCE, one({**GOOD, "principal": "*"}), "Statement[0].principal"),
    (RESOURCE, one({**GRANT, "NotPrincipal": "*"}), "Statement[0].NotPrincipal"),
    (RESOURCE, one({**GRANT, "Principal": ""}), "Statement[0].Principal"),
    (RESOURCE, one({**GRANT, "Principal": 3}), "Statement[0].Principal"),
    (RESOURCE, one({**GRANT, "Principal": {"User": "ann"}}), "Statement[0].Principal.User"),
    (RESOURCE, one({**GRANT, "Principal": {"AWS": ["*", None]}}), "Statement[0].Principal.AWS[1]"),
    (PolicyKind.TRUST, one(GRANT), "Statement[0].Resource"),
    (PolicyKind.TRUST, without("Principal", GRANT), "Statement[0].Resource"),
    (PolicyKind.SERVICE_CONTROL, one(GRANT), "Statement[0].Principal"),
    (PolicyKind.SERVICE_CONTROL, without("Resource", GOOD), "Statement[0].Resource"),
    (PolicyKind.RESOURCE_CONTROL, one(GOOD), "Statement[0].Principal"),
    (
        PolicyKind.RESOURCE_CONTROL,
        one({**GRANT, "Principal": {"AWS": "123456789012"}}),
        "Statement[0].Principal",
    ),
]
"""Documents that AWS refuses.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""


@pytest.mark.parametrize(("kind", "policy", "path"), BROKEN)
def test_what_is_wrong_is_said_with_its_path(kind: PolicyKind, policy: Any, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document_from_json(policy, kind, "p")
    assert caught.value.path == path
    assert caught.value.message.startswith(f"`{path}` " if path else ("the policy ", "`"))


def test_a_condition_without_values_leaves_the_statement_uncertain() -> None:
    document = document_from_json(
        condition({"StringEquals": {"k": []}, "Bool": {"b": "true"}}), IDENTITY, "p"
    )
    (statement,) = document.statements
    assert statement.conditions_unknown
    assert [found.key for found in statement.conditions] == ["b"]


def test_a_broken_statement_does_not_hide_the_others() -> None:
    result = parsed({"Statement": [GOOD, {"Effect": "Deny", "Resource": "*"}, {**GOOD, "Sid": "Last"}]})
    assert [(error.path, error.location) for error in result.errors] == [("Statement[1].Action", at(2))]
    assert [(found.index, found.sid) for found in result.document.statements] == [(0, ""), (2, "Last")]


def test_an_unknown_operator_leaves_the_statement_uncertain() -> None:
    result = parsed(one({**GOOD, "Condition": {"IpAddres": {"k": "v"}, "Bool": {"b": "true"}}}))
    statement = result.document.statements[0]
    assert statement.conditions_unknown
    assert [condition.key for condition in statement.conditions] == ["b"]


def test_an_unreadable_effect_is_not_guessed() -> None:
    result = parsed(one({**GOOD, "Effect": "Permit"}))
    assert result.document.statements[0].effect is Effect.UNKNOWN


def test_a_partly_known_text_gets_a_hole() -> None:
    holes = Holes()
    parts = (TextPart("arn:aws:es:eu-west-1:", at(3)), TextPart(Unknown("var.account", ""), at(3)))
    resource = Value(Text((*parts, TextPart(":domain/logs/*", at(3)))), at(3))
    terms = parsed(one({**GOOD, "Resource": resource}), holes=holes).document.statements[0].resources
    assert terms is not None
    assert holes.fill(terms.terms[0].text) == "arn:aws:es:eu-west-1:${var.account}:domain/logs/*"


def test_the_same_unknown_is_the_same_hole() -> None:
    holes = Holes()
    statement = parsed(one({**GOOD, "Action": unknown("var.x"), "Resource": unknown("var.x")}), holes=holes)
    found = statement.document.statements[0]
    assert found.resources is not None
    assert found.actions.terms[0].text == found.resources.terms[0].text == holes.hole("var.x")


def test_an_unknown_list_stands_for_any_number() -> None:
    found = parsed(one({**GOOD, "Action": unknown("var.actions")})).document.statements[0].actions.terms
    assert [term.many for term in found] == [True]
    mixed = parsed(one({**GOOD, "Action": ["a:b", unknown("v", many=True), unknown("w")]}))
    assert [term.many for term in mixed.document.statements[0].actions.terms] == [False, True, False]


def test_unknown_statements_are_kept_as_unknown() -> None:
    holes = Holes()
    result = parsed({"Statement": [GOOD, unknown("var.more", many=True), unknown("var.one")]}, holes=holes)
    found = [(holes.expression(term.text), term.many) for term in result.document.unknown]
    assert found == [("var.more", True), ("var.one", False)]
    assert result.errors == ()


@pytest.mark.parametrize("data", [unknown("var.policy"), {"Statement": unknown("var.policy")}])
def test_an_unknown_document_may_hold_anything(data: Any) -> None:
    holes = Holes()
    document = parsed(data, holes=holes).document
    assert [(holes.expression(term.text), term.many) for term in document.unknown] == [("var.policy", True)]
    assert document.statements == ()


def test_an_unknown_rest_may_hold_the_missing_elements() -> None:
    rest = (Unknown("var.rest", ""),)
    entries = {"Effect": value("Allow")}
    statement = Value(Object(entries, rest), at(3))
    result = parsed(one_value(statement), PolicyKind.RESOURCE)
    assert result.errors == ()
    found = result.document.statements[0]
    assert found.conditions_unknown
    assert found.principals is not None
    assert [term.kind for term in found.principals.terms] == [PrincipalKind.UNKNOWN]
    assert all(has_hole(term.text) for term in found.actions.terms)


def one_value(statement: Value) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize("condition", [unknown("var.c"), {"StringEquals": unknown("var.c")}])
def test_unknown_conditions_leave_the_statement_uncertain(condition: Any) -> None:
    result = parsed(one({**GOOD, "Condition": condition}))
    assert result.document.statements[0].conditions_unknown
    assert result.errors == ()


def test_an_unknown_effect_is_no_error() -> None:
    result = parsed(one({**GOOD, "Effect": unknown("var.effect")}))
    assert result.document.statements[0].effect is Effect.UNKNOWN
    assert result.errors == ()


def test_json_in_json_is_read() -> None:
    inner = value(one(GOOD))
    result = parsed(Value(Json(Value(Json(inner), at(1))), at(1)))
    assert result.errors == ()
    assert len(result.document.statements) == 1


def test_a_text_of_json_is_read_with_its_places() -> None:
    text = json.dumps(one(GOOD))
    result = parsed(Value(text, at(1)))
    assert result.errors == ()
    assert [found.effect for found in result.document.statements] == [Effect.ALLOW]


@pytest.mark.parametrize("character", ["\U000f0000", "\U000ffffd", "\U0010fff0"])
def test_private_use_characters_are_refused(character: str) -> None:
    with pytest.raises(DocumentError, match="private use"):
        document_from_json(one({**GOOD, "Action": f"es:{character}"}), PolicyKind.IDENTITY, "p")
    condition = {"StringEquals": {f"aws:{character}": "v"}}
    with pytest.raises(DocumentError, match="private use"):
        document_from_json(one({**GOOD, "Condition": condition}), PolicyKind.IDENTITY, "p")


def test_equal_documents_are_equal_and_hashable() -> None:
    first = document_from_json(one(GOOD), PolicyKind.IDENTITY, "p")
    second = document_from_json(json.dumps(one(GOOD)), PolicyKind.IDENTITY, "p")
    assert first == second
    assert len({first, second}) == 1


NAMES = st.sampled_from(
    [
        "Version",
        "Statement",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "Principal",
        "NotPrincipal",
        "Condition",
        "AWS",
        "StringEquals",
        "Null",
        "x",
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["Allow", "Deny", "*", "es:*", "2012-10-17", "${aws:username}", "\U000f0001", "\ud800"]),
    st.text(string.printable, max_size=6),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)


def read(data: Any, kind: PolicyKind) -> Document | DocumentError:
    try:
        return document_from_json(data, kind, "p")
    except DocumentError as error:
        return error


@settings(max_examples=300, deadline=None)
@given(ANYTHING, KINDS)
def test_only_the_documented_error_comes_out(data: Any, kind: PolicyKind) -> None:
    policy = {"Version": "2012-10-17", "Statement": data}
    for given_data in (data, policy):
        match read(given_data, kind):
            case DocumentError() as error:
                assert error.message
            case document:
                assert document == read(json.dumps(given_data), kind) or "nan" in str(given_data)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    match read(text, PolicyKind.RESOURCE):
        case DocumentError() as error:
            assert error.path in {"", "Statement"}
        case document:
            assert document.statements == ()


def unknowns(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    listed = st.lists(inner, max_size=4).map(lambda items: Value(tuple(items), at(1)))
    rest = st.sampled_from([(), (Unknown("var.rest", ""),)])
    objects = st.builds(
        lambda entries, more: Value(Object(entries, more), at(1)),
        st.dictionaries(NAMES, inner, max_size=5),
        rest,
    )
    return listed | objects | inner.map(lambda item: Value(Json(item), at(1)))


VALUES = st.recursive(
    st.one_of(
        LEAVES.map(lambda leaf: Value(leaf, at(1))),
        st.booleans().map(lambda many: unknown("var.x", many=many)),
        st.just(Value(Text((TextPart("es:", at(1)), TextPart(Unknown("var.y", ""), at(1)))), at(1))),
    ),
    unknowns,
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(VALUES, KINDS)
def test_any_value_tree_gives_a_document(tree: Value, kind: PolicyKind) -> None:
    wrapped = Value(Object({"Statement": tree}), at(1))
    for data in (tree, wrapped):
        result = parse_document(data, kind, Holes(), "policy")
        assert result.document.source == "policy"
        for error in result.errors:
            assert error.message


def test_deep_nesting_is_no_recursion_error() -> None:
    data = value("x")
    for _ in range(20_000):
        data = Value(Json(data), at(1))
    assert [error.path for error in parsed(data).errors] == [""]
    nested: Any = "x"
    for _ in range(5_000):
        nested = [nested]
    with pytest.raises(DocumentError, match="nested too deeply"):
        document_from_json({"Statement": nested}, PolicyKind.IDENTITY, "p")
