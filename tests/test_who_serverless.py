"""Who reaches a collection through VPC endpoints that have policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from access_project import analysis_of
from osreach.cli.can import answer
from osreach.cli.login import Login
from osreach.cli.main import main
from osreach.cli.who import answer as who
from osreach.evaluate.level import Level

COLLECTION = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_opensearchserverless_collection" "c" {
  name = "logs"
}

resource "aws_vpc_endpoint" "%(name)s" {
  vpc_id            = "vpc-0fedcba9876543210"
  service_name      = "com.amazonaws.eu-west-1.aoss"
  vpc_endpoint_type = "Interface"
  %(policy)s
}

resource "aws_vpc_endpoint" "other" {
  vpc_id            = "vpc-0fedcba9876543210"
  service_name      = "com.amazonaws.eu-west-1.aoss"
  vpc_endpoint_type = "Interface"
  %(other)s
}

resource "aws_opensearchserverless_security_policy" "network" {
  name = "logs"
  type = "network"
  policy = jsonencode([{
    Rules           = [{ ResourceType = "collection", Resource = ["collection/logs"] }]
    AllowFromPublic = %(public)s
    SourceVPCEs     = [%(endpoints)s]
  }])
}

resource "aws_opensearchserverless_access_policy" "data" {
  name = "logs"
  type = "data"
  policy = jsonencode([{
    Rules     = [{ ResourceType = "index", Resource = ["index/logs/*"], Permission = ["aoss:ReadDocument"] }]
    Principal = [aws_iam_role.reader.arn, "arn:aws:iam::111122223333:role/elsewhere"]
  }])
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy" "reader" {
  role = aws_iam_role.reader.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "aoss:APIAccessAll", Resource = "*" }]
  })
}
"""
READER, ELSEWHERE = "aws_iam_role.reader", "arn:aws:iam::111122223333:role/elsewhere"


def policy(effect: str, principal: str, condition: str = "") -> str:
    return f"""policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "{effect}", Principal = {principal}, Action = "aoss:*", Resource = "*"{condition} }}]
  }})"""


def code(mine: str, other: str = "", *, public: str = "false", endpoints: tuple[str, ...] = ("mine",)) -> str:
    return COLLECTION % {
        "name": "mine",
        "policy": mine,
        "other": other,
        "public": public,
        "endpoints": ", ".join(f"aws_vpc_endpoint.{name}.id" for name in endpoints),
    }


def readers(tmp_path: Path, text: str) -> dict[str, str]:
    _, found = who("aws_opensearchserverless_collection.c", None, analysis_of(tmp_path, {"main.tf": text}))
    outcomes = {reach.caller.name: reach.levels[Level.READ].outcome.value for reach in found}
    return {name: outcome for name, outcome in outcomes.items() if outcome != "denied"}


EVERYONE = policy("Allow", '"*"')
NOBODY = policy("Deny", '"*"')
ONLY_READER = policy("Allow", "{ AWS = aws_iam_role.reader.arn }")
ONLY_ELSEWHERE = policy("Allow", f'{{ AWS = "{ELSEWHERE}" }}')
OTHER_COLLECTION = policy("Allow", '"*"', ', Condition = { StringEquals = { "aoss:collection" = "movies" } }')
BOTH = {READER: "allowed", ELSEWHERE: "conditional"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (code(""), BOTH),
        (code(EVERYONE), BOTH),
        (code(NOBODY), {}),
        (code(ONLY_READER), {READER: "allowed"}),
        (code(ONLY_ELSEWHERE), {ELSEWHERE: "conditional"}),
        (code(OTHER_COLLECTION), {}),
        # The policy of an endpoint says nothing about requests that do not come through it.
        (code(NOBODY, public="true"), BOTH),
        (code(EVERYONE, NOBODY), BOTH),
        # Of two endpoints one is enough.
        (code(NOBODY, EVERYONE, endpoints=("mine", "other")), BOTH),
        (code(ONLY_READER, ONLY_ELSEWHERE, endpoints=("mine", "other")), BOTH),
        (code(NOBODY, OTHER_COLLECTION, endpoints=("mine", "other")), {}),
    ],
)
def test_a_policy_of_the_endpoint_limits_who_comes_through_it(
    tmp_path: Path, text: str, expected: dict[str, str]
) -> None:
    assert readers(tmp_path, text) == expected


def test_callers_are_told_the_same_as_when_each_is_asked_about(tmp_path: Path) -> None:
    asked = analysis_of(tmp_path, {"main.tf": code(ONLY_READER)})
    mine = answer(
        READER, "aoss:ReadDocument", "aws_opensearchserverless_collection.c/x", Login(""), {}, asked
    )
    theirs = answer(
        ELSEWHERE, "aoss:ReadDocument", "aws_opensearchserverless_collection.c/x", Login(""), {}, asked
    )
    assert (mine.answer.value, theirs.answer.value) == ("allowed", "implicit_deny")


@pytest.mark.parametrize(
    ("action", "resource", "header"),
    [
        (
            "aoss:ReadDocument",
            "aws_opensearchserverless_collection.c/x",
            (
                f"allowed: `{READER}` `aoss:ReadDocument` on `aws_opensearchserverless_collection.c/x`, "
                "which needs `aoss:APIAccessAll` on `arn:aws:aoss:eu-west-1:111122223333:collection/"
                "${aws_opensearchserverless_collection.c.id}` in IAM"
            ),
        ),
        (
            "GET /x/_search",
            "aws_opensearchserverless_collection.c",
            (
                f"allowed: `{READER}` `GET /x/_search` on `aws_opensearchserverless_collection.c`, "
                "which needs `aoss:APIAccessAll` on `arn:aws:aoss:eu-west-1:111122223333:collection/"
                "${aws_opensearchserverless_collection.c.id}` in IAM"
            ),
        ),
        (
            "aoss:APIAccessAll",
            "aws_opensearchserverless_collection.c",
            (
                f"allowed: `{READER}` `aoss:APIAccessAll` on `arn:aws:aoss:eu-west-1:111122223333:collection/"
                "${aws_opensearchserverless_collection.c.id}`"
            ),
        ),
    ],
)
def test_the_answer_names_what_was_asked_beside_what_iam_decides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str, resource: str, header: str
) -> None:
    (tmp_path / "main.tf").write_text(code(""))
    assert main(["can", READER, action, resource, str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == header
