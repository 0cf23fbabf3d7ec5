"""Who reaches a domain whose cluster decides by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osreach.cli.main import main

DOMAIN = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

variable "group" {
  type = string
}

resource "aws_opensearch_domain" "d" {
  domain_name = "d"
  advanced_security_options {
    enabled                        = true
    internal_user_database_enabled = true
    master_user_options {
      master_user_name     = "root"
      master_user_password = "x"
    }
  }
  access_policies = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = { AWS = "*" }, Action = "es:ESHttp*",
      Resource = "arn:aws:es:eu-west-1:111122223333:domain/d/*"
    }]
  })
}

provider "opensearch" {
  url = "https://${aws_opensearch_domain.d.endpoint}"
}

resource "opensearch_role" "logs" {
  role_name           = "logs"
  cluster_permissions = ["cluster_composite_ops"]
  index_permissions {
    index_patterns  = ["logs-*", "movies"]
    allowed_actions = ["read"]
  }
}

resource "opensearch_roles_mapping" "logs" {
  role_name = "logs"
  users     = ["ann"]
}
"""
SAML = """
resource "aws_opensearch_domain_saml_options" "d" {
  domain_name = aws_opensearch_domain.d.domain_name
  saml_options {
    enabled   = true
    roles_key = "groups"
    idp {
      entity_id        = "https://idp.example.com/saml"
      metadata_content = "<EntityDescriptor/>"
    }
  }
}
"""

Asked = Any


