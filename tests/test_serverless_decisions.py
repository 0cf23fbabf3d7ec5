"""The tables of fixtures/serverless: policies + request -> decision, each row with its source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.location import Location
from osreach.serverless.access import Bearing, decide_access, indexes_of
from osreach.serverless.encryption import EncryptionBearing, decide_encryption, rival_patterns
from osreach.serverless.network import NetworkBearing, Source, decide_network, openness
from osreach.serverless.operation import need_of, need_of_permission
from osreach.serverless.parse import parse_access, parse_encryption, parse_network
from osreach.serverless.pattern import covers, equal, name_matches, resource_matches
from osreach.serverless.permission import PERMISSIONS, ResourceType
from osreach.serverless.principal import Subject
from osreach.truth import Truth
from osreach.value import Object, Value

FOLDER = Path(__file__).parent.parent / "fixtures" / "serverless"
HERE = Location("policy.json", 1, 1, 1, 2)
Row = Mapping[str, Any]


def table(name: str) -> Row:
    found: Row = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def value(data: Any) -> Value:
    match data:
        case dict():
            return Value(Object({name: value(entry) for name, entry in data.items()}), HERE)
        case list():
            return Value(tuple(map(value, data)), HERE)
        case _:
            return Value(data, HERE)


def write(one: Value) -> str:
    return str(one.data)


def rows(name: str) -> list[Any]:
    return [pytest.param(row, id=f"{name}: {row['name']}") for row in table(name)["rows"]]


def access_policies(*names: str) -> list[Bearing]:
    written = table("data_access")["policies"]
    return [Bearing(name, parse_access(value(written[name]), write)) for name in names]


@pytest.mark.parametrize("row", rows("data_access"))
def test_data_access_policies_decide_as_documented(row: Row) -> None:
    whole = table("data_access")
    about = whole["subjects"][row.get("subject", "role")]
    subject = Subject(
        about.get("arn", ""),
        about.get("account", ""),
        about.get("role", ""),
        row.get("session", ""),
        tuple(about.get("names", ())),
    )
    method, path = row["need"].split(" ")
    found = decide_access(
        access_policies(*row["policies"]),
        subject,
        whole["account"],
        whole["collection"],
        need_of(method, path),
    )
    assert found.truth.name.lower() == row["decision"]


@pytest.mark.parametrize("row", rows("network"))
def test_network_policies_decide_as_documented(row: Row) -> None:
    whole = table("network")
    policies = [
        NetworkBearing(name, parse_network(value(whole["policies"][name]), write)) for name in row["policies"]
    ]
    opened = openness(policies, whole["collection"], ResourceType(row["endpoint"]))
    assert decide_network(opened, Source(**row["source"])).truth.name.lower() == row["decision"]


@pytest.mark.parametrize("row", rows("encryption"))
def test_encryption_policies_decide_as_documented(row: Row) -> None:
    whole = table("encryption")
    policies = [
        EncryptionBearing(name, parse_encryption(value(whole["policies"][name]), write))
        for name in row["policies"]
    ]
    found = decide_encryption(policies, whole["collection"])
    assert (found.choice.name, found.key.text if found.key else None) == (row["choice"], row["key"])


def test_every_row_names_its_page() -> None:
    pages = [
        row.get("source_page", row.get("source"))
        for name in ("data_access", "network", "encryption")
        for row in table(name)["rows"]
    ]
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in pages)


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_every_permission_is_needed_for_some_documented_operation(permission: str) -> None:
    methods = {
        "aoss:CreateIndex": ("PUT", "/a"),
        "aoss:DescribeIndex": ("GET", "/a/_mapping"),
        "aoss:WriteDocument": ("POST", "/a/_doc"),
        "aoss:ReadDocument": ("GET", "/a/_search"),
        "aoss:DeleteIndex": ("DELETE", "/a"),
        "aoss:UpdateIndex": ("PUT", "/a/_settings"),
        "aoss:CreateCollectionItems": ("POST", "/_aliases"),
        "aoss:DescribeCollectionItems": ("GET", "/_alias"),
        "aoss:UpdateCollectionItems": ("PUT", "/_index_template/t"),
        "aoss:DeleteCollectionItems": ("DELETE", "/_index_template/t"),
        "aoss:DescribeMLResource": ("GET", "/_plugins/_ml/models/_search"),
        "aoss:CreateMLResource": ("POST", "/_plugins/_ml/connectors/_create"),
        "aoss:UpdateMLResource": ("PUT", "/_plugins/_ml/models/m"),
        "aoss:DeleteMLResource": ("DELETE", "/_plugins/_ml/models/m"),
        "aoss:ExecuteMLResource": ("POST", "/_plugins/_ml/models/m/_predict"),
        "aoss:CreateAgent": ("POST", "/_plugins/_ml/agents/_register"),
        "aoss:DescribeAgent": ("GET", "/_plugins/_ml/agents/a"),
        "aoss:UpdateAgent": ("PUT", "/_plugins/_ml/agents/a"),
        "aoss:DeleteAgent": ("DELETE", "/_plugins/_ml/agents/a"),
        "aoss:InvokeAgent": ("POST", "/_plugins/_ml/agents/a/_execute"),
        "aoss:SearchAgents": ("POST", "/_plugins/_ml/agents/_search"),
    }
    assert need_of(*methods[permission]).permission == permission


@pytest.mark.parametrize(
    ("method", "path", "indexes", "search_only"),
    [
        ("get", "/logs-*,a/_search?size=1", ("logs-*", "a"), False),
        ("PUT", "/a/_doc/1", ("a",), True),
        ("POST", "/a/_update/1", ("a",), True),
        ("POST", "/a/_doc", ("a",), False),
        ("GET", "_cat/indices", ("*",), False),
        ("GET", "/.kibana/_search", (".kibana",), False),
    ],
)
def test_a_request_line_tells_its_indexes(
    method: str, path: str, indexes: tuple[str, ...], search_only: bool
) -> None:
    need = need_of(method, path)
    assert (need.indexes, need.search_only) == (indexes, search_only)


def test_dashboards_are_no_operation_of_the_collection() -> None:
    assert need_of("GET", "/_dashboards/app/home").dashboards
    assert not need_of("GET", "/dashboards/_search").dashboards


def test_a_permission_without_an_index_is_granted_by_any() -> None:
    subject = Subject("arn:aws:iam::111122223333:role/app/reader", "111122223333", "reader")
    need = need_of_permission("aoss:WriteDocument")
    found = decide_access(access_policies("prefix"), subject, "111122223333", "logs", need)
    assert found.truth is Truth.TRUE
    assert [grant.pattern.text for grant in found.grants if grant.pattern] == ["index/logs/app-*"]


def test_the_patterns_of_indexes_are_those_of_the_collection() -> None:
    policies = access_policies("prefix", "other", "everything", "two")
    assert indexes_of(policies, "logs") == ("*", "a", "b", "app-*")


def test_rival_patterns_are_found_without_a_collection() -> None:
    written = table("encryption")["policies"]
    policies = [
        EncryptionBearing(name, parse_encryption(value(written[name]), write))
        for name in ("owned", "same_star", "prefix")
    ]
    (pair,) = rival_patterns(policies)
    assert [one.source for one in pair] == ["owned", "same_star"]


LETTERS = st.text(alphabet="ab-\U000f0000\U000f0001", max_size=6)


@given(LETTERS, LETTERS)
def test_equality_holds_for_what_may_stand_behind_the_holes(one: str, other: str) -> None:
    answer = equal(one, other)
    filled = [text.replace("\U000f0000", "a").replace("\U000f0001", "ab") for text in (one, other)]
    if answer is not Truth.UNKNOWN:
        assert (filled[0] == filled[1]) is (answer is Truth.TRUE)


@given(
    st.text(alphabet="ab*", max_size=5),
    st.text(alphabet="ab*", max_size=5),
    st.text(alphabet="ab", max_size=5),
)
def test_what_is_covered_matches_wherever_the_expression_does(pattern: str, names: str, name: str) -> None:
    documented = "*" not in pattern[:-1] and "*" not in names[:-1]
    if documented and covers(pattern, names) is Truth.TRUE and name_matches(names, name) is Truth.TRUE:
        assert name_matches(pattern, name) is Truth.TRUE
    if documented and covers(pattern, names) is Truth.FALSE and name_matches(names, name) is Truth.TRUE:
        assert name_matches(pattern, name) is Truth.FALSE


def test_an_unknown_text_may_hold_slashes() -> None:
    assert resource_matches("index/\U000f0000", "index/logs/app") is Truth.UNKNOWN
    assert resource_matches("collection/\U000f0000", "index/logs/app") is Truth.FALSE


def test_patterns_that_would_take_for_ever_are_answered_at_once() -> None:
    pattern = "index/logs/" + "*a" * 1500 + "\U000f0000"
    assert resource_matches(pattern, "index/logs/" + "a" * 3000) is Truth.UNKNOWN
