"""What a change of collections and of their policies does to access."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from git_repository import repository, write
from osreach.cli.main import main

Change = Callable[..., dict[str, Any]]

READER = "aws_iam_role.reader"
WRITER = "aws_iam_role.writer"
LOGS = "aws_opensearchserverless_collection.logs"

CODE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_opensearchserverless_collection" "logs" {
  name = "logs"
  type = "SEARCH"
}

resource "aws_opensearchserverless_vpc_endpoint" "app" {
  name       = "app"
  vpc_id     = "vpc-0123456789abcdef0"
  subnet_ids = ["subnet-0123456789abcdef0"]
}

resource "aws_opensearchserverless_security_policy" "network" {
  name = "logs"
  type = "network"
  policy = jsonencode([{
    Rules = [{
      ResourceType = "collection"
      Resource     = ["collection/logs"]
    }]
    AllowFromPublic = false
    SourceVPCEs = [
      aws_opensearchserverless_vpc_endpoint.app.id
    ]
  }])
}

resource "aws_opensearchserverless_access_policy" "data" {
  name = "logs"
  type = "data"
  policy = jsonencode([{
    Rules = [{
      ResourceType = "index"
      Resource = [
        "index/logs/app-*",
      ]
      Permission = [
        "aoss:ReadDocument",
      ]
    }]
    Principal = [
      aws_iam_role.reader.arn,
    ]
  }])
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy" "reader" {
  role = aws_iam_role.reader.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["aoss:APIAccessAll"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role" "writer" {
  name               = "writer"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role_policy" "writer" {
  role = aws_iam_role.writer.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Writer"
      Effect   = "Allow"
      Action   = ["aoss:APIAccessAll"]
      Resource = aws_opensearchserverless_collection.logs.arn
    }]
  })
}
"""

TEMPLATE = """
Resources:
  Logs:
    Type: AWS::OpenSearchServerless::Collection
    Properties:
      Name: logs
      Type: SEARCH
  App:
    Type: AWS::OpenSearchServerless::VpcEndpoint
    Properties:
      Name: app
      VpcId: vpc-0123456789abcdef0
      SubnetIds: [subnet-0123456789abcdef0]
  Network:
    Type: AWS::OpenSearchServerless::SecurityPolicy
    Properties:
      Name: logs
      Type: network
      Policy: !Sub >-
        [{"Rules": [{"ResourceType": "collection", "Resource": ["collection/logs"]}],
        "AllowFromPublic": false, "SourceVPCEs": ["${App}"]}]
  Data:
    Type: AWS::OpenSearchServerless::AccessPolicy
    Properties:
      Name: logs
      Type: data
      Policy: !Sub |-
        [{"Rules": [{"ResourceType": "index",
          "Resource": ["index/logs/app-*"],
          "Permission": ["aoss:ReadDocument"]}],
          "Principal": ["${Reader.Arn}"]}]
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      Policies:
        - PolicyName: data
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "aoss:APIAccessAll", Resource: "*"}]
  Writer:
    Type: AWS::IAM::Role
    Properties:
      RoleName: writer
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      Policies:
        - PolicyName: data
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "aoss:APIAccessAll", Resource: !GetAtt Logs.Arn}]
"""


def edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(text: str, words: str) -> int:
    assert text.count(words) == 1, words
    return text[: text.index(words)].count("\n") + 1


def told(found: Mapping[str, Any], direction: str = "gained") -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one["principal"], one["level"], tuple(one["conditions"])) for one in found[direction]]


def quiet(found: Mapping[str, Any]) -> bool:
    return not (found["gained"] or found["lost"] or found["unknown"])


def places(found: Mapping[str, Any]) -> list[str]:
    return [f"{one['locations'][0]['path']}:{one['locations'][0]['line']}" for one in found["gained"]]


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Change:
    """What `osreach diff` says of the change from some files to others."""

    def compared(old: Mapping[str, str] | str, new: Mapping[str, str] | str, *options: str) -> dict[str, Any]:
        before = {"main.tf": old} if isinstance(old, str) else old
        after = {"main.tf": new} if isinstance(new, str) else new
        top = repository(tmp_path / "repository", before)
        for name in before:
            if name not in after:
                (top / name).unlink()
        write(top, after)
        monkeypatch.chdir(top)
        main(["diff", "--format", "json", "--fail-on", "never", *options])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return compared


WRITERS = 'Sid      = "Writer"'
READS_APP = ("read", ("index in app-* (read)",))
NAMED = (
    "      aws_iam_role.reader.arn,\n",
    "      aws_iam_role.reader.arn,\n      aws_iam_role.writer.arn,\n",
)
ANY_INDEX = ('        "index/logs/app-*",\n', '        "index/logs/app-*",\n        "index/logs/*",\n')
WRITES = (
    '        "aoss:ReadDocument",\n',
    '        "aoss:ReadDocument",\n        "aoss:WriteDocument",\n',
)
PUBLIC = ("AllowFromPublic = false", "AllowFromPublic = true")
BY_INTERNET = ("the request comes from the internet", "index in app-* (read)")


