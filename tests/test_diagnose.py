from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from osreach.cli.main import main
from osreach.evaluate.diagnosis import OUTSIDE

ROOT = Path(__file__).parent.parent
PROJECT = "fixtures/projects/encrypted-download"
ACCOUNT = "123456789012"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OBJECT = "arn:aws:s3:::example-reports/2026/march.csv"

Ask = Callable[..., dict[str, Any]]

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
USER = 'resource "aws_iam_user" "ann" {\n  name = "ann"\n}\n'
BUCKET = 'resource "aws_s3_bucket" "reports" {\n  bucket = "example-reports"\n}\n'
FULL = """
resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}
"""
ENCRYPTED = """
resource "aws_s3_bucket_server_side_encryption_configuration" "reports" {
  bucket = aws_s3_bucket.reports.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.reports.arn
    }
  }
}
"""
DEFAULT_KEY = 'resource "aws_kms_key" "reports" {}\n'


def user(arn: str = ANN, **more: Any) -> dict[str, Any]:
    return {
        "type": "IAMUser",
        "arn": arn,
        "accountId": arn.split(":")[4],
        "userName": arn.rpartition("/")[2],
        **more,
    }


def session(role: str = "etl", name: str = "job", path: str = "", account: str = ACCOUNT) -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "arn": f"arn:aws:iam::{account}:role/{path}{role}",
                "accountId": account,
                "userName": role,
            },
            "attributes": {"mfaAuthenticated": "false"},
        },
    }


def event(name: str, **changes: Any) -> dict[str, Any]:
    service = changes.pop("service", "s3")
    return {
        "eventTime": "2026-03-02T08:03:55Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.24",
        "recipientAccountId": ACCOUNT,
        "requestID": "REQUEST",
        "errorCode": "AccessDenied",
        "userIdentity": user(),
        **changes,
    }


def download(**changes: Any) -> dict[str, Any]:
    """The refused call of S3 to KMS for a download."""
    return event(
        "Decrypt",
        service="kms",
        requestParameters={"encryptionContext": {"aws:s3:arn": OBJECT}},
        **{"userIdentity": user(invokedBy="AWS Internal"), "sourceIPAddress": "AWS Internal", **changes},
    )


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What the command answers as JSON about events and code, both as text."""
    monkeypatch.chdir(tmp_path)

    def asked(events: Any, code: str, *options: str, name: str = "main.tf") -> dict[str, Any]:
        (tmp_path / "code").mkdir(exist_ok=True)
        (tmp_path / "code" / name).write_text(code)
        listed = events if isinstance(events, list) else [events]
        (tmp_path / "events.json").write_text(json.dumps({"Records": listed}))
        exit_code = main(["diagnose", "events.json", "code", "--format", "json", *options])
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert exit_code == (1 if found["denials"] or found["unmatched"] else 0)
        return found

    return asked


def only(found: dict[str, Any]) -> dict[str, Any]:
    assert found["unmatched"] == []
    (denial,) = found["denials"]
    result: dict[str, Any] = denial
    return result


def layers(denial: dict[str, Any]) -> dict[str, str]:
    return {one["layer"]: one["decision"] for one in denial["layers"] if one["decision"] != "not_applicable"}


def line_of(code: str, text: str) -> int:
    return code[: code.index(text)].count("\n") + 1


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_story_of_the_encrypted_download_is_told_without_help(
    kind: str, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["diagnose", f"fixtures/events/download.{kind}", PROJECT, "--format", form]) == 1
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out == (ROOT / f"fixtures/events/download.{kind}.{form}").read_text()


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_smallest_change_of_the_story_is_a_statement_in_the_key_policy(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    main(["diagnose", f"fixtures/events/download.{kind}", PROJECT, "--format", "json", "--account", ACCOUNT])
    denial = only(json.loads(capsys.readouterr().out))
    code = (ROOT / PROJECT / "main.tf").read_text()
    (change,) = denial["changes"]
    assert (denial["decision"], denial["refused_by"], denial["caused_by"]) == (
        "implicit_deny",
        "key_policy",
        "kms:Decrypt behind s3:GetObject",
    )
    assert (denial["count"], denial["principal"], denial["resource"]) == (
        2,
        "aws_iam_user.ann",
        "aws_kms_key.reports",
    )
    assert denial["proved"] is True
    assert change["location"]["path"] == f"{PROJECT}/main.tf"
    assert change["location"]["line"] == line_of(
        code, 'policy = jsonencode({\n    Version = "2012-10-17"\n    Statement = [\n'
    )
    assert code.splitlines()[change["after_line"] - 1] == "      },"
    statement = change["statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"], statement["Resource"]) == (
        "Allow",
        {"AWS": ANN},
        "kms:Decrypt",
        "*",
    )


def test_a_key_that_leaves_it_to_the_account_needs_an_identity_policy(ask: Ask) -> None:
    code = PROVIDER + USER + FULL + BUCKET + DEFAULT_KEY + ENCRYPTED
    denial = only(ask(download(resources=[{"type": "AWS::KMS::Key", "ARN": KEY}]), code))
    assert (denial["decision"], denial["refused_by"]) == ("implicit_deny", "identity_policy")
    assert layers(denial) == {"identity_policy": "implicit_deny", "key_policy": "allowed"}
    (change,) = denial["changes"]
    assert (change["do"], change["layer"], change["policy"]) == (
        "write",
        "identity_policy",
        "aws_iam_user.ann",
    )
    assert change["location"]["line"] == line_of(code, 'resource "aws_iam_user" "ann"')
    assert change["statement"]["Action"] == "kms:Decrypt"
    assert "Principal" not in change["statement"]
    assert denial["proved"] is True


def test_the_remedy_goes_into_the_inline_policy_that_is_there(ask: Ask) -> None:
    code = (
        PROVIDER
        + USER
        + BUCKET
        + DEFAULT_KEY
        + ENCRYPTED
        + """
