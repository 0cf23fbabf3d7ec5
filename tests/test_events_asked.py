from __future__ import annotations

from typing import Any

import pytest

from osreach.data.actions import action as known_action
from osreach.data.actions import service
from osreach.events.asked import Asked, asked_of
from osreach.events.caller import caller_of
from osreach.events.denial import PolicyType, Refusal, is_denied, refusal
from osreach.events.event import CallerKind, EventCaller
from osreach.events.json_log import event_of
from osreach.events.operation import _S3, action_of
from osreach.location import Location

PLACE = Location("events.json", 1, 1, 1, 1)
ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/etl/job"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def missing(caller: str, action: str, resource: str, blamed: PolicyType) -> Refusal:
    return Refusal(caller, action, resource, explicit=False, blamed=blamed)


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedFault",
        "Client.UnauthorizedOperation",
        "Server.UnauthorizedOperation",
        "UnauthorizedOperation",
        "Client.AccessDenied",
        "VpceAccessDenied",
        "KMSAccessDeniedException",
        "KMS.AccessDeniedException",
        "EC2AccessDeniedException",
        "NotAuthorizedException",
        "AuthorizationErrorException",
        "UnauthorizedAccess",
        "UnauthorizedException",
        "ForbiddenException",
        "Forbidden",
    ],
)
def test_codes_of_missing_permission_are_denials(code: str) -> None:
    assert is_denied(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "NoSuchKey",
        "NoSuchBucket",
        "NotFoundException",
        "ThrottlingException",
        "Client.InvalidInstanceID.NotFound",
        "DisabledException",
        "ValidationException",
        "InvalidClientTokenId",
        "ExpiredToken",
        "IncorrectKeyException",
        "ResourceNotFoundException",
        "success",
    ],
)
def test_other_errors_are_none(code: str) -> None:
    assert not is_denied(code)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            (
                f"User: {USER} is not authorized to perform: kms:Decrypt on resource: {KEY} because no resource-based "
                "policy allows the kms:Decrypt action"
            ),
            Refusal(USER, "kms:Decrypt", KEY, explicit=False, blamed=PolicyType.RESOURCE),
        ),
        (
            (
                f"User: {SESSION} is not authorized to perform: s3:GetObject on resource: "
                '"arn:aws:s3:::b/a key with blanks" because no identity-based policy allows the s3:GetObject action'
            ),
            missing(SESSION, "s3:GetObject", "arn:aws:s3:::b/a key with blanks", PolicyType.IDENTITY),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: codecommit:ListRepositories because no session policy "
                "allows the codecommit:ListRepositories action"
            ),
            missing(USER, "codecommit:ListRepositories", "", PolicyType.SESSION),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: codecommit:ListRepositories because no service control "
                "policy allows the codecommit:ListRepositories action"
            ),
            missing(USER, "codecommit:ListRepositories", "", PolicyType.SERVICE_CONTROL),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::b because no VPC "
                "endpoint policy allows the s3:ListBucket action"
            ),
            missing(USER, "s3:ListBucket", "arn:aws:s3:::b", PolicyType.ENDPOINT),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::b because no "
                "permissions boundary allows the s3:ListBucket action"
            ),
            missing(USER, "s3:ListBucket", "arn:aws:s3:::b", PolicyType.BOUNDARY),
        ),
        *(
            (
                (
                    f"User: {USER} is not authorized to perform: sqs:SendMessage on resource: {KEY} with an explicit "
                    f"deny in {words}"
                ),
                Refusal(USER, "sqs:SendMessage", KEY, explicit=True, blamed=kind),
            )
            for words, kind in (
                ("an identity-based policy", PolicyType.IDENTITY),
                ("a resource-based policy", PolicyType.RESOURCE),
                ("a permissions boundary", PolicyType.BOUNDARY),
                ("a session policy", PolicyType.SESSION),
                ("a service control policy", PolicyType.SERVICE_CONTROL),
                ("a resource control policy", PolicyType.RESOURCE_CONTROL),
                ("a VPC endpoint policy", PolicyType.ENDPOINT),
            )
        ),
        (
            (
                f"User: {USER} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k with an explicit "
                "deny in a service control policy: arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1"
            ),
            Refusal(
                USER,
                "s3:GetObject",
                "arn:aws:s3:::b/k",
                explicit=True,
                blamed=PolicyType.SERVICE_CONTROL,
                policy="arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1",
            ),
        ),
        (
            f"User: {USER} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k with an explicit deny",
            Refusal(USER, "s3:GetObject", "arn:aws:s3:::b/k", explicit=True),
        ),
        (
            (
                f"User: {USER} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext "
                "because no identity-based policy allows the kms:Decrypt action"
            ),
            missing(USER, "kms:Decrypt", "", PolicyType.IDENTITY),
        ),
        (
            (
                "User: anonymous is not authorized to perform: es:ESHttpGet because no resource-based policy allows the "
                "es:ESHttpGet action"
            ),
            missing("anonymous", "es:ESHttpGet", "", PolicyType.RESOURCE),
        ),
        (
            (
                f"You are not authorized to perform this operation. User: {USER} is not authorized to perform: "
                f"ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/* because no identity-based policy "
                "allows the ec2:RunInstances action. Encoded authorization failure message: because no session policy allows"
            ),
            Refusal(
                USER,
                "ec2:RunInstances",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*",
                explicit=False,
                blamed=PolicyType.IDENTITY,
                encoded=True,
            ),
        ),
        (
            "You are not authorized to perform this operation. Encoded authorization failure message: x",
            Refusal(encoded=True),
        ),
        (
            f"User: {USER} is not authorized to perform: iam:ListUsers on resource: *",
            Refusal(USER, "iam:ListUsers", "*"),
        ),
        (
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            Refusal(action="sts:AssumeRoleWithWebIdentity"),
        ),
        ("Access Denied", Refusal()),
        (
            (
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "
                "you are not allowed to access."
            ),
            Refusal(),
        ),
        ("", Refusal()),
        ("is not authorized to perform: " * 2000, Refusal()),
    ],
)
def test_messages_tell_what_they_tell(message: str, said: Refusal) -> None:
    assert refusal(message) == said