@pytest.fixture
def who(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Asked:
    def asked(text: str, *options: str) -> dict[str, Any]:
        (tmp_path / "main.tf").write_text(text)
        assert main(["who", "aws_opensearch_domain.d", str(tmp_path), "--format", "json", *options]) == 0
        shown = json.loads(capsys.readouterr().out)
        return {one["principal"]: one for one in shown["access"]}

    return asked


def edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def test_users_of_the_cluster_are_listed_with_their_indexes(who: Asked) -> None:
    found = who(DOMAIN)
    assert list(found) == ["internal:root", "internal:ann"]
    assert set(found["internal:root"]["levels"].values()) == {"allowed", "denied"}
    assert "indexes" not in found["internal:root"]
    assert found["internal:ann"]["conditions"] == ["index in logs-*, movies (read)"]
    assert [one["pattern"] for one in found["internal:ann"]["indexes"]] == ["logs-*", "movies"]


def test_nobody_passes_an_access_policy_that_asks_for_signatures(who: Asked) -> None:
    signed = edited(DOMAIN, ('{ AWS = "*" }', '{ AWS = "arn:aws:iam::111122223333:role/etl" }'))
    assert who(signed) == {}
    mapped = edited(signed, ('["ann"]', '["ann"]\n  backend_roles = ["arn:aws:iam::111122223333:role/etl"]'))
    assert list(who(mapped)) == ["arn:aws:iam::111122223333:role/etl"]


def test_users_and_roles_that_only_the_inside_names_are_listed(who: Asked) -> None:
    master = "arn:aws:iam::111122223333:role/admin"
    text = edited(
        DOMAIN,
        ("internal_user_database_enabled = true", "internal_user_database_enabled = false"),
        ('master_user_name     = "root"', f'master_user_arn = "{master}"'),
        ('      master_user_password = "x"\n', ""),
        (
            '["ann"]',
            '["ann", "arn:aws:iam::111122223333:user/ben"]\n  backend_roles = ["arn:aws:iam::444455556666:role/etl"]',
        ),
    )
    found = who(text)
    assert list(found) == [
        master,
        "arn:aws:iam::111122223333:user/ben",
        "arn:aws:iam::444455556666:role/etl",
    ]
    levels = {
        name: [key for key, one in entry["levels"].items() if one != "denied"]
        for name, entry in found.items()
    }
    assert levels[master] == ["read", "write", "delete", "administer"]
    assert levels["arn:aws:iam::444455556666:role/etl"] == ["read"]
    off = edited(text, ("enabled                        = true", "enabled                        = false"))
    assert list(who(off)) == ["anonymous"]


def test_the_indexes_are_those_that_the_access_policy_leaves(who: Asked) -> None:
    narrow = edited(DOMAIN, ("domain/d/*", "domain/d/movies/*"))
    found = who(narrow)["internal:ann"]
    assert found["conditions"] == ["index in movies (read)"]
    assert [one["pattern"] for one in found["indexes"]] == ["movies"]


def test_a_path_for_searches_in_bodies_reaches_every_index(who: Asked) -> None:
    narrow = edited(DOMAIN, ("domain/d/*", "domain/d/_msearch"))
    assert who(narrow)["internal:ann"]["conditions"] == ["index in logs-*, movies (read)"]


def test_a_request_line_is_decided_inside(who: Asked) -> None:
    assert list(who(DOMAIN, "--action", "GET /movies/_search")) == ["internal:root", "internal:ann"]
    assert list(who(DOMAIN, "--action", "PUT /movies/_doc/1")) == ["internal:root"]
    assert list(who(DOMAIN, "--action", "GET /salaries/_search")) == ["internal:root"]
    unknown = who(DOMAIN, "--action", "GET /movies/_nothing")["internal:ann"]
    assert unknown["levels"] == {"read": "unknown"}
    assert unknown["conditions"][0] == "no documented route is `/movies/_nothing`"


def test_groups_of_an_identity_provider_come_through_dashboards(who: Asked) -> None:
    groups = edited(DOMAIN, ('users     = ["ann"]', 'backend_roles = ["operators"]')) + SAML
    found = who(groups)
    assert found["saml:* (operators)"]["levels"]["read"] == "allowed"
    blocked = edited(groups, ("domain/d/*", "domain/d/logs-*"))
    assert "saml:* (operators)" not in who(blocked)


def test_a_mapping_of_an_unknown_name_leaves_the_others_unknown_to_nobody(who: Asked) -> None:
    found = who(edited(DOMAIN, ('users     = ["ann"]', "users = [var.group]")))
    assert list(found) == ["internal:root"]


def test_the_unknown_name_of_a_master_user_is_no_role_of_iam(who: Asked) -> None:
    role = """
resource "aws_iam_role" "etl" {
  name               = "etl"
  assume_role_policy = "{}"
}
"""
    unknown_name = edited(DOMAIN, ('master_user_name     = "root"', "master_user_name     = var.group"))
    assert list(who(unknown_name + role)) == ["internal:${var.group}", "internal:ann"]
    unknown_arn = edited(
        DOMAIN,
        ('master_user_name     = "root"', "master_user_arn = var.group"),
        ('      master_user_password = "x"\n', ""),
    )
    assert list(who(unknown_arn)) == ["internal:ann"]
    assert who(unknown_arn)["internal:ann"]["levels"]["write"] == "denied"


def test_who_may_only_hold_the_role_is_unknown(who: Asked) -> None:
    role = """
resource "aws_iam_role" "etl" {
  name = "etl"
  assume_role_policy = "{}"
}
"""
    text = edited(DOMAIN, ('users     = ["ann"]', "backend_roles = [var.group]")) + role
    found = who(edited(text, ('Principal = { AWS = "*" }', "Principal = { AWS = aws_iam_role.etl.arn }")))
    assert found["aws_iam_role.etl"]["levels"]["read"] == "unknown"
    assert (
        "whether the role `logs` is mapped to the caller is not known"
        in found["aws_iam_role.etl"]["conditions"]
    )
    assert found["aws_iam_role.etl"]["levels"]["write"] == "denied"


def test_dozens_of_patterns_are_named_in_short(who: Asked) -> None:
    names = ", ".join(f'"team-{number}-*"' for number in range(60))
    found = who(edited(DOMAIN, ('["logs-*", "movies"]', f"[{names}]")))["internal:ann"]
    assert found["levels"]["read"] == "allowed"
    assert found["conditions"] == [
        "index in team-0-*, team-1-*, team-2-*, team-3-*, team-4-*, team-5-* and 54 more (read)"
    ]
    assert len(found["indexes"]) == 60


def test_an_administrator_of_the_security_api_administers(who: Asked) -> None:
    manager = edited(DOMAIN, ('role_name = "logs"\n', 'role_name = "security_manager"\n'))
    assert who(manager)["internal:ann"]["levels"]["administer"] == "allowed"
    closed = edited(manager, ("domain/d/*", "domain/d/logs-*"))
    assert who(closed).get("internal:ann", {}).get("levels", {}).get("administer", "denied") == "denied"


def test_a_document_query_is_shown_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limited = edited(
        DOMAIN,
        (
            'allowed_actions = ["read"]',
            """allowed_actions = ["read"]
    document_level_security = jsonencode({ term = { team = "a" } })
    field_level_security    = ["title", "year"]
    masked_fields           = ["email"]""",
        ),
    )
    (tmp_path / "main.tf").write_text(limited)
    assert main(["who", "aws_opensearch_domain.d", str(tmp_path)]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert (
        'of movies documents matching {"term": {"team": "a"}}; only the fields title, year; masked email'
        in lines
    )