resource "aws_iam_user_policy" "ann" {
  user = aws_iam_user.ann.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}
"""
    )
    (change,) = only(ask(download(), code))["changes"]
    assert (change["do"], change["policy"]) == ("add", "aws_iam_user_policy.ann")
    assert change["location"]["line"] == line_of(code, "policy = jsonencode")
    assert change["after_line"] == line_of(code, "Statement = [{ Effect")


@pytest.mark.parametrize(
    ("operation", "behind", "action"),
    [
        ("Decrypt", "s3:GetObject", "kms:Decrypt"),
        ("GenerateDataKey", "s3:PutObject", "kms:GenerateDataKey"),
    ],
)
def test_calls_of_s3_to_kms_name_what_they_are_part_of(
    ask: Ask, operation: str, behind: str, action: str
) -> None:
    code = PROVIDER + USER + FULL + BUCKET + DEFAULT_KEY + ENCRYPTED
    denial = only(ask(download(eventName=operation), code))
    assert denial["caused_by"] == f"{action} behind {behind}"
    assert denial["behind"] == OBJECT
    assert denial["event"]["action"] == action


def test_a_refused_download_itself_is_traced_to_the_key(ask: Ask) -> None:
    code = (
        PROVIDER
        + USER
        + FULL
        + BUCKET
        + ENCRYPTED
        + """
