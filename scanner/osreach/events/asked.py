"""What a refused event asked for: an action on a resource, and what it was part of.

Sources:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html (`aws:s3:arn` in the encryption context)
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html (S3 calls KMS as the reader)
https://docs.aws.amazon.com/kms/latest/developerguide/ct-decrypt.html
"""

from __future__ import annotations

from dataclasses import dataclass

from osreach.events.denial import SILENT, Refusal, refusal
from osreach.events.event import Event
from osreach.events.operation import action_of, service_of

OBJECT_CONTEXT = "aws:s3:arn"
"""The key of the encryption context under which S3 names the object or its bucket."""

_ARN_PARTS = 6
_BEHIND = {
    "kms:decrypt": "s3:GetObject",
    "kms:generatedatakey": "s3:PutObject",
    "kms:generatedatakeywithoutplaintext": "s3:PutObject",
    "kms:encrypt": "s3:PutObject",
    "kms:reencryptfrom": "s3:PutObject",
    "kms:reencryptto": "s3:PutObject",
}
"""What asked S3 for which call to KMS; a multipart upload decrypts too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request in terms of policies.

    `resource` is an ARN or `*`; empty where the event does not tell it. `key` is
    what names the key of a request to KMS: an ARN, an id or an alias. `bucket`
    is the name of the bucket, also of one behind a request to KMS. `behind` is
    the action of another service that needed this one (`s3:GetObject`), with the
    resource of that action; `through` is the service that called (`s3`).
    """

    action: str
    resource: str
    key: str = ""
    bucket: str = ""
    behind: str = ""
    behind_resource: str = ""
    through: str = ""
    said: Refusal = SILENT


def partition_of(region: str) -> str:
    """The partition of a region.

    Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def asked_of(event: Event) -> Asked:
    """What the event asked for; the message of the refusal is more exact than the event's name."""
    said = refusal(event.error_message)
    versioned = bool(event.parameters.get("versionId") or event.parameters.get("x-amz-version-id"))
    action = said.action if ":" in said.action else action_of(event.source, event.name, versioned=versioned)
    service = action.partition(":")[0].lower()
    through = _through(event)
    match service:
        case "kms":
            return _of_key(event, action, said, through)
        case "s3":
            return _of_bucket(event, action, said, through)
        case _:
            resource = said.resource or _resource(event, service)
            return Asked(action, resource, through=through, said=said)


def _through(event: Event) -> str:
    invoked_by = event.caller.invoked_by
    if invoked_by.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return service_of(invoked_by)
    return "s3" if invoked_by and OBJECT_CONTEXT in event.encryption_context else ""


def _of_key(event: Event, action: str, said: Refusal, through: str) -> Asked:
    key = said.resource if said.resource != "*" else ""
    key = key or event.parameters.get("keyId", "") or _named(event, "AWS::KMS::Key", ":kms:")
    arn = _key_arn(event, key)
    object_arn = event.encryption_context.get(OBJECT_CONTEXT, "")
    behind = _BEHIND.get(action.lower(), "") if object_arn else ""
    bucket = object_arn.partition(":::")[2].partition("/")[0]
    if behind and "/" not in object_arn:
        # With a bucket key the context names the bucket only.
        object_arn = f"{object_arn}/*"
    return Asked(action, arn, key, bucket, behind, object_arn if behind else "", through, said)


def _key_arn(event: Event, key: str) -> str:
    if key.startswith("arn:") or not key:
        return key
    kind = "" if key.startswith(("alias/", "key/")) else "key/"
    if not (event.region and event.account):
        return ""
    return f"arn:{partition_of(event.region)}:kms:{event.region}:{event.account}:{kind}{key}"


def _of_bucket(event: Event, action: str, said: Refusal, through: str) -> Asked:
    resource = said.resource
    written = event.parameters.get("bucketName", "")
    key = event.parameters.get("key", "")
    prefix = f"arn:{partition_of(event.region)}:s3:::"
    if not resource:
        objects = "Object" in action and "Lock" not in action and "VersionsOf" not in action
        if written:
            resource = f"{prefix}{written}/{key or '*'}" if objects else f"{prefix}{written}"
        else:
            types = ("AWS::S3::Object", "AWS::S3::Bucket") if objects else ("AWS::S3::Bucket",)
            found = next((name for kind in types if (name := _named(event, kind, ":s3:"))), "")
            bare = bool(found) and not found.startswith("arn:")
            resource = f"{prefix}{found}" if bare else found
            if objects and resource and "/" not in resource:
                resource = f"{resource}/*"
    if not resource and action.lower() == "s3:listallmybuckets":
        resource = "*"
    bucket = resource.partition(":::")[2].partition("/")[0] or written
    return Asked(action, resource, bucket=bucket, through=through, said=said)


def _named(event: Event, kind: str, service: str) -> str:
    """The resource of a type that the event names; where it has no types, the first ARN of the service."""
    typed = next((one.name for one in event.resources if one.type == kind and one.name), "")
    return typed or next((one.name for one in event.resources if not one.type and service in one.name), "")


def _resource(event: Event, service: str) -> str:
    """The resource of another service's request, as an ARN where that can be told."""
    parameters = event.parameters
    place = f"{event.region}:{event.account}"
    partition = partition_of(event.region)
    match service:
        case "es":
            name = parameters.get("domainName") or _bare(
                _named(event, "AWS::OpenSearchService::Domain", ":es:")
            )
            name = name or _bare(_named(event, "AWS::Elasticsearch::Domain", ":es:"))
            if name:
                return f"arn:{partition}:es:{place}:domain/{name}"
        case "sts":
            role = parameters.get("roleArn") or _named(event, "AWS::IAM::Role", ":iam:")
            if role:
                return role
        case "iam":
            for parameter, kind in (("roleName", "role"), ("userName", "user"), ("groupName", "group")):
                if parameter in parameters:
                    return f"arn:{partition}:iam::{event.account}:{kind}/{parameters[parameter]}"
            if "policyArn" in parameters:
                return parameters["policyArn"]
        case "lambda":
            name = parameters.get("functionName", "")
            if name:
                return name if name.startswith("arn:") else f"arn:{partition}:lambda:{place}:function:{name}"
        case _:
            pass
    found = next((one.name for one in event.resources if one.name.count(":") >= _ARN_PARTS - 1), "")
    return found or parameters.get("resourceArn") or parameters.get("arn") or ""


def _bare(name: str) -> str:
    """The name in the ARN of a domain, or the name itself."""
    return name.rpartition("domain/")[2]
