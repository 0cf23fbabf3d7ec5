from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.iam.simulate import answer

ACCOUNT = "111122223333"
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "es:*", "Resource": "*"}],
}
DENY = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "es:*", "Resource": "*"}}
OPEN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}],
}
REQUEST: dict[str, Any] = {
    "id": "1",
    "principal": f"arn:aws:iam::{ACCOUNT}:user/ann",
    "action": "es:ESHttpGet",
    "resource": f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs/movies/_search",
}


def asked(**more: Any) -> dict[str, Any]:
    """The same answer is given for the object, for its text, and for its text once more."""
    request = {**REQUEST, **more}
    found = answer(request)
    assert answer(json.dumps(request)) == found
    assert answer(json.dumps(request)) == found
    assert answer(json.dumps(request, indent=1)) == found
    return found


def test_an_allowed_request_names_its_statement() -> None:
    assert asked(identityPolicies=[DENY_OTHER, ALLOW]) == {
        "id": "1",
        "decision": "allowed",
        "because": [{"policy": "identityPolicies[1]", "statement": 0, "sid": "Read"}],
    }


DENY_OTHER = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}


def test_an_explicit_deny_names_its_statement() -> None:
    assert asked(identityPolicies=[ALLOW], resourcePolicy=OPEN, scps=[[ALLOW], [ALLOW, DENY]]) == {
        "id": "1",
        "decision": "explicit_deny",
        "because": [{"policy": "scps[1][1]", "statement": 0, "sid": ""}],
        "blocked_by": "service_control_policy",
    }


@pytest.mark.parametrize("wrap", ['"resourcePolicy": {}', '"identityPolicies": [{}]', '"scps": [[{}]]'])
def test_an_element_that_stands_twice_is_an_error(wrap: str) -> None:
    policy = '{"Statement": [{"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    request = json.dumps(REQUEST).removesuffix("}") + ", " + wrap.replace("{}", policy) + "}"
    found = answer(request)
    name = wrap.split('"')[1]
    assert found == {"id": "1", "error": f"`{name}`: `Effect` stands twice in one object"}
    assert answer(request) == found


def test_silence_is_an_implicit_deny() -> None:
    assert asked() == {"id": "1", "decision": "implicit_deny", "because": [], "blocked_by": "identity_policy"}


@pytest.mark.parametrize(
    ("policies", "decision"),
    [
        ({"identityPolicies": [json.dumps(ALLOW)]}, "allowed"),
        ({"identityPolicies": []}, "implicit_deny"),
        ({"identityPolicies": None, "resourcePolicy": None}, "implicit_deny"),
        ({"resourcePolicy": OPEN}, "allowed"),
        ({"resourcePolicy": json.dumps(OPEN)}, "allowed"),
        ({"identityPolicies": [ALLOW], "permissionBoundaries": [DENY_OTHER]}, "implicit_deny"),
        ({"identityPolicies": [ALLOW], "permissionBoundaries": []}, "allowed"),
        ({"identityPolicies": [ALLOW], "sessionPolicies": [ALLOW]}, "allowed"),
        ({"identityPolicies": [ALLOW], "scps": [None, [ALLOW]]}, "allowed"),
        ({"identityPolicies": [ALLOW], "scps": [[]]}, "implicit_deny"),
        ({"identityPolicies": [ALLOW], "scps": []}, "allowed"),
        ({"identityPolicies": [ALLOW], "rcps": [[{**OPEN, "Statement": []}]]}, "allowed"),
        ({"identityPolicies": [ALLOW], "endpointPolicies": [OPEN]}, "allowed"),
        ({"identityPolicies": [ALLOW], "resourceAccount": "444455556666"}, "implicit_deny"),
    ],
)
def test_every_kind_of_policy_has_its_place(policies: dict[str, Any], decision: str) -> None:
    assert asked(**policies)["decision"] == decision


@pytest.mark.parametrize(
    ("context", "decision"),
    [
        ({"aws:SourceIp": "203.0.113.7"}, "allowed"),
        ({"AWS:sourceip": ["203.0.113.7"]}, "allowed"),
        ({"aws:SourceIp": "198.51.100.7"}, "implicit_deny"),
        (None, "implicit_deny"),
    ],
)
def test_the_context_is_held_against_conditions(context: Any, decision: str) -> None:
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    assert asked(identityPolicies=[{"Statement": statement}], context=context)["decision"] == decision