def test_a_principal_that_is_named_gains_what_the_rule_permits(change: Change) -> None:
    after = edited(CODE, NAMED)
    found = change(CODE, after)
    assert told(found) == [(WRITER, *READS_APP)]
    assert places(found) == [f"main.tf:{line_of(after, 'aws_iam_role.writer.arn')}"]
    assert (found["lost"], found["unknown"]) == ([], [])
    (gain,) = found["gained"]
    assert gain["witness"]["action"] == "aoss:APIAccessAll"
    lines = {one["line"] for one in gain["locations"]}
    assert {line_of(after, "index/logs/app-*"), line_of(after, 'Sid      = "Writer"') - 1} <= lines


def test_more_indexes_are_a_gain_on_the_line_of_the_resource(change: Change) -> None:
    after = edited(CODE, ANY_INDEX)
    found = change(CODE, after)
    assert told(found) == [(READER, "read", ())]
    assert places(found) == [f"main.tf:{line_of(after, 'index/logs/*')}"]


def test_fewer_indexes_are_a_loss(change: Change) -> None:
    found = change(edited(CODE, ANY_INDEX), CODE)
    assert told(found) == []
    assert told(found, "lost") == [(READER, "read", ())]


def test_a_narrower_pattern_beside_a_wider_one_is_no_change(change: Change) -> None:
    after = edited(
        CODE, ('        "index/logs/app-*",\n', '        "index/logs/app-*", "index/logs/app-1*",\n')
    )
    assert quiet(change(CODE, after))


def test_a_further_permission_is_a_gain_on_its_line(change: Change) -> None:
    after = edited(CODE, WRITES)
    found = change(CODE, after)
    assert [(one, level) for one, level, _ in told(found)] == [(READER, "delete"), (READER, "write")]
    assert set(places(found)) == {f"main.tf:{line_of(after, 'aoss:WriteDocument')}"}


def test_a_further_permission_of_a_level_is_told_by_its_name(change: Change) -> None:
    before = edited(CODE, WRITES)
    after = edited(
        before, ('"aoss:WriteDocument",\n', '"aoss:WriteDocument",\n        "aoss:DeleteIndex",\n')
    )
    found = change(before, after)
    words = ("the permission is aoss:DeleteIndex", "index in app-* (delete)")
    assert told(found) == [(READER, "delete", words)]


def test_a_collection_that_is_opened_to_the_internet_is_a_gain_where_it_is_opened(change: Change) -> None:
    after = edited(CODE, PUBLIC)
    found = change(CODE, after)
    assert told(found) == [(READER, "read", BY_INTERNET)]
    assert places(found) == [f"main.tf:{line_of(after, 'AllowFromPublic')}"]
    assert found["gained"][0]["witness"] is not None
    assert (found["lost"], found["unknown"]) == ([], [])


def test_a_collection_that_is_closed_to_the_internet_is_a_loss(change: Change) -> None:
    found = change(edited(CODE, PUBLIC), CODE)
    assert told(found) == []
    assert told(found, "lost") == [(READER, "read", BY_INTERNET)]


def test_another_endpoint_is_a_gain_through_it(change: Change) -> None:
    entry = "      aws_opensearchserverless_vpc_endpoint.app.id\n"
    after = edited(CODE, (entry, entry.replace(".id\n", '.id,\n      "vpce-0a1b2c3d4e5f60718"\n')))
    found = change(CODE, after)
    words = ("the request comes through the VPC endpoint `vpce-0a1b2c3d4e5f60718`", "index in app-* (read)")
    assert told(found) == [(READER, "read", words)]
    assert places(found) == [f"main.tf:{line_of(after, 'vpce-0a1b2c3d4e5f60718')}"]


def test_an_endpoint_that_the_caller_may_not_use_gives_it_nothing(change: Change) -> None:
    limited = edited(
        CODE,
        (
            '      Action   = ["aoss:APIAccessAll"]\n      Resource = "*"\n',
            (
                '      Action   = ["aoss:APIAccessAll"]\n      Resource = "*"\n      Condition = { StringEquals = '
                '{ "aws:SourceVpce" = aws_opensearchserverless_vpc_endpoint.app.id } }\n'
            ),
        ),
    )
    assert quiet(change(limited, edited(limited, PUBLIC)))


