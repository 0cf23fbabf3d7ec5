"""Whether what writes to clusters has what it needs, and what the rules say of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from textwrap import indent

import pytest

from access_project import analysis_of, terraform
from osreach.cli.can import answer
from osreach.cli.login import Login
from osreach.engine import Options, scan, text_of
from osreach.evaluate.integration import domain_of, is_trusted, lacks_access, role_of
from osreach.graph.build import build
from osreach.graph.fact import FactKind
from osreach.iac.resource import Inputs
from osreach.report.view import FORMATS, View, quoted_paths, render, sources_of
from osreach_rules import RULES

CODE = """
resource "aws_opensearch_domain" "logs" {
  domain_name = "logs"
}
resource "aws_iam_role" "writer" {
  name               = "writer"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = %s })
}
resource "aws_kinesis_firehose_delivery_stream" "this" {
  opensearch_configuration {
    domain_arn = aws_opensearch_domain.logs.arn
    role_arn   = aws_iam_role.writer.arn
    index_name = "logs"
  }
}
"""
CONNECTION = """
resource "aws_opensearch_outbound_connection" "archive" {
  connection_alias = "archive"
  local_domain_info {
    owner_id    = "123456789012"
    region      = "eu-west-1"
    domain_name = "logs"
  }
  remote_domain_info {
    owner_id    = "210987654321"
    region      = "eu-west-1"
    domain_name = "archive"
  }
}
resource "aws_opensearch_inbound_connection_accepter" "archive" {
  connection_id = "a1b2"
}
resource "aws_opensearch_authorize_vpc_endpoint_access" "partner" {
  domain_name = "logs"
  account     = "210987654321"
}
"""
TRUST = '[{ Effect = "Allow", Principal = { Service = "%s" }, Action = "sts:AssumeRole" }]'


@pytest.mark.parametrize(
    ("principal", "trusted"),
    [
        ("firehose.amazonaws.com", True),
        ("lambda.amazonaws.com", False),
        ("firehose.eu-west-1.amazonaws.com", True),
        ("firehosepipe.amazonaws.com", False),
        ("${var.service}", True),
    ],
)
def test_a_service_takes_the_role_that_names_it(tmp_path: Path, principal: str, trusted: bool) -> None:
    model = terraform(tmp_path, CODE % (TRUST % principal))
    (client,) = model.integrations.clients
    role = role_of(client, model)
    assert role is not None
    assert is_trusted(role, client.service) is trusted


@pytest.mark.parametrize(
    ("policy", "lacks"),
    [
        ("", True),
        ('{ Action = "es:ESHttpPost", Resource = "${aws_opensearch_domain.logs.arn}/*" }', False),
        ('{ Action = "es:ESHttpPost", Resource = "${aws_opensearch_domain.logs.arn}" }', True),
        ('{ Action = "es:ESHttpGet", Resource = "${aws_opensearch_domain.logs.arn}/*" }', True),
        ('{ Action = "es:ESHttpPut", Resource = var.domains }', False),
    ],
)
def test_a_client_lacks_access_where_nothing_it_needs_is_allowed(
    tmp_path: Path, policy: str, lacks: bool
) -> None:
    code = CODE % (TRUST % "firehose.amazonaws.com")
    if policy:
        statement = policy.replace("{ Action", '{ Effect = "Allow", Action')
        code += (
            '\nresource "aws_iam_role_policy" "writer" {\n  role   = aws_iam_role.writer.id\n'
            f'  policy = jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})\n}}\n'
        )
    analysis = analysis_of(tmp_path, {"main.tf": code})
    (client,) = analysis.model.integrations.clients
    domain = domain_of(client.destination, client.deployment, analysis.model.domains)
    assert domain is not None
    assert lacks_access(client, domain, analysis.access) is lacks


def test_a_writer_is_in_the_graph_with_the_role_it_runs_as(tmp_path: Path) -> None:
    code = CODE % (TRUST % "firehose.amazonaws.com") + (
        '\nresource "aws_iam_role_policy" "writer" {\n  role   = aws_iam_role.writer.id\n'
        '  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow",'
        ' Action = "es:ESHttpPost", Resource = "${aws_opensearch_domain.logs.arn}/*" }] })\n}\n'
    )
    graph = build(analysis_of(tmp_path, {"main.tf": code}).reachability)
    edges = {
        (fact.kind, fact.source.rpartition(":")[2], fact.target.rpartition(":")[2]) for fact in graph.facts
    }
    assert (FactKind.RUNS_AS, "aws_kinesis_firehose_delivery_stream.this", "aws_iam_role.writer") in edges
    assert (FactKind.ALLOWS, "aws_iam_role.writer", "aws_opensearch_domain.logs") in edges


def findings(folder: Path, code: str, accounts: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    (folder / "main.tf").write_text(code, encoding="utf-8")
    options = Options(today=date(2026, 1, 1), trusted_accounts=accounts)
    report = scan([str(folder)], RULES, Inputs(), options)
    assert not report.failures
    return [(one.rule.name, one.match.confidence.value) for one in report.findings if one.rule.code[3] == "6"]


@pytest.mark.parametrize("trusted", [False, True])
def test_a_trusted_account_may_be_connected(tmp_path: Path, trusted: bool) -> None:
    accounts = frozenset({"210987654321"}) if trusted else frozenset[str]()
    always = [("foreign-connection", "possible")]
    foreign = [("foreign-connection", "certain"), ("foreign-vpc-endpoint", "certain")]
    assert sorted(findings(tmp_path, CONNECTION, accounts)) == sorted(always if trusted else always + foreign)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('"hunter2"', ["certain"]),
        ('"${random_password.search.result}"', ["certain"]),
        ('"${var.password}"', ["possible"]),
        ('"$${{aws_secrets:search:password}}"', []),
        ("'$${{aws_secrets:search:password}}'", []),
        ('""', []),
        ('"********"', []),
    ],
)
def test_a_credential_is_one_unless_it_is_kept_elsewhere(
    tmp_path: Path, written: str, found: list[str]
) -> None:
    body = f"version: '2'\np:\n  source:\n    kafka:\n      authentication:\n        sasl:\n          plain:\n            password: {written}\n"
    code = (
        'resource "random_password" "search" {\n  length = 20\n}\n'
        'resource "aws_osis_pipeline" "this" {\n  pipeline_configuration_body = <<-EOT\n'
        f"{indent(body, '    ')}  EOT\n}}\n"
    )
    assert [
        confidence for name, confidence in findings(tmp_path, code) if name == "pipeline-credentials"
    ] == found


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_quotes_a_credential(tmp_path: Path, form: str) -> None:
    code = (
        'resource "aws_osis_pipeline" "this" {\n  pipeline_configuration_body = <<-EOT\n'
        "    version: '2'\n    p:\n      sink:\n        - http:\n            api_key: abc-0815-def\n  EOT\n}\n"
    )
    (tmp_path / "main.tf").write_text(code, encoding="utf-8")
    report = scan([str(tmp_path)], RULES, Inputs(), Options(today=date(2026, 1, 1)))
    assert [one.rule.name for one in report.findings] == ["pipeline-credentials"]
    view = View(rules=RULES, sources=sources_of(quoted_paths(report), text_of))
    assert "0815" not in render(form, report, view)


PIPELINE = """
Resources:
  Logs:
    Type: AWS::OSIS::Pipeline
    Properties:
      PipelineName: logs
      ResourcePolicy:
        Policy:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: !GetAtt Shipper.Arn}
              Action: osis:Ingest
              Resource: "*"
            - Effect: Deny
              Principal: {AWS: !GetAtt Former.Arn}
              Action: osis:Ingest
              Resource: "*"
  Shipper:
    Type: AWS::IAM::Role
    Properties:
      RoleName: shipper
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
  Former:
    Type: AWS::IAM::Role
    Properties:
      RoleName: former
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
      Policies:
        - PolicyName: all
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "osis:*", Resource: "*"}]
"""


@pytest.mark.parametrize(
    ("caller", "action", "decision", "layer"),
    [
        ("Shipper", "osis:Ingest", "allowed", "resource_policy"),
        ("Former", "osis:Ingest", "explicit_deny", "resource_policy"),
        ("Former", "osis:StopPipeline", "allowed", "identity_policy"),
        ("Shipper", "osis:StopPipeline", "implicit_deny", "identity_policy"),
    ],
)
def test_the_resource_policy_of_a_pipeline_counts(
    tmp_path: Path, caller: str, action: str, decision: str, layer: str
) -> None:
    analysis = analysis_of(tmp_path, {"template.yaml": PIPELINE})
    found = answer(caller, action, "Logs", Login(), {}, analysis)
    layers = "\n".join(f"{one.layer.value}: {one.answer.value}: {one.reason}" for one in found.layers)
    assert (found.answer.value, found.deciding.value) == (decision, layer), layers
