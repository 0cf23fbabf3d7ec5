"""Whatever events hold, no denial is dropped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from osreach.evaluate.diagnosis import Models, diagnose, merged
from osreach.evaluate.layer import Answer
from osreach.events.collect import collect
from osreach.events.json_log import event_of
from osreach.extract.model import TYPES
from osreach.iac.read import read_code
from osreach.iac.resource import Inputs
from osreach.iam.hole import Holes
from osreach.location import Location

PROJECT = Path(__file__).parent.parent / "fixtures" / "projects" / "encrypted-download"
ACCOUNT, OTHER = "123456789012", "210987654321"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@cache
def models() -> Models:
    inputs = Inputs()
    reading = read_code([str(PROJECT)], inputs, TYPES, every=True)
    return Models(reading.resources, inputs, Holes())


ACCOUNTS = st.sampled_from((ACCOUNT, OTHER, ""))
NAMES = st.sampled_from(("ann", "key-admin", "bob", "", "a b", "x:y/z"))


@st.composite
def identities(draw: st.DrawFn) -> dict[str, Any]:
    account, name = draw(ACCOUNTS), draw(NAMES)
    kind = draw(
        st.sampled_from(
            (
                "IAMUser",
                "AssumedRole",
                "Root",
                "FederatedUser",
                "AWSService",
                "AWSAccount",
                "WebIdentityUser",
                "Odd",
            )
        )
    )
    word = {"IAMUser": "iam::{}:user", "AssumedRole": "sts::{}:assumed-role"}.get(
        kind, "sts::{}:federated-user"
    )
    arn = f"arn:aws:{word.format(account)}/{name}{'/job' if kind == 'AssumedRole' else ''}"
    found: dict[str, Any] = {"type": kind, "accountId": account, "userName": name}
    if draw(st.booleans()):
        found["arn"] = arn
    if draw(st.booleans()):
        found["invokedBy"] = draw(st.sampled_from(("s3.amazonaws.com", "AWS Internal", "es.amazonaws.com")))
    return found


PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "bucketName": st.sampled_from(("example-reports", "other")),
        "key": st.sampled_from(("2026/march.csv", "a*b?c", "ü")),
        "keyId": st.sampled_from(
            (KEY, KEY.replace(ACCOUNT, OTHER), "alias/reports", "alias/aws/s3", "1234", "arn:x")
        ),
        "domainName": st.sampled_from(("reports", "other")),
        "roleArn": st.sampled_from(
            (f"arn:aws:iam::{ACCOUNT}:role/key-admin", "arn:aws:iam::1:role/x", "junk")
        ),
        "encryptionContext": st.sampled_from(
            ({"aws:s3:arn": "arn:aws:s3:::example-reports/a"}, {"x": "y"}, {})
        ),
    },
)
OPERATIONS = st.sampled_from(
    (
        ("s3", "GetObject"),
        ("s3", "PutObject"),
        ("s3", "ListBuckets"),
        ("s3", "GetBucketPolicy"),
        ("kms", "Decrypt"),
        ("kms", "GenerateDataKey"),
        ("kms", "ListKeys"),
        ("kms", "ReEncrypt"),
        ("es", "UpdateDomainConfig"),
        ("es", "ListDomainNames"),
        ("aoss", "CreateCollection"),
        ("sts", "AssumeRole"),
        ("iam", "CreateRole"),
        ("ec2", "RunInstances"),
        ("sqs", "SendMessage"),
        ("made-up", "Thing"),
    )
)
MESSAGES = st.sampled_from(
    (
        "",
        "Access Denied",
        f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: kms:Decrypt on resource: {KEY}",
        "User: x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r with an explicit deny",
        "is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:1:q",
    )
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    service, operation = draw(OPERATIONS)
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "eventTime": draw(st.sampled_from(("2026-03-02T08:03:55Z", "junk", ""))),
        "errorCode": draw(st.sampled_from(("AccessDenied", "Client.UnauthorizedOperation"))),
        "errorMessage": draw(MESSAGES),
        "awsRegion": draw(st.sampled_from(("eu-west-1", "cn-north-1", ""))),
        "recipientAccountId": draw(ACCOUNTS),
        "sourceIPAddress": draw(st.sampled_from(("203.0.113.7", "2001:db8::1", "AWS Internal", ""))),
        "userIdentity": draw(identities()),
        "requestParameters": draw(PARAMETERS),
    }


@settings(max_examples=120, deadline=None)
@given(st.lists(records(), min_size=1, max_size=6))
def test_every_denial_is_explained_or_listed_exactly_once(events: list[dict[str, Any]]) -> None:
    collected = collect(event_of(one, Location("e", 1, 1, 1, 1)) for one in events)
    found, unmatched = diagnose(collected, models())
    denials = [one.denial for one in found] + [one.denial for one in unmatched]
    assert {id(one) for one in denials} == {id(one) for one in collected.denials}
    assert len(found) + len(unmatched) == len(collected.denials)
    assert sum(one.count for one in collected.denials) == len(events)
    shown = [one.denial for one in merged(found)] + [one.denial for one in unmatched]
    assert sum(one.count for one in shown) == len(events)
    for one in found:
        assert one.reason
        if one.explanation.answer is Answer.ALLOWED:
            assert not one.remedy.changes
        else:
            assert one.remedy.changes or one.remedy.left
    for other in unmatched:
        assert other.reason


def test_a_caller_whose_policies_nobody_shows_is_told_that_the_reason_is_elsewhere() -> None:
    event = {
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "eventTime": "2026-03-02T08:03:55Z",
        "errorCode": "AccessDenied",
        "recipientAccountId": ACCOUNT,
        "userIdentity": {
            "type": "AssumedRole",
            "accountId": ACCOUNT,
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ann/job",
        },
        "requestParameters": {"bucketName": "example-reports"},
    }
    found, _ = diagnose(collect([event_of(event, Location("e", 1, 1, 1, 1))]), models())
    assert [(one.remedy.changes, one.remedy.left) for one in found] == [
        ((), "nothing in the scanned files refuses it, so what refused it is not in them")
    ]