@pytest.mark.parametrize(
    ("source", "operation", "action"),
    [
        ("kms.amazonaws.com", "Decrypt", "kms:Decrypt"),
        ("kms.amazonaws.com", "ReEncrypt", "kms:ReEncryptFrom"),
        ("s3.amazonaws.com", "HeadObject", "s3:GetObject"),
        ("s3.amazonaws.com", "ListObjects", "s3:ListBucket"),
        ("s3.amazonaws.com", "ListObjectsV2", "s3:ListBucket"),
        ("s3.amazonaws.com", "HeadBucket", "s3:ListBucket"),
        ("s3.amazonaws.com", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3.amazonaws.com", "CompleteMultipartUpload", "s3:PutObject"),
        ("s3.amazonaws.com", "DeleteObjects", "s3:DeleteObject"),
        ("s3.amazonaws.com", "GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("s3.amazonaws.com", "GetBucketPolicy", "s3:GetBucketPolicy"),
        ("es.amazonaws.com", "UpdateDomainConfig", "es:UpdateDomainConfig"),
        ("es.amazonaws.com", "DescribeElasticsearchDomain", "es:DescribeElasticsearchDomain"),
        ("aoss.amazonaws.com", "BatchGetCollection", "aoss:BatchGetCollection"),
        ("osis.amazonaws.com", "GetPipeline", "osis:GetPipeline"),
        ("lambda.amazonaws.com", "Invoke", "lambda:InvokeFunction"),
        ("lambda.amazonaws.com", "GetFunction20150331v2", "lambda:GetFunction"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("iam.amazonaws.com", "CreateRole", "iam:CreateRole"),
        ("sts.amazonaws.com", "AssumeRole", "sts:AssumeRole"),
        ("monitoring.amazonaws.com", "PutMetricData", "cloudwatch:PutMetricData"),
        ("s3.cn-north-1.amazonaws.com.cn", "GetObject", "s3:GetObject"),
        ("ec2.amazonaws.com", "RunInstances", "ec2:RunInstances"),
    ],
)
def test_operations_are_called_as_their_actions(source: str, operation: str, action: str) -> None:
    assert action_of(source, operation) == action


def test_every_renamed_action_exists() -> None:
    unknown = {name for name in _S3.values() if known_action(f"s3:{name}") is None}
    assert unknown == set()


def test_an_operation_that_is_an_action_is_renamed_only_on_purpose() -> None:
    """`HeadObject` is no action; where an operation has the name of one, the table must not hide it."""
    s3 = service("s3")
    assert s3 is not None
    assert {name for name in _S3 if name.lower() in s3.actions} == set()


def asked(source: str, name: str, **changes: Any) -> Asked:
    record = {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "recipientAccountId": ACCOUNT,
        "userIdentity": {"type": "IAMUser", "arn": USER},
        **changes,
    }
    return asked_of(event_of(record, PLACE))


@pytest.mark.parametrize(
    ("source", "name", "changes", "action", "resource"),
    [
        (
            "s3",
            "GetObject",
            {"requestParameters": {"bucketName": "b", "key": "a/k"}},
            "s3:GetObject",
            "arn:aws:s3:::b/a/k",
        ),
        (
            "s3",
            "GetObject",
            {"requestParameters": {"bucketName": "b", "key": "k", "versionId": "1"}},
            "s3:GetObjectVersion",
            "arn:aws:s3:::b/k",
        ),
        (
            "s3",
            "HeadObject",
            {
                "resources": [
                    {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::b"},
                    {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::b/k"},
                ]
            },
            "s3:GetObject",
            "arn:aws:s3:::b/k",
        ),
        (
            "s3",
            "ListObjectsV2",
            {"requestParameters": {"bucketName": "b", "prefix": "x"}},
            "s3:ListBucket",
            "arn:aws:s3:::b",
        ),
        ("s3", "ListBuckets", {}, "s3:ListAllMyBuckets", "*"),
        (
            "s3",
            "GetObject",
            {"awsRegion": "cn-north-1", "requestParameters": {"bucketName": "b", "key": "k"}},
            "s3:GetObject",
            "arn:aws-cn:s3:::b/k",
        ),
        ("kms", "Decrypt", {"requestParameters": {"keyId": KEY}}, "kms:Decrypt", KEY),
        ("kms", "Decrypt", {"resources": [{"type": "AWS::KMS::Key", "ARN": KEY}]}, "kms:Decrypt", KEY),
        ("kms", "Encrypt", {"requestParameters": {"keyId": KEY.rpartition("/")[2]}}, "kms:Encrypt", KEY),
        (
            "kms",
            "Encrypt",
            {"requestParameters": {"keyId": "alias/x"}},
            "kms:Encrypt",
            f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/x",
        ),
        ("kms", "Decrypt", {}, "kms:Decrypt", ""),
        (
            "es",
            "DescribeDomain",
            {"requestParameters": {"domainName": "logs"}},
            "es:DescribeDomain",
            f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs",
        ),
        (
            "sts",
            "AssumeRole",
            {"requestParameters": {"roleArn": "arn:aws:iam::1:role/r"}},
            "sts:AssumeRole",
            "arn:aws:iam::1:role/r",
        ),
        (
            "iam",
            "GetRole",
            {"requestParameters": {"roleName": "r"}},
            "iam:GetRole",
            f"arn:aws:iam::{ACCOUNT}:role/r",
        ),
        (
            "lambda",
            "Invoke",
            {"requestParameters": {"functionName": "f"}},
            "lambda:InvokeFunction",
            f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f",
        ),
        (
            "lambda",
            "CreateFunction20150331",
            {
                "errorMessage": f"User: {USER} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r"
            },
            "iam:PassRole",
            "arn:aws:iam::1:role/r",
        ),
        (
            "kms",
            "Decrypt",
            {"errorMessage": f"User: {USER} is not authorized to perform: kms:Decrypt on resource: {KEY}"},
            "kms:Decrypt",
            KEY,
        ),
    ],
)
def test_events_tell_action_and_resource(
    source: str, name: str, changes: dict[str, Any], action: str, resource: str
) -> None:
    found = asked(source, name, **changes)
    assert (found.action, found.resource) == (action, resource)


@pytest.mark.parametrize(
    ("context", "behind", "bucket"),
    [
        ({"aws:s3:arn": "arn:aws:s3:::b/a/k"}, "arn:aws:s3:::b/a/k", "b"),
        ({"aws:s3:arn": "arn:aws:s3:::b"}, "arn:aws:s3:::b/*", "b"),
        ({"Department": "Engineering"}, "", ""),
    ],
)
@pytest.mark.parametrize("invoked_by", ["AWS Internal", "s3.amazonaws.com", ""])
def test_the_encryption_context_names_the_object(
    context: dict[str, str], behind: str, bucket: str, invoked_by: str
) -> None:
    identity = {"type": "IAMUser", "arn": USER, "invokedBy": invoked_by}
    found = asked("kms", "Decrypt", requestParameters={"encryptionContext": context}, userIdentity=identity)
    assert (found.behind_resource, found.bucket) == (behind, bucket)
    assert found.behind == ("s3:GetObject" if behind else "")
    through = invoked_by == "s3.amazonaws.com" or (bool(invoked_by) and bool(behind))
    assert found.through == ("s3" if through else "")


@pytest.mark.parametrize(
    ("identity", "caller"),
    [
        (
            {"type": "IAMUser", "arn": USER, "accountId": ACCOUNT, "userName": "ann"},
            EventCaller(CallerKind.USER, USER, "ann", ACCOUNT),
        ),
        (
            {
                "type": "AssumedRole",
                "arn": SESSION,
                "accountId": ACCOUNT,
                "invokedBy": "s3.amazonaws.com",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/jobs/etl"},
                    "attributes": {"mfaAuthenticated": "true"},
                },
            },
            EventCaller(
                CallerKind.ROLE,
                SESSION,
                "job",
                ACCOUNT,
                f"arn:aws:iam::{ACCOUNT}:role/jobs/etl",
                "s3.amazonaws.com",
                "true",
            ),
        ),
        (
            {"type": "AssumedRole", "arn": SESSION, "accountId": ACCOUNT},
            EventCaller(CallerKind.ROLE, SESSION, "job", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/etl"),
        ),
        (
            {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT},
            EventCaller(CallerKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", "", ACCOUNT),
        ),
        (
            {"type": "AWSService", "invokedBy": "es.amazonaws.com"},
            EventCaller(CallerKind.SERVICE, name="es.amazonaws.com"),
        ),
        (
            {"type": "AWSAccount", "accountId": "anonymous", "principalId": ""},
            EventCaller(CallerKind.ANONYMOUS),
        ),
        (
            {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""},
            EventCaller(CallerKind.ANONYMOUS),
        ),
        (
            {"type": "AWSAccount", "accountId": "210987654321", "principalId": "AIDAEXAMPLE"},
            EventCaller(CallerKind.ACCOUNT, account="210987654321"),
        ),
        (
            {"type": "WebIdentityUser", "identityProvider": "accounts.google.com", "userName": "u"},
            EventCaller(CallerKind.WEB_IDENTITY, name="accounts.google.com"),
        ),
        (
            {
                "type": "FederatedUser",
                "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
                "accountId": ACCOUNT,
                "sessionContext": {"sessionIssuer": {"type": "IAMUser", "arn": USER}},
            },
            EventCaller(
                CallerKind.FEDERATED, f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "", ACCOUNT, USER
            ),
        ),
        (
            {"invokedBy": "support.amazonaws.com"},
            EventCaller(CallerKind.SERVICE, name="support.amazonaws.com"),
        ),
        ({"type": "Unknown"}, EventCaller(CallerKind.OTHER)),
        ({}, EventCaller(CallerKind.OTHER)),
    ],
)
def test_callers_are_told_by_their_identity(identity: dict[str, Any], caller: EventCaller) -> None:
    assert caller_of(identity) == caller