def test_an_identity_policy_that_lets_a_named_role_in_is_a_gain(change: Change) -> None:
    after = edited(CODE, NAMED)
    before = edited(
        after,
        ('["aoss:APIAccessAll"]\n      Resource = aws_', '["aoss:ListCollections"]\n      Resource = aws_'),
    )
    found = change(before, after)
    assert told(found) == [(WRITER, *READS_APP)]
    assert places(found) == [f"main.tf:{line_of(after, WRITERS) + 2}"]


def test_dashboards_are_another_way_in(change: Change) -> None:
    before = edited(
        CODE,
        PUBLIC,
        (
            'Resource     = ["collection/logs"]\n    }]',
            'Resource     = ["collection/logs"]\n    }, { ResourceType = "dashboard", Resource = ["collection/logs"] }]',
        ),
    )
    after = edited(
        before,
        (
            '["aoss:APIAccessAll"]\n      Resource = "*"',
            '["aoss:APIAccessAll", "aoss:DashboardsAccessAll"]\n      Resource = "*"',
        ),
    )
    found = change(before, after)
    assert [(one, level) for one, level, _ in told(found)] == [(READER, "read")]
    assert found["gained"][0]["witness"]["action"] == "aoss:DashboardsAccessAll"
    assert places(found) == [f"main.tf:{line_of(after, 'DashboardsAccessAll')}"]


def test_a_condition_that_goes_is_a_gain(change: Change) -> None:
    before = edited(
        edited(CODE, PUBLIC),
        (
            '      Action   = ["aoss:APIAccessAll"]\n      Resource = "*"\n',
            (
                '      Action   = ["aoss:APIAccessAll"]\n      Resource = "*"\n      Condition = { IpAddress = '
                '{ "aws:SourceIp" = "10.0.0.0/8" } }\n'
            ),
        ),
    )
    found = change(before, edited(CODE, PUBLIC))
    assert told(found) == [(READER, *READS_APP)]
    assert not found["gained"][0]["witness"]["context"].get("aws:SourceIp", "").startswith("10.")


def test_a_policy_of_the_endpoint_that_goes_is_a_gain(change: Change) -> None:
    interface = edited(
        CODE,
        (
            'resource "aws_opensearchserverless_vpc_endpoint" "app" {\n  name       = "app"\n',
            (
                'resource "aws_vpc_endpoint" "app" {\n  service_name = "com.amazonaws.eu-west-1.aoss"\n'
                '  vpc_endpoint_type = "Interface"\n  policy = local.policy\n'
            ),
        ),
        ("aws_opensearchserverless_vpc_endpoint.app.id", "aws_vpc_endpoint.app.id"),
    )
    closed, opened = (
        interface
        + f"""
locals {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = "*", Action = "{action}", Resource = "*" }}]
  }})
}}
"""
        for action in ("aoss:DashboardsAccessAll", "aoss:*")
    )
    assert told(change(closed, opened)) == [(READER, *READS_APP)]


def test_someone_elsewhere_who_is_named_gains_as_far_as_its_own_policies_go(change: Change) -> None:
    role = '      "arn:aws:iam::111122223333:role/elsewhere",\n'
    after = edited(CODE, (NAMED[0], NAMED[0] + role))
    found = change(CODE, after)
    words = (
        "its own policies, which are not in the scanned files, allow it",
        "index in app-* (read)",
    )
    assert told(found) == [("arn:aws:iam::111122223333:role/elsewhere", "read", words)]
    assert places(found) == [f"main.tf:{line_of(after, 'role/elsewhere')}"]


def test_users_of_a_provider_are_not_known_and_not_everyone_on_the_internet(change: Change) -> None:
    user = '      "saml/111122223333/okta/group/ops",\n'
    found = change(CODE, edited(CODE, (NAMED[0], NAMED[0] + user)))
    assert told(found) == []
    assert [(one, level) for one, level, _ in told(found, "unknown")] == [
        ("saml/111122223333/okta/group/ops", "read")
    ]


def test_who_deploys_is_no_stranger(change: Change) -> None:
    caller = '\ndata "aws_caller_identity" "current" {}\n'
    user = "      data.aws_caller_identity.current.arn,\n"
    found = change(CODE + caller, edited(CODE, (NAMED[0], NAMED[0] + user)) + caller)
    ((principal, level, _),) = told(found)
    assert (principal, level) == ("${data.aws_caller_identity.current.arn}", "read")
    assert found["gained"][0]["severity"] == "low"


def test_a_new_collection_with_its_policies_is_a_gain_and_one_that_goes_a_loss(change: Change) -> None:
    without = CODE[: CODE.index('resource "aws_opensearchserverless_collection"')] + CODE[
        CODE.index('resource "aws_opensearchserverless_vpc_endpoint"') :
    ].replace("aws_opensearchserverless_collection.logs.arn", '"*"')
    assert (READER, *READS_APP) in told(change(without, CODE))


