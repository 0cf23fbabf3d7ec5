"""The whole of who reaches what, as far as a budget goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from osreach.analysis import WANTED, Analysis, analyse
from osreach.graph.overview import Overview, overview
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs

PROJECT = Path(__file__).parent.parent / "fixtures" / "projects" / "multi-account"


@pytest.fixture
def analysis() -> Analysis:
    return analyse(read_code([str(PROJECT)], Inputs(), WANTED), Inputs())


def rows(found: Overview) -> set[tuple[str, tuple[str, ...], str]]:
    names = {one.identifier: one.label for one in (*found.principals, *found.resources)}
    return {(names[way.principal], way.chain, names[way.resource]) for way in found.ways}


def test_every_way_of_who_is_there(analysis: Analysis) -> None:
    found = overview(analysis.reachability)
    assert [(one.kind, one.label) for one in found.resources] == [
        ("domain", "aws_opensearch_domain.orders"),
        ("key", "aws_kms_key.orders"),
    ]
    assert ("aws_iam_role.hub", ("aws_iam_role.reader",), "aws_kms_key.orders") in rows(found)
    assert ("111111111111", (), "aws_opensearch_domain.orders") in rows(found)
    assert {one.label: one.kind for one in found.principals} == {
        "111111111111": "account",
        "arn:aws:iam::222222222222:root": "account",
        "aws_iam_role.deploy": "role",
        "aws_iam_role.hub": "role",
        "aws_iam_role.reader": "role",
        "aws_iam_user.ci": "user",
    }
    (reader,) = [
        way
        for way in found.ways
        if way.principal.endswith("aws_iam_role.reader")
        and "orders" in way.resource
        and "kms" not in way.resource
    ]
    assert reader.levels == {
        "read": "allowed",
        "write": "denied",
        "delete": "allowed",
        "configure": "allowed",
        "administer": "allowed",
    }
    assert found.graph is not None
    assert found.left_out == ()


def test_what_the_budget_does_not_reach_is_named(analysis: Analysis) -> None:
    everything = overview(analysis.reachability)
    some = overview(analysis.reachability, budget=4)
    assert [one.label for one in some.left_out] == ["aws_kms_key.orders"]
    assert some.graph is None
    assert rows(some) == {row for row in rows(everything) if row[2] == "aws_opensearch_domain.orders"}
    none = overview(analysis.reachability, budget=0)
    assert (none.ways, none.resources) == ((), ())
    assert len(none.left_out) == 2


SERVERLESS = """\
resource "aws_opensearchserverless_collection" "movies" {
  name = "movies"
}
resource "aws_opensearchserverless_security_policy" "network" {
  name   = "movies"
  type   = "network"
  policy = jsonencode([{ Rules = [{ ResourceType = "collection", Resource = ["collection/movies"] }], AllowFromPublic = true }])
}
resource "aws_opensearchserverless_access_policy" "data" {
  name   = "movies"
  type   = "data"
  policy = jsonencode([{
    Rules     = [{ ResourceType = "index", Resource = ["index/movies/*"], Permission = ["aoss:ReadDocument"] }]
    Principal = [aws_iam_role.reader.arn, data.aws_caller_identity.current.arn]
  }])
}
data "aws_caller_identity" "current" {}
resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "reader" {
  role   = aws_iam_role.reader.name
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "aoss:APIAccessAll", Resource = "*" }] })
}
"""


def test_collections_are_resources_and_a_caller_without_a_known_name_is_not_anyone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(SERVERLESS)
    found = overview(analyse(read_code(["."], Inputs(), WANTED), Inputs()).reachability)
    assert [(one.kind, one.label) for one in found.resources] == [
        ("collection", "aws_opensearchserverless_collection.movies")
    ]
    assert {one.label: one.kind for one in found.principals} == {
        "aws_iam_role.reader": "role",
        "ec2.amazonaws.com": "service",
        "${data.aws_caller_identity.current.arn}": "outside",
    }
    assert found.graph is not None
    kinds = {node.label: node.kind.value for node in found.graph.nodes}
    assert kinds["aws_opensearchserverless_collection.movies"] == "collection"
    assert kinds["${data.aws_caller_identity.current.arn}"] == "outside"
