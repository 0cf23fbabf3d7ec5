"""A secret that the code holds is in no report, in whatever format and for whatever rule."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from osreach.engine import Options, scan, text_of
from osreach.iac.resource import Inputs
from osreach.report.redaction import redacted
from osreach.report.view import FORMATS, View, quoted_paths, render, sources_of
from osreach_rules import RULES

SECRET = "Zebra-Secret-77-Crossing"  # noqa: S105 - nobody uses it
TERRAFORM = f"""
resource "aws_opensearch_domain" "logs" {{
  domain_name = "logs"
  advanced_security_options {{
    enabled                        = true
    internal_user_database_enabled = true
    master_user_options {{ master_user_password = "{SECRET}" }}
  }}
}}
"""
VARIABLE = f"""
variable "anything" {{
  default = "{SECRET}"
}}

resource "aws_opensearch_domain" "logs" {{
  domain_name = "logs"
  advanced_security_options {{
    enabled                        = true
    internal_user_database_enabled = true
    master_user_options {{
      master_user_password = var.anything
    }}
  }}
}}
"""
TEMPLATE = f"""
Resources:
  Logs:
    Type: AWS::OpenSearchService::Domain
    Properties:
      AdvancedSecurityOptions:
        Enabled: true
        InternalUserDatabaseEnabled: true
        MasterUserOptions:
          MasterUserPassword: {SECRET}
"""
HEREDOC = f"""
resource "opensearch_user" "reader" {{
  username = "reader"
  password = <<-EOT
    {SECRET}
  EOT
}}

resource "aws_opensearch_domain" "logs" {{
  domain_name = "logs"
}}
"""
PROVIDER = f"""
provider "opensearch" {{
  url            = "https://search.example.com"
  aws_secret_key = "{SECRET}"
}}

resource "opensearch_role" "reader" {{
  role_name = "reader"
}}
"""
ADDRESS = f"""
resource "aws_opensearch_domain" "logs" {{
  domain_name = "logs"
}}

resource "aws_ssm_parameter" "url" {{
  type  = "String"
  value = "https://reader:{SECRET}@${{aws_opensearch_domain.logs.endpoint}}/"
}}
"""
FILES = {
    "provider.tf": PROVIDER,
    "address.tf": ADDRESS,
    "literal.tf": TERRAFORM,
    "variable.tf": VARIABLE,
    "template.yaml": TEMPLATE,
    "heredoc.tf": HEREDOC,
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", FILES)
def test_no_report_holds_the_secret(name: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(FILES[name])
    report = scan([str(path)], RULES, Inputs(), Options(today=date(2026, 1, 1), profile="strict"))
    about_secrets = {"plaintext-password", "provider-credentials", "credentials-in-address"}
    assert about_secrets & {finding.rule.name for finding in report.findings}
    view = View(rules=RULES, sources=sources_of(quoted_paths(report), text_of))
    out = render(form, report, view)
    assert SECRET not in out
    assert SECRET[:4] not in out


@pytest.mark.parametrize("references", [{"references": ["random_password.master.result"]}, None])
def test_a_password_that_only_a_plan_shows_is_not_in_the_code(
    references: dict[str, list[str]] | None, tmp_path: Path
) -> None:
    options = [
        {
            "enabled": True,
            "internal_user_database_enabled": True,
            "master_user_options": [{"master_user_password": SECRET}],
        }
    ]
    written = [{"master_user_options": [{"master_user_password": references or {}}]}]
    domain = "aws_opensearch_domain.logs"
    values = {"domain_name": "logs", "advanced_security_options": options}
    resource = {"address": domain, "mode": "managed", "type": "aws_opensearch_domain", "name": "logs"}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [{**resource, "values": values}]}},
        "resource_changes": [
            {
                **resource,
                "change": {"actions": ["create"], "before": None, "after": values, "after_unknown": {}},
            }
        ],
        "configuration": {
            "root_module": {
                "resources": [{**resource, "expressions": {"advanced_security_options": written}}]
            }
        },
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    report = scan([str(path)], RULES, Inputs(), Options(today=date(2026, 1, 1)))
    names = {finding.rule.name for finding in report.findings}
    assert any(finding.match.resource == domain for finding in report.findings)
    assert "plaintext-password" not in names


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('  password = "abc"', '  password = "…"'),
        ("  MasterUserPassword: abc", '  MasterUserPassword: "…"'),
        ('  "MasterUserPassword": "a\\"bc",', '  "MasterUserPassword": "…",'),
        ("  MasterUserPassword: !Ref Password", "  MasterUserPassword: !Ref Password"),
        ("  password = var.password", "  password = var.password"),
        ('  password = "${var.password}"', '  password = "${var.password}"'),
        ('  url = "https://user:abc@host/path"', '  url = "https://user:"…"@host/path"'),
        ('  principals = "*"', '  principals = "*"'),
        ('  hash: "abc"', '  hash: "…"'),
        (f"  digest: $2y$12${'a' * 53} # bcrypt", '  digest: "…" # bcrypt'),
        ('  attributes = { pw = "abc" }', '  attributes = { pw = "…" }'),
        ('      DB_PASS = "abc"', '      DB_PASS = "…"'),
        ('      bypass = "abc"', '      bypass = "abc"'),
        ('  api_key: "abc"', '  api_key: "…"'),
        (
            '  body = "{\\"password\\": \\"abc\\", \\"n\\": 1}"',
            '  body = "{\\"password\\": \\""…"\\", \\"n\\": 1}"',
        ),
        ('  header = "Basic YWRtaW46YWRtaW4="', '  header = "Basic "…""'),
        (f'  {"x" * 30_000} = 1, password = "abc"', f'  {"x" * 30_000} = 1, password = "…"'),
    ],
)
def test_what_looks_like_a_secret_is_not_quoted(line: str, shown: str) -> None:
    assert redacted(line, 0, 1)[0] == shown


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [(0, 1, "a"), (4, 9, '"…"'), (6, 8, '"…"'), (10, 13, "end"), (0, 13, 'a = "…" end')],
)
def test_a_part_of_a_line_stays_marked(start: int, end: int, part: str) -> None:
    line, first, last = redacted("a = 12345 end", start, end, [(4, 9)])
    assert line == 'a = "…" end'
    assert line[first:last] == part
