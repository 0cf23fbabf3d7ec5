"""What a change inside a cluster does to access."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osreach.cli.main import main

ETL = "aws_iam_role.etl"
DOMAIN = "aws_opensearch_domain.d"
BASE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

provider "opensearch" {
  url = "https://${aws_opensearch_domain.d.endpoint}"
}

resource "aws_iam_role" "etl" {
  name = "etl"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_opensearch_domain" "d" {
  domain_name = "d"
  advanced_security_options {
    enabled = true
    master_user_options {
      master_user_arn = "arn:aws:iam::111122223333:role/admin"
    }
  }
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = { AWS = aws_iam_role.etl.arn }, Action = "es:ESHttp*",
      Resource = "arn:aws:es:eu-west-1:111122223333:domain/d/*"
    }]
  })
}

resource "opensearch_role" "logs" {
  role_name           = "logs"
  cluster_permissions = ["cluster_composite_ops"]
  index_permissions {
    index_patterns  = ["logs-*"]
    allowed_actions = ["read"]
  }
}

resource "opensearch_roles_mapping" "logs" {
  role_name     = "logs"
  backend_roles = [aws_iam_role.etl.arn]
}
"""


def compared(tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str) -> dict[str, Any]:
    for name, text in (("old", old), ("new", new)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    main(["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def told(found: dict[str, Any], direction: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (one["principal"], one["level"], tuple(one["conditions"]))
        for one in found[direction]
        if one["resource"] == DOMAIN
    ]


def line_of(text: str, wanted: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if wanted in line)


def test_a_role_that_may_write_now_is_a_gain_at_its_permission(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = BASE.replace('["read"]', '["read", "index"]')
    found = compared(tmp_path, capsys, BASE, new)
    assert told(found, "gained") == [(ETL, "write", ("index in logs-* (write)",))]
    assert told(found, "lost") == []
    lines = {one["line"] for one in found["gained"][0]["locations"]}
    assert line_of(new, "index_permissions {") in lines
    assert line_of(new, '"opensearch_roles_mapping" "logs"') in lines


def test_a_mapping_that_is_taken_away_is_a_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = BASE.replace("[aws_iam_role.etl.arn]\n}", '["operators"]\n}')
    found = compared(tmp_path, capsys, BASE, new)
    assert told(found, "lost") == [(ETL, "read", ("index in logs-* (read)",))]
    assert told(found, "gained") == []


def test_a_further_index_is_a_gain_of_that_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = BASE.replace('["logs-*"]', '["logs-*", "salaries"]')
    found = compared(tmp_path, capsys, BASE, new)
    assert told(found, "gained") == [(ETL, "read", ("index in salaries (read)",))]


def test_an_index_less_is_a_loss_of_that_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = BASE.replace('["logs-*"]', '["logs-*", "salaries"]')
    found = compared(tmp_path, capsys, old, BASE)
    assert told(found, "lost") == [(ETL, "read", ("index in salaries (read)",))]
    assert told(found, "gained") == []


def test_who_is_made_a_security_manager_gains_administration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = BASE.replace('role_name     = "logs"', 'role_name     = "security_manager"')
    found = compared(tmp_path, capsys, BASE, new)
    assert (ETL, "administer", ()) in told(found, "gained")


def test_what_is_only_written_elsewhere_or_in_another_order_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, _, tail = BASE.partition('resource "opensearch_role" "logs"')
    role, _, mapping = tail.partition('resource "opensearch_roles_mapping" "logs"')
    new = (
        f'{head}\n\nresource "opensearch_roles_mapping" "readers"{mapping}\n'
        f'resource "opensearch_role" "renamed"{role}'
    )
    found = compared(tmp_path, capsys, BASE, new)
    assert (found["gained"], found["lost"], found["unknown"]) == ([], [], [])


def test_a_path_more_at_the_edge_gives_nothing_where_the_cluster_stays_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = BASE.replace("domain/d/*", "domain/d/logs-*")
    found = compared(tmp_path, capsys, old, BASE)
    assert [one for one in told(found, "gained") if one[1] == "read"] == []


LIMITED = BASE.replace(
    '["read"]',
    """["read"]
    document_level_security = jsonencode({ term = { team = "a" } })
    field_level_security    = ["~salary"]
    masked_fields           = ["email"]""",
)


def test_limits_that_are_lifted_are_a_gain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(tmp_path, capsys, LIMITED, BASE)
    words = "more of logs-* is seen than before (documents, fields, masked fields)"
    assert told(found, "gained") == [(ETL, "read", (words,))]
    assert told(found, "lost") == []


def test_limits_that_are_set_are_a_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(tmp_path, capsys, BASE, LIMITED.replace('["~salary"]', "[]"))
    words = "less of logs-* is seen than before (documents, masked fields)"
    assert told(found, "lost") == [(ETL, "read", (words,))]
    assert told(found, "gained") == []


def test_another_document_query_is_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = compared(tmp_path, capsys, LIMITED, LIMITED.replace('team = "a"', 'team = "b"'))
    assert (told(found, "gained"), told(found, "lost")) == ([], [])
    words = "something else of logs-* is seen than before (documents)"
    assert told(found, "unknown") == [(ETL, "read", (words,))]


SWITCHES = {
    "off": "enabled = false",
    "internal": """enabled = true
    internal_user_database_enabled = true
    master_user_options {
      master_user_name     = "admin"
      master_user_password = var.password
    }""",
    "migrating": """enabled = true
    internal_user_database_enabled = true
    anonymous_auth_enabled         = true
    master_user_options {
      master_user_name     = "admin"
      master_user_password = var.password
    }""",
    "identity": """enabled = true
    master_user_options {
      master_user_arn = "arn:aws:iam::111122223333:role/admin"
    }""",
}
OPEN = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

variable "password" {}

resource "aws_opensearch_domain" "d" {
  domain_name = "d"
  advanced_security_options {
    SWITCHES
  }
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = { AWS = "*" }, Action = "es:ESHttp*",
      Resource = "arn:aws:es:eu-west-1:111122223333:domain/d/*"
    }]
  })
}
"""
ANYONE = "anonymous"
INTERNAL = "internal:admin"
MASTER = "arn:aws:iam::111122223333:role/admin"
DATA = {"read", "write", "delete"}
ALL = {*DATA, "administer"}


@pytest.mark.parametrize(
    ("old", "new", "gained", "lost"),
    [
        ("internal", "off", {ANYONE: DATA}, {INTERNAL: {"administer"}}),
        ("off", "internal", {INTERNAL: {"administer"}}, {ANYONE: DATA}),
        ("internal", "migrating", {ANYONE: DATA}, {}),
        ("migrating", "internal", {}, {ANYONE: DATA}),
        ("off", "migrating", {INTERNAL: {"administer"}}, {}),
        ("migrating", "off", {}, {INTERNAL: {"administer"}}),
        ("identity", "internal", {INTERNAL: ALL}, {MASTER: ALL}),
        ("internal", "identity", {MASTER: ALL}, {INTERNAL: ALL}),
        ("identity", "off", {ANYONE: DATA}, {MASTER: {"administer"}}),
        ("off", "identity", {MASTER: {"administer"}}, {ANYONE: DATA}),
    ],
)
def test_users_of_a_cluster_are_not_everyone_and_can_do_what_everyone_can(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    gained: dict[str, set[str]],
    lost: dict[str, set[str]],
) -> None:
    before, after = (OPEN.replace("SWITCHES", SWITCHES[name]) for name in (old, new))
    found = compared(tmp_path, capsys, before, after)
    for direction, wanted in (("gained", gained), ("lost", lost)):
        levels: dict[str, set[str]] = {}
        for one in found[direction]:
            levels.setdefault(one["principal"], set()).add(one["level"])
        assert levels == wanted, direction
    critical = {one["principal"] for one in found["gained"] if one["severity"] == "critical"}
    assert critical == ({ANYONE} & set(gained))


def test_an_internal_user_is_called_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("internal", "off"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(OPEN.replace("SWITCHES", SWITCHES[name]))
    main(["diff", str(tmp_path / "internal"), str(tmp_path / "off")])
    said = capsys.readouterr().out
    assert "lost: `internal:admin` can no longer change who has access to" in said
    assert "this lets anyone on the internet read, write to and delete any index" in said


def test_someone_whom_a_narrower_policy_names_gains_nothing_that_everyone_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = OPEN.replace("SWITCHES", SWITCHES["off"])
    after = before.replace('AWS = "*"', 'AWS = "arn:aws:iam::444455556666:role/partner"')
    found = compared(tmp_path, capsys, before, after)
    assert found["gained"] == []
    assert {one["principal"] for one in found["lost"]} == {ANYONE}
