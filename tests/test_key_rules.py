"""Findings about keys held to what the documentation says of who may use a key.

In the account of the key a caller may use it where the key policy names the
caller, or where it leaves the key to the account and a policy of IAM allows it.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

import json
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from osreach.engine import Options, scan
from osreach.finding import Finding
from osreach.iac.resource import Inputs
from osreach.iam.decision import Verdict, decide
from osreach.iam.document import PolicyKind
from osreach.iam.parse import document_from_json
from osreach.iam.policies import Policies
from osreach.iam.request import Request, User
from osreach_rules import RULES

ROOT = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"
ADMINISTRATOR = {
    "Effect": "Allow",
    "Principal": {"AWS": ROOT.replace(":root", ":role/key-administrator")},
    "Action": ["kms:Put*", "kms:Describe*", "kms:Get*"],
    "Resource": "*",
}
CODE = """
resource "aws_kms_key" "reports" {
  enable_key_rotation = true
  policy              = jsonencode(%s)
}
resource "aws_s3_bucket" "reports" {
  bucket = "company-reports"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "reports" {
  bucket = aws_s3_bucket.reports.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.reports.arn
    }
  }
}
resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode(%s)
}
resource "aws_iam_role_policy" "reader" {
  role   = aws_iam_role.reader.name
  policy = jsonencode(%s)
}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def findings(folder: Path, text: str) -> tuple[Finding, ...]:
    path = folder / "main.tf"
    path.write_text(text)
    rules = [rule for rule in RULES if rule.code.startswith("OSR5")]
    report = scan([str(path)], rules, Inputs(), Options(today=date(2026, 1, 1), profile="strict"))
    assert not report.failures
    assert not report.problems
    return report.findings


@pytest.mark.parametrize(
    ("left_to_account", "named", "granted", "reads"), list(product((False, True), repeat=4))
)
def test_a_reader_is_reported_where_the_documentation_refuses_it(
    tmp_path: Path, *, left_to_account: bool, named: bool, granted: bool, reads: bool
) -> None:
    on_key: list[object] = [ADMINISTRATOR]
    if left_to_account:
        on_key.append(
            {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"},
        )
    if named:
        who = ROOT.replace(":root", ":role/reader")
        on_key.append(
            {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "kms:Decrypt", "Resource": "*"}
        )
    own: list[object] = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::company-reports"}
    ]
    if granted:
        own.append({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "${aws_kms_key.reports.arn}"})
    if reads:
        own.append(
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::company-reports/*"}
        )
    code = CODE % (policy(*on_key), json.dumps(TRUST), policy(*own))
    usable = named or (left_to_account and granted)
    expected = set()
    if granted and not usable:
        expected.add("ineffective-key-grant")
    elif reads and not usable:
        expected.add("read-without-decrypt")
    assert {finding.rule.name for finding in findings(tmp_path, code)} == expected


CONDITIONS = [
    ({}, True),
    ({"Bool": {"aws:SecureTransport": "true"}}, True),
    ({"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}, True),
    ({"StringEqualsIfExists": {"kms:EncryptionContext:tenant": "a"}}, False),
    ({"StringEquals": {"kms:CallerAccount": "123456789012"}}, False),
    ({"StringEquals": {"aws:PrincipalAccount": "123456789012"}}, False),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, False),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}, False),
    ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, False),
    ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
    ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, True),
    (
        {
            "StringEquals": {
                "kms:ViaService": "s3.eu-west-1.amazonaws.com",
                "kms:CallerAccount": "123456789012",
            }
        },
        False,
    ),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_only_conditions_that_tell_callers_apart_close_a_key(
    tmp_path: Path, condition: dict[str, object], *, expected: bool
) -> None:
    root = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    everyone = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": condition,
    }
    key = f'resource "aws_kms_key" "search" {{\n  policy = jsonencode({policy(root, everyone)})\n}}\n'
    found = [one for one in findings(tmp_path, key) if one.rule.name == "open-key"]
    assert bool(found) is expected
    for one in found:
        # the witness is a caller of another account, whom the key policy itself lets in
        assert one.match.witness is not None
        request = one.match.witness.request
        assert isinstance(request.principal, User)
        again = Request(
            request.principal,
            request.action,
            request.resource,
            request.context,
            resource_account="123456789012",
        )
        judged = decide(
            again,
            Policies(
                identity=(document_from_json(ALLOW_ALL, PolicyKind.IDENTITY, "own"),),
                resource=(document_from_json(policy(everyone), PolicyKind.RESOURCE, "key"),),
            ),
        )
        assert judged.verdict is Verdict.ALLOWED


ALLOW_ALL = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})


@pytest.mark.parametrize(
    ("value", "operator", "faulty"),
    [
        ("es.eu-west-1.amazonaws.com", "StringEquals", False),
        ("aoss.eu-west-1.amazonaws.com", "StringEquals", False),
        ("es.*.amazonaws.com", "StringLike", False),
        ("*.amazonaws.com", "StringLike", False),
        ("es.*", "StringLike", False),
        ("es.*.amazonaws.com", "StringEquals", True),
        ("es.amazonaws.com", "StringEquals", True),
        ("elasticsearch.eu-west-1.amazonaws.com", "StringEquals", True),
        ("opensearch.*.amazonaws.com", "StringLike", True),
        ("es.cn-north-1.amazonaws.com.cn", "StringEquals", True),
        ("es", "StringEquals", True),
        ("opensearch.eu-west-1.amazonaws.com", "StringNotEquals", True),
    ],
)
def test_values_of_via_service(tmp_path: Path, value: str, operator: str, *, faulty: bool) -> None:
    own = policy(
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "Condition": {operator: {"kms:ViaService": value}},
        }
    )
    code = f'resource "aws_iam_policy" "search" {{\n  name   = "search"\n  policy = jsonencode({own})\n}}\n'
    assert ({one.rule.name for one in findings(tmp_path, code)} == {"wrong-via-service"}) is faulty
