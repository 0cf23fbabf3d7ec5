"""What the rules about the inside of a cluster read from names, and from entries that match many."""

from __future__ import annotations

import pytest

from osreach.opensearch.role import IndexPermission
from osreach_rules.fine_grained.content import is_of_dashboards, is_shipped, limits_documents, names_operator
from osreach_rules.fine_grained.group import is_everyones_group
from osreach_rules.fine_grained.wildcard import is_every_role, is_everyone


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("webops", True),
        ("search-ops", True),
        ("security-team", True),
        ("opensearch-master", True),
        ("AWSReservedSSO_AdministratorAccess_0123456789abcdef", True),
        ("orders", False),
        ("desktops", False),
        ("props", False),
        ("mastering", False),
        ("AWSReservedSSO_ReadOnlyAccess_0123456789abcdef", False),
    ],
)
def test_a_name_tells_who_runs_a_cluster(name: str, *, expected: bool) -> None:
    assert names_operator(name) is expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("everyone", True),
        ("All-Employees", True),
        ("Domain Users", True),
        ("employees-of-search", False),
        ("acme-employees", False),
        ("arn:aws:iam::123456789012:role/users", False),
    ],
)
def test_only_the_whole_name_is_a_group_of_everyone(entry: str, *, expected: bool) -> None:
    assert is_everyones_group(entry) is expected


@pytest.mark.parametrize(
    ("entry", "everyone", "every_role"),
    [
        ("*", True, False),
        ("**", True, False),
        ("/.*/", True, False),
        ("arn:aws:iam::123456789012:role/*", False, True),
        ("arn:aws:iam::123456789012:*", False, True),
        ("arn:aws:iam::*:role/reader", False, True),
        ("arn:*", False, True),
        ("arn:aws:iam::123456789012:role/team-*", False, False),
        ("arn:aws:iam::123456789012:role/reader", False, False),
        ("team-*", False, False),
    ],
)
def test_wildcards_are_told_by_how_far_they_reach(entry: str, *, everyone: bool, every_role: bool) -> None:
    assert (is_everyone(entry), is_every_role(entry)) == (everyone, every_role)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", False),
        (" ", False),
        ('{"match_all": {}}', False),
        ('{ "match_all" : { "boost": 1.0 } }', False),
        ('{"bool": {"must": {"match_all": {}}, "filter": {"term": {"a": 1}}}}', True),
        ('{"term": {"shop.keyword": "paris"}}', True),
    ],
)
def test_a_query_that_matches_every_document_limits_nothing(query: str, *, expected: bool) -> None:
    assert limits_documents(IndexPermission(("orders",), ("read",), query)) is expected


def test_roles_of_older_releases_are_shipped_under_their_older_names() -> None:
    assert is_shipped("logstash")
    assert is_shipped("opendistro_security_logstash")
    assert not is_shipped("logstash_of_mine")


def test_indexes_of_dashboards_are_told_by_their_beginning() -> None:
    assert is_of_dashboards(".kibana_1")
    assert is_of_dashboards("*:.tasks")
    assert not is_of_dashboards("kibana-logs")
