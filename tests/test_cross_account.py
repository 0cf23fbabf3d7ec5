"""A grant on a domain of another account, where each account has a template of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from osreach.engine import Options, scan
from osreach.iac.resource import Inputs
from osreach_rules.identity import one_sided_cross_account

DOMAIN = """
  {name}:
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: {lower}
      AccessPolicies:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{AWS: "arn:aws:iam::{caller}"}}
            Action: es:ESHttpGet
            Resource: "arn:aws:es:eu-west-1:{account}:domain/{lower}/*"
"""
ROLE = """
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: es:ESHttpGet
                Resource: "arn:aws:es:eu-west-1:123456789012:domain/logs/*"
"""


@pytest.mark.parametrize(
    ("caller", "found"),
    [
        ("123456789012:role/other", [("clients.yaml", "Reader")]),
        ("210987654321:role/reader", []),
        ("210987654321:root", []),
    ],
)
def test_a_template_grants_what_the_domain_of_another_template_and_account_has_to_allow(
    tmp_path: Path, caller: str, found: list[tuple[str, str]]
) -> None:
    logs = DOMAIN.format(name="Logs", lower="logs", account="123456789012", caller=caller)
    own = DOMAIN.format(
        name="Books", lower="books", account="210987654321", caller="210987654321:role/reader"
    )
    (tmp_path / "logs.yaml").write_text(f"Resources:{logs}")
    (tmp_path / "clients.yaml").write_text(f"Resources:{own}{ROLE}")
    report = scan(
        [str(tmp_path)],
        [one_sided_cross_account.RULE],
        Inputs(),
        Options(today=date(2026, 1, 1), profile="strict"),
    )
    assert not report.problems
    assert [(Path(one.location.path).name, one.match.principal) for one in report.findings] == found