def test_a_collection_that_goes_is_a_loss(change: Change) -> None:
    without = CODE[: CODE.index('resource "aws_opensearchserverless_collection"')] + CODE[
        CODE.index('resource "aws_opensearchserverless_vpc_endpoint"') :
    ].replace("aws_opensearchserverless_collection.logs.arn", '"*"')
    found = change(CODE, without)
    assert told(found) == []
    assert (READER, "read") in [(one, level) for one, level, _ in told(found, "lost")]


MODULE = {
    "main.tf": 'module "search" {\n  source = "./search"\n}\n',
    "search/main.tf": CODE,
}
RENAMED = {
    "main.tf": CODE.replace('endpoint" "app"', 'endpoint" "gate"')
    .replace("endpoint.app", "endpoint.gate")
    .replace('collection" "logs"', 'collection" "events"')
    .replace("collection.logs.", "collection.events.")
    .replace('role" "reader"', 'role" "searcher"')
    .replace("role.reader", "role.searcher")
    .replace('policy" "data"', 'policy" "grants"')
}
LATER = {"other.tf": CODE}


@pytest.mark.parametrize(
    "after", [MODULE, LATER, RENAMED], ids=["into a module", "another file", "addresses"]
)
@pytest.mark.parametrize("edits", [(), (PUBLIC,), (ANY_INDEX, NAMED)], ids=["private", "public", "wider"])
def test_moved_code_is_no_change(
    change: Change, after: Mapping[str, str], edits: tuple[tuple[str, str], ...]
) -> None:
    def wider(text: str) -> str:
        for old, new in edits:
            text = text.replace(old, new).replace(
                old.replace("reader", "searcher"), new.replace("reader", "searcher")
            )
        return text

    assert quiet(change({"main.tf": wider(CODE)}, {name: wider(text) for name, text in after.items()}))


def test_the_same_policies_in_another_form_are_no_change(change: Change) -> None:
    start = CODE.index('resource "aws_opensearchserverless_access_policy"')
    end = CODE.index('resource "aws_iam_role" "reader"')
    after = (
        CODE[:start]
        + """
resource "aws_opensearchserverless_access_policy" "first" {
  name   = "first"
  type   = "data"
  policy = jsonencode([
    { Description = "Nobody", Principal = [], Rules = [] },
    {
      Principal = ["arn:aws:sts::111122223333:assumed-role/reader/*"],
      Rules = [{ ResourceType = "index", Permission = ["aoss:ReadDocument"], Resource = ["index/logs/app-*"] }]
    },
  ])
}
"""
        + CODE[end:]
    )
    assert quiet(change(CODE, after))


@pytest.mark.parametrize(
    ("edits", "gains", "line"),
    [
        (
            (('"${Reader.Arn}"', '"${Reader.Arn}", "${Writer.Arn}"'),),
            [("Writer", *READS_APP)],
            '"${Writer.Arn}"',
        ),
        ((('app-*"', 'app-*", "index/logs/*"'),), [("Reader", "read", ())], "index/logs/*"),
        (
            (('"AllowFromPublic": false', '"AllowFromPublic": true'),),
            [("Reader", "read", BY_INTERNET)],
            "AllowFromPublic",
        ),
    ],
)
def test_templates_are_compared_too(
    change: Change,
    edits: tuple[tuple[str, str], ...],
    gains: list[tuple[str, str, tuple[str, ...]]],
    line: str,
) -> None:
    after = edited(TEMPLATE, *edits)
    found = change({"t.yaml": TEMPLATE}, {"t.yaml": after})
    assert told(found) == gains
    assert places(found) == [f"t.yaml:{line_of(after, line)}"]


def test_templates_whose_names_change_are_no_change(change: Change) -> None:
    after = TEMPLATE.replace("  Logs:", "  Collection:").replace("Logs.Arn", "Collection.Arn")
    after = after.replace("  App:", "  Gate:").replace("${App}", "${Gate}").replace("Reader", "Searcher")
    assert quiet(change({"t.yaml": TEMPLATE}, {"stacks/t.yaml": after}))


def test_only_what_the_change_brings_is_found_since_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    top = repository(tmp_path / "repository", {"main.tf": CODE})
    monkeypatch.chdir(top)

    def since() -> set[tuple[str, str]]:
        main(["scan", "--format", "json", "--since", "HEAD", "--fail-on", "never", "--no-progress"])
        found = json.loads(capsys.readouterr().out)["findings"]
        return {(one["rule"], one["resource"]) for one in found if not one.get("suppressed")}

    write(top, {"main.tf": edited(CODE, PUBLIC)})
    assert since() == {("ignored-network-source", "aws_opensearchserverless_security_policy.network")}
    (top / "main.tf").unlink()
    write(top, MODULE)
    assert since() == set()
