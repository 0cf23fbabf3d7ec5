"""Which permission an operation needs: the event's service and name as an IAM action.

Most operations are called as their actions are. Sources for those that are not:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PREFIXES: Mapping[str, str] = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "tagging": "tag",
    "opensearchservice": "es",
    "opensearchserverless": "aoss",
    "s3-object-lambda": "s3-object-lambda",
    "s3express": "s3express",
}
"""Prefixes of actions that differ from the name of the service's endpoint."""

_S3: Mapping[str, str] = {
    "HeadObject": "GetObject",
    "SelectObjectContent": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "PostObject": "PutObject",
    "DeleteObjects": "DeleteObject",
    "ListParts": "ListMultipartUploadParts",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListBuckets": "ListAllMyBuckets",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
}
_VERSIONED = frozenset(
    {"GetObject", "DeleteObject", "GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging"}
)
"""Actions that have one of their own for a version of an object that is named."""

_LAMBDA: Mapping[str, str] = {"Invoke": "InvokeFunction"}
_KMS: Mapping[str, str] = {"ReEncrypt": "ReEncryptFrom"}
_RENAMED: Mapping[str, Mapping[str, str]] = {"s3": _S3, "lambda": _LAMBDA, "kms": _KMS}

_API_VERSION = re.compile(r"_?20[0-9]{2}_?[01][0-9]_?[0-3][0-9](?:v[0-9]+)?$")


def service_of(source: str) -> str:
    """The prefix of the actions of an event's service (`kms` for `kms.amazonaws.com`)."""
    name = source.partition(".amazonaws.")[0].lower()
    name = name.partition(".")[0] if name.startswith("s3.") else name
    return _PREFIXES.get(name, name)


def action_of(source: str, operation: str, *, versioned: bool = False) -> str:
    """The action that `operation` of `source` needs (`s3:GetObject` for `HeadObject`).

    `versioned` says that a version of an object is named. Lambda and CloudFront
    append the version of their API to the name of the operation.
    """
    service = service_of(source)
    bare = _API_VERSION.sub("", operation) or operation
    name = _RENAMED.get(service, {}).get(bare, bare)
    if service == "s3" and versioned and name in _VERSIONED:
        name = name.replace("Object", "ObjectVersion", 1)
    return f"{service}:{name}"