resource "aws_kms_key" "reports" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:role/admin" }, Action = "kms:*", Resource = "*" }]
  })
}
"""
    )
    got = event("GetObject", requestParameters={"bucketName": "example-reports", "key": "2026/march.csv"})
    denial = only(ask(got, code))
    assert denial["event"]["resource"] == OBJECT
    assert (denial["resource"], denial["refused_by"]) == ("aws_s3_bucket.reports", "dependency")
    assert denial["caused_by"] == "kms:Decrypt behind s3:GetObject"
    assert layers(denial)["identity_policy"] == "allowed"
    (change,) = denial["changes"]
    assert (change["layer"], change["policy"]) == ("key_policy", "aws_kms_key.reports")
    assert change["statement"]["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
    }
    assert denial["proved"] is True


ROLE = """
resource "aws_iam_role" "etl" {
  name = "etl"
  path = "/jobs/"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
"""


@pytest.mark.parametrize("identity", [session(path="jobs/"), session(), session(name="other", path="jobs/")])
def test_a_session_is_its_role(ask: Ask, identity: dict[str, Any]) -> None:
    got = event(
        "PutObject", userIdentity=identity, requestParameters={"bucketName": "example-reports", "key": "a"}
    )
    denial = only(ask(got, PROVIDER + ROLE + BUCKET))
    assert denial["principal"] == "aws_iam_role.etl"
    assert denial["refused_by"] == "identity_policy"
    assert denial["changes"][0]["statement"] == {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::example-reports/a",
    }


DENYING = """
resource "aws_s3_bucket_policy" "reports" {
  bucket = aws_s3_bucket.reports.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Office"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.reports.arn}/*"
        Condition = { NotIpAddress = { "aws:SourceIp" = "198.51.100.0/24" } }
      },
    ]
  })
}
"""


def test_a_statement_that_denies_is_named_with_its_place(ask: Ask) -> None:
    code = PROVIDER + USER + FULL + BUCKET + DENYING
    got = event("GetObject", requestParameters={"bucketName": "example-reports", "key": "a"})
    denial = only(ask(got, code))
    assert (denial["decision"], denial["refused_by"]) == ("explicit_deny", "resource_policy")
    (change,) = denial["changes"]
    assert (change["do"], change["policy"], change["sid"]) == (
        "narrow",
        "aws_s3_bucket_policy.reports",
        "Office",
    )
    assert change["location"]["line"] == line_of(code, "      {\n        Sid")
    assert denial["proved"] is True


def test_the_address_of_the_event_decides(ask: Ask) -> None:
    got = event(
        "GetObject",
        requestParameters={"bucketName": "example-reports", "key": "a"},
        sourceIPAddress="198.51.100.7",
        errorMessage=f'User: {ANN} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::example-reports/a" '
        "with an explicit deny in a service control policy",
    )
    denial = only(ask(got, PROVIDER + USER + FULL + BUCKET + DENYING))
    assert denial["decision"] == "allowed"
    assert denial["refused_by"] is None
    assert denial["reason"] == OUTSIDE
    assert denial["remedy"] == f"nothing to change in the code: {OUTSIDE}"
    assert denial["notes"] == ["CloudTrail says: an explicit deny in a service control policy"]


def test_the_second_factor_of_the_event_decides(ask: Ask) -> None:
    code = (
        PROVIDER
        + USER
        + FULL
        + BUCKET
        + """