@pytest.mark.parametrize("value", [True, 7, 1.5])
def test_scalars_of_the_context_are_their_json_text(value: object) -> None:
    condition = {"StringEquals": {"k": json.dumps(value)}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    assert asked(identityPolicies=[{"Statement": statement}], context={"k": value})["decision"] == "allowed"


def test_a_request_without_a_resource_is_on_none() -> None:
    request = {name: value for name, value in REQUEST.items() if name != "resource"}
    found = answer({**request, "action": "es:ListDomainNames", "identityPolicies": [ALLOW]})
    assert found["decision"] == "allowed"


def test_what_the_documentation_leaves_open_is_named_and_denied() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "es:*", "Resource": "*"}
    found = asked(resourcePolicy={"Version": "2012-10-17", "Statement": statement})
    assert found["decision"] == "implicit_deny"
    assert len(found["notes"]) == 1
    assert "may be reachable" in found["notes"][0]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"principal": None}, "`principal` is missing"),
        ({"principal": 3}, "`principal` must be a string"),
        ({"principal": "ann"}, "`principal`: `ann` names no caller"),
        ({"action": "ESHttpGet"}, "`action` must be `service:Name`"),
        ({"context": []}, "`context` must be an object"),
        ({"context": {"k": {}}}, "`context.k` must be a value or a list of values"),
        ({"context": {"k": [None]}}, "`context.k` must be a value or a list of values"),
        ({"identityPolicies": ALLOW}, "`identityPolicies` must be a list of policies"),
        ({"identityPolicies": [3]}, "`identityPolicies[0]`: the policy must be an object"),
        ({"identityPolicies": [ALLOW, {}]}, "`identityPolicies[1]`: `Statement` is missing"),
        ({"resourcePolicy": ALLOW}, "`resourcePolicy`: `Statement[0].Principal` is missing"),
        ({"resourcePolicy": "{"}, "`resourcePolicy`: the policy is not valid JSON"),
        ({"scps": [ALLOW]}, "`scps[0]` must be a list of policies"),
        ({"scps": {}}, "`scps` must be a list of levels"),
        ({"policies": []}, "`policies` is no part of a request"),
    ],
)
def test_a_bad_request_is_an_error_with_its_id(more: dict[str, Any], error: str) -> None:
    found = asked(**more)
    assert set(found) == {"id", "error"}
    assert found["id"] == "1"
    assert error in found["error"]


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "3", "[" * 100_000, '{"identityPolicies": [', '{"scps":' * 50_000]
)
def test_a_bad_line_is_an_error(line: str) -> None:
    found = answer(line)
    assert set(found) == {"id", "error"}
    assert found["id"] is None


def test_a_policy_deep_in_the_context_is_no_policy() -> None:
    text = json.dumps({**REQUEST, "context": {"identityPolicies": [ALLOW]}})
    assert answer(text) == answer(text)
    assert answer(text)["error"] == "`context.identityPolicies` must be a value or a list of values"


def test_the_last_of_two_equal_names_counts() -> None:
    rest = json.dumps(REQUEST)[1:]
    first = f'{{"identityPolicies": [{json.dumps(ALLOW)}], "identityPolicies": [], {rest}'
    last = f'{{"identityPolicies": [], "identityPolicies": [{json.dumps(ALLOW)}], {rest}'
    for _ in range(2):
        assert answer(first)["decision"] == "implicit_deny"
        assert answer(last)["decision"] == "allowed"


def test_a_longer_policy_that_begins_alike_is_another() -> None:
    padding = [{"Sid": "x" * 300, "Effect": "Allow", "Action": "s3:*", "Resource": "*"}]
    short = {"Version": "2012-10-17", "Statement": padding}
    long = {"Version": "2012-10-17", "Statement": [*padding, *ALLOW["Statement"]]}
    assert asked(identityPolicies=[short])["decision"] == "implicit_deny"
    assert asked(identityPolicies=[long])["decision"] == "allowed"
    assert asked(identityPolicies=[short])["decision"] == "implicit_deny"


PIECES = st.sampled_from(
    [
        '"identityPolicies":',
        '"resourcePolicy" : ',
        "{",
        "}",
        "[",
        "]",
        ",",
        '"scps":[[',
        '"',
        "\\",
        "null",
        '"id":1',
        "3",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(string.printable, max_size=3), max_size=12).map("".join))
def test_every_line_has_an_answer(line: str) -> None:
    found = answer(line)
    assert "id" in found
    try:
        data = json.loads(line)
    except ValueError:
        data = None
    if isinstance(data, dict):
        assert answer(data) == found
    else:
        assert "error" in found