resource "aws_iam_user_policy" "mfa" {
  user = aws_iam_user.ann.name
  policy = jsonencode({
    Statement = [{
      Sid = "SecondFactor", Effect = "Deny", Action = "s3:*", Resource = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}
"""
    )
    asked = {"bucketName": "example-reports", "key": "a"}
    context = {"attributes": {"mfaAuthenticated": "false"}}
    denial = only(
        ask(event("GetObject", requestParameters=asked, userIdentity=user(sessionContext=context)), code)
    )
    assert (denial["decision"], denial["changes"][0]["sid"]) == ("explicit_deny", "SecondFactor")
    context = {"attributes": {"mfaAuthenticated": "true"}}
    denial = only(
        ask(event("GetObject", requestParameters=asked, userIdentity=user(sessionContext=context)), code)
    )
    assert denial["decision"] == "allowed"


def test_a_boundary_that_lacks_an_allow_is_extended(ask: Ask) -> None:
    code = (
        PROVIDER
        + BUCKET
        + FULL
        + """
resource "aws_iam_policy" "limit" {
  name = "limit"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })
}
resource "aws_iam_user" "ann" {
  name                 = "ann"
  permissions_boundary = aws_iam_policy.limit.arn
}
"""
    )
    denial = only(ask(event("ListObjectsV2", requestParameters={"bucketName": "example-reports"}), code))
    assert (denial["event"]["action"], denial["refused_by"]) == ("s3:ListBucket", "permissions_boundary")
    (change,) = denial["changes"]
    assert (change["do"], change["policy"]) == ("add", "aws_iam_policy.limit")
    assert change["statement"]["Resource"] == "arn:aws:s3:::example-reports"


OTHER = "210987654321"


def test_a_caller_of_another_account_needs_both_sides(ask: Ask) -> None:
    got = event(
        "GetObject",
        userIdentity={"type": "AWSAccount", "accountId": OTHER, "principalId": "AIDAEXAMPLE"},
        requestParameters={"bucketName": "example-reports", "key": "a"},
        errorMessage=f"User: arn:aws:iam::{OTHER}:user/bob is not authorized to perform: s3:GetObject on resource: "
        '"arn:aws:s3:::example-reports/a" because no resource-based policy allows the s3:GetObject action',
    )
    denial = only(ask(got, PROVIDER + USER + BUCKET))
    assert (denial["principal"], denial["refused_by"]) == (
        f"arn:aws:iam::{OTHER}:user/bob",
        "resource_policy",
    )
    (change,) = denial["changes"]
    assert change["statement"]["Principal"] == {"AWS": f"arn:aws:iam::{OTHER}:user/bob"}
    assert (change["do"], change["policy"]) == ("write", "aws_s3_bucket.reports")


def test_a_caller_who_does_not_sign_needs_a_statement_for_everyone(ask: Ask) -> None:
    got = event(
        "GetObject",
        userIdentity={"type": "AWSAccount", "principalId": "", "accountId": "anonymous"},
        requestParameters={"bucketName": "example-reports", "key": "a"},
    )
    denial = only(ask(got, PROVIDER + BUCKET))
    assert (denial["event"]["principal"], denial["refused_by"]) == ("anonymous", "resource_policy")
    assert denial["changes"][0]["statement"]["Principal"] == "*"


def test_a_service_is_a_caller(ask: Ask) -> None:
    got = event(
        "PutObject",
        userIdentity={"type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com"},
        requestParameters={"bucketName": "example-reports", "key": "AWSLogs/x"},
    )
    denial = only(ask(got, PROVIDER + BUCKET))
    assert denial["principal"] == "service:delivery.logs.amazonaws.com"
    assert denial["changes"][0]["statement"]["Principal"] == {"Service": "delivery.logs.amazonaws.com"}


def test_roles_that_may_not_be_assumed_are_explained_by_their_trust(ask: Ask) -> None:
    target = f"arn:aws:iam::{ACCOUNT}:role/jobs/etl"
    got = event(
        "AssumeRole",
        service="sts",
        errorMessage=f"User: {ANN} is not authorized to perform: sts:AssumeRole on resource: {target}",
        requestParameters={"roleArn": target, "roleSessionName": "x"},
    )
    code = PROVIDER + USER + ROLE
    denial = only(ask(got, code))
    assert (denial["resource"], denial["refused_by"]) == ("aws_iam_role.etl", "resource_policy")
    assert denial["changes"][0]["statement"] == {
        "Effect": "Allow",
        "Principal": {"AWS": ANN},
        "Action": "sts:AssumeRole",
    }
    assert denial["changes"][0]["location"]["line"] == line_of(code, "assume_role_policy")


def test_the_configuration_of_a_domain_is_asked_of_identity_policies(ask: Ask) -> None:
    code = PROVIDER + USER + 'resource "aws_opensearch_domain" "logs" {\n  domain_name = "logs"\n}\n'
    got = event("UpdateDomainConfig", service="es", requestParameters={"domainName": "logs"})
    denial = only(ask(got, code))
    assert (denial["resource"], denial["refused_by"]) == ("aws_opensearch_domain.logs", "identity_policy")
    assert denial["changes"][0]["statement"] == {
        "Effect": "Allow",
        "Action": "es:UpdateDomainConfig",
        "Resource": f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs",
    }


def test_a_resource_that_is_not_in_the_code_leaves_its_policy_open(ask: Ask) -> None:
    got = event("GetObject", requestParameters={"bucketName": "elsewhere", "key": "a"})
    denial = only(ask(got, PROVIDER + USER))
    assert (denial["decision"], denial["resource"]) == ("unknown", "arn:aws:s3:::elsewhere")
    assert denial["event"]["resource"] == "arn:aws:s3:::elsewhere/a"
    assert layers(denial)["identity_policy"] == "implicit_deny"
    assert denial["changes"][0]["policy"] == "aws_iam_user.ann"
    assert denial["proved"] is False
    assert denial["depends_on"]


def test_a_list_of_buckets_has_no_resource_policy(ask: Ask) -> None:
    denial = only(ask(event("ListBuckets"), PROVIDER + USER))
    assert (denial["decision"], denial["event"]["resource"]) == ("implicit_deny", "*")
    assert denial["changes"][0]["statement"]["Action"] == "s3:ListAllMyBuckets"
    assert denial["proved"] is True


def test_what_an_alias_means_is_found(ask: Ask) -> None:
    code = (
        PROVIDER
        + USER
        + DEFAULT_KEY
        + """
resource "aws_kms_key" "other" {}
resource "aws_kms_alias" "reports" {
  name          = "alias/reports"
  target_key_id = aws_kms_key.reports.key_id
}
"""
    )
    got = event("Encrypt", service="kms", requestParameters={"keyId": "alias/reports"})
    assert only(ask(got, code))["resource"] == "aws_kms_key.reports"


NOBODY = f"arn:aws:iam::{ACCOUNT}:user/nobody"
TWO_KEYS = DEFAULT_KEY + 'resource "aws_kms_key" "other" {}\n'


@pytest.mark.parametrize(
    ("got", "code", "reason", "candidates"),
    [
        (
            event("GetObject", userIdentity=user(NOBODY), requestParameters={"bucketName": "x", "key": "k"}),
            PROVIDER + USER,
            f"neither `{NOBODY}` nor `arn:aws:s3:::x/k` is in the code",
            [],
        ),
        (
            event("Decrypt", service="kms", requestParameters={"keyId": KEY}),
            PROVIDER + USER + TWO_KEYS,
            f"several keys of the code may be `{KEY}`",
            ["aws_kms_key.reports", "aws_kms_key.other"],
        ),
        (
            event("Decrypt", service="kms"),
            PROVIDER + USER + TWO_KEYS,
            "the event does not name the key",
            ["aws_kms_key.reports", "aws_kms_key.other"],
        ),
        (
            event("Decrypt", service="kms"),
            PROVIDER + USER,
            "the event does not name the key, and the code defines none",
            [],
        ),
        (event("GetObject", userIdentity={}), PROVIDER + BUCKET, "the event does not say who asked", []),
        (
            event("DescribeStacks", service="cloudformation"),
            PROVIDER + USER + FULL,
            "the event does not say on which resource `cloudformation:DescribeStacks` was refused",
            [],
        ),
        (
            event("Whatever", userIdentity=session("made-up"), requestParameters={}, service="s3"),
            PROVIDER + 'resource "aws_iam_role" "nameless" {\n  assume_role_policy = "{}"\n}\n',
            f"no role of the code is called `arn:aws:iam::{ACCOUNT}:role/made-up`, but some have no name",
            ["aws_iam_role.nameless"],
        ),
    ],
)
def test_what_cannot_be_matched_is_listed_with_the_reason(
    ask: Ask, got: dict[str, Any], code: str, reason: str, candidates: list[str]
) -> None:
    found = ask(got, code)
    assert found["denials"] == []
    assert [(one["reason"], one["candidates"], one["count"]) for one in found["unmatched"]] == [
        (reason, candidates, 1)
    ]


def test_policies_of_aws_are_not_judged_for_services_they_were_cut_for(ask: Ask) -> None:
    code = PROVIDER + USER + FULL.replace("AmazonS3FullAccess", "ReadOnlyAccess")
    got = event(
        "RunInstances",
        service="ec2",
        errorCode="Client.UnauthorizedOperation",
        errorMessage=f"You are not authorized to perform this operation. User: {ANN} is not authorized to perform: "
        f"ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/* because no identity-based policy "
        "allows the ec2:RunInstances action. Encoded authorization failure message: AbCdEf",
    )
    (one,) = ask(got, code)["unmatched"]
    assert (
        one["reason"] == "what `ReadOnlyAccess`, which AWS manages, says about the service `ec2` is not known"
    )
    denial = only(ask(got, PROVIDER + USER))
    assert (denial["event"]["action"], denial["refused_by"]) == ("ec2:RunInstances", "identity_policy")
    assert denial["notes"] == [
        "CloudTrail says: no identity-based policy allows it",
        "the rest of the message is encoded; `aws sts decode-authorization-message` reads it",
    ]


TEMPLATE = """\
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Reports:
    Type: AWS::S3::Bucket
"""


def test_names_that_cloudformation_made_are_recognised(ask: Ask) -> None:
    got = event(
        "GetObject",
        userIdentity=session("search-Reader-1ABCDEFGHIJKL"),
        requestParameters={"bucketName": "search-reports-1abcdefghijkl", "key": "a"},
    )
    denial = only(ask(got, TEMPLATE, name="stack.yaml"))
    assert (denial["principal"], denial["resource"]) == ("Reader", "Reports")


def test_each_account_of_the_events_is_judged_by_itself(ask: Ask) -> None:
    asked = {"bucketName": "example-reports", "key": "a"}
    events = [
        event("GetObject", requestParameters=asked),
        event(
            "GetObject",
            requestParameters=asked,
            recipientAccountId=OTHER,
            userIdentity=user(ANN.replace(ACCOUNT, OTHER)),
        ),
    ]
    code = PROVIDER + USER + BUCKET
    found = ask(events, code)
    assert [one["event"]["principal"] for one in found["denials"]] == [ANN, ANN.replace(ACCOUNT, OTHER)]
    assert {one["principal"] for one in found["denials"]} == {"aws_iam_user.ann"}


def test_a_key_of_another_account_needs_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    key = KEY.replace(ACCOUNT, OTHER)
    for folder, code in (("people", USER), ("keys", DEFAULT_KEY)):
        Path(folder).mkdir()
        Path(folder, "main.tf").write_text(PROVIDER + code)
    got = event("Decrypt", service="kms", requestParameters={"keyId": key})
    Path("e.json").write_text(json.dumps(got))
    assert main(["diagnose", "e.json", "people", "keys", "--format", "json"]) == 1
    denial = only(json.loads(capsys.readouterr().out))
    assert (denial["principal"], denial["resource"]) == ("aws_iam_user.ann", "aws_kms_key.reports")
    assert {change["layer"]: change["statement"] for change in denial["changes"]} == {
        "key_policy": {
            "Effect": "Allow",
            "Principal": {"AWS": ANN},
            "Action": "kms:Decrypt",
            "Resource": "*",
        },
        "identity_policy": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key},
    }
    assert denial["proved"] is True


def test_one_deployment_is_not_in_two_accounts(ask: Ask) -> None:
    got = event("Decrypt", service="kms", requestParameters={"keyId": KEY.replace(ACCOUNT, OTHER)})
    denial = only(ask(got, PROVIDER + USER + DEFAULT_KEY))
    assert (denial["principal"], denial["resource"]) == ("aws_iam_user.ann", KEY.replace(ACCOUNT, OTHER))
    assert layers(denial) == {"identity_policy": "implicit_deny", "key_policy": "unknown"}


ORGANIZATION = """
resource "aws_organizations_policy" "guard" {
  name    = "guard"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "NoDeletion", Effect = "Deny", Action = "s3:DeleteBucket", Resource = "*" }]
  })
}
resource "aws_organizations_policy_attachment" "guard" {
  policy_id = aws_organizations_policy.guard.id
  target_id = "123456789012"
}
"""


def test_a_policy_of_the_organization_is_named(ask: Ask) -> None:
    code = PROVIDER + USER + FULL + BUCKET + ORGANIZATION
    denial = only(ask(event("DeleteBucket", requestParameters={"bucketName": "example-reports"}), code))
    assert (denial["decision"], denial["refused_by"]) == ("explicit_deny", "organization")
    (change,) = denial["changes"]
    assert (change["do"], change["policy"], change["sid"]) == (
        "narrow",
        "aws_organizations_policy.guard",
        "NoDeletion",
    )
    assert change["location"]["line"] == line_of(code, "Statement = [{ Sid")
    assert denial["proved"] is True


def test_an_organization_that_allows_too_little_is_extended(ask: Ask) -> None:
    allowing = ORGANIZATION.replace("Deny", "Allow").replace("s3:DeleteBucket", "kms:*")
    detached = """
resource "aws_organizations_policy_attachment" "full" {
  policy_id = "p-FullAWSAccess"
  target_id = "210987654321"
}
"""
    denial = only(
        ask(
            event("ListBuckets"),
            PROVIDER + USER + FULL + allowing + detached,
        )
    )
    assert layers(denial)["organization"] in {"implicit_deny", "unknown"}
    assert denial["changes"][0]["layer"] == "organization"
    assert denial["changes"][0]["statement"] == {
        "Effect": "Allow",
        "Action": "s3:ListAllMyBuckets",
        "Resource": "*",
    }


def test_identical_denials_are_one_with_a_count(ask: Ask) -> None:
    asked = {"bucketName": "example-reports", "key": "a"}
    events = [
        event(
            "GetObject",
            requestParameters=asked,
            eventTime=f"2026-03-02T08:0{n}:00Z",
            sourceIPAddress=f"203.0.113.{n}",
        )
        for n in (4, 2, 7)
    ]
    denial = only(ask(events, PROVIDER + USER + BUCKET))
    assert denial["count"] == 3
    assert (denial["event"]["time"], denial["event"]["last_time"]) == (
        "2026-03-02T08:02:00Z",
        "2026-03-02T08:07:00Z",
    )


@pytest.mark.parametrize(
    ("name", "count"), [("ann", 1), (ANN, 1), ("etl", 1), ("job", 1), ("nobody", 0), (None, 2)]
)
def test_events_are_narrowed_to_a_user(ask: Ask, name: str | None, count: int) -> None:
    events = [event("ListBuckets"), event("ListBuckets", userIdentity=session())]
    found = ask(events, PROVIDER + USER + ROLE, *(["--user", name] if name else []))
    assert len(found["denials"]) == count


def test_nothing_denied_is_clean(ask: Ask) -> None:
    found = ask([event("ListBuckets", errorCode=None), event("ListBuckets", errorCode="NoSuchBucket")], USER)
    assert found == {"denials": [], "unmatched": [], "problems": [], "events": 2}


def test_problems_are_listed_and_the_rest_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(PROVIDER + USER)
    good = json.dumps(event("ListBuckets"))
    lines = "\n".join([good, '{"eventName": "x"}', '{"eventName', *[good] * 3000])
    Path("log.gz").write_bytes(gzip.compress(lines.encode())[:-20])
    assert main(["diagnose", "log.gz"]) == 1
    told = capsys.readouterr()
    assert re.sub(r":[0-9]{4}:", ":N:", told.err).splitlines() == [
        "log.gz:2: this is no event of CloudTrail: `eventName` or `eventSource` is missing",
        "log.gz:3: the event is no JSON: expecting ':' delimiter",
        "log.gz:N: the compressed data is damaged or ends early; what came before it was read",
    ]
    assert "`s3:ListAllMyBuckets` on `*`" in told.out
    assert (
        "  remedy        write an identity policy for `aws_iam_user.ann` at main.tf:4:1 with the statement "
        in told.out
    )


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("e.csv", "a,b\n1,2\n", "no event of CloudTrail could be read in `e.csv`"),
        ("e.json", '{"a": 1}', "no event of CloudTrail could be read in `e.json`"),
        ("e.txt", "hello", "no event of CloudTrail could be read in `e.txt`"),
    ],
)
def test_files_of_something_else_are_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    data: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(data)
    assert main(["diagnose", name]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[-1] == f"osreach: {message}"
    assert told.err.startswith(f"{name}:1: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.csv"], "`gone.csv` does not exist"),
        (["."], "the folder `.` holds no file of events (.csv, .json, .jsonl, .ndjson, .log, .gz)"),
        (["main.tf", "gone"], "`gone` does not exist"),
        (["main.tf", "--output", "gone/x"], "cannot write `gone/x`: the folder `gone` does not exist"),
    ],
)
def test_a_wrong_request_is_refused_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(USER)
    assert main(["diagnose", *arguments]) == 2
    assert capsys.readouterr().err == f"osreach: {message}\n"


def test_names_from_events_cannot_move_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(USER)
    Path("e.json").write_text(
        json.dumps(event("GetObject\x1b[2J", userIdentity=user("arn:aws:iam::1:user/\x1b[31m")))
    )
    main(["diagnose", "e.json"])
    assert "\x1b" not in capsys.readouterr().out
