"""Levels of access, and the requests that make up each.

Sources:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonopensearchservice.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
https://docs.opensearch.org/latest/api-reference/search-apis/search/ (a search may be sent with POST)
https://docs.opensearch.org/latest/api-reference/document-apis/delete-by-query/ (POST deletes documents)
https://docs.opensearch.org/latest/api-reference/document-apis/bulk/ (POST and PUT delete documents)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from osreach.evaluate.target import TargetKind


class Level(StrEnum):
    """What someone can do to a resource, mildest first.

    `CONFIGURE` changes its settings; `ADMINISTER` changes who has access.
    """

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    CONFIGURE = "configure"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Requests:
    """Actions, in the order in which examples prefer them, on the ARN followed by one of `paths` (patterns).

    `likely` are paths as people send them, the first one to try.
    """

    actions: tuple[str, ...]
    paths: tuple[str, ...] = ("",)
    likely: tuple[str, ...] = ("",)


_ANY_PATH = ("/*",)
_SEARCHES = ("/_search", "/*/_search", "/_msearch", "/*/_msearch", "/_sql", "/_mget", "/*/_mget")
_DELETIONS = ("/*/_delete_by_query", "/_bulk", "/*/_bulk")

_COLLECTION_DATA = ("aoss:APIAccessAll", "aoss:DashboardsAccessAll")
"""What IAM asks for data of a collection; data access policies tell reading from writing.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/security-iam-serverless.html
"""

LEVELS: Mapping[TargetKind, Mapping[Level, tuple[Requests, ...]]] = {
    TargetKind.DOMAIN: {
        Level.READ: (
            Requests(("es:ESHttpGet", "es:ESHttpHead"), _ANY_PATH, ("/movies/_search",)),
            Requests(("es:ESHttpPost",), _SEARCHES, ("/movies/_search",)),
        ),
        Level.WRITE: (
            Requests(("es:ESHttpPost", "es:ESHttpPut", "es:ESHttpPatch"), _ANY_PATH, ("/movies/_doc",)),
        ),
        Level.DELETE: (
            Requests(("es:ESHttpDelete",), _ANY_PATH, ("/movies",)),
            Requests(("es:ESHttpPost", "es:ESHttpPut"), _DELETIONS, ("/movies/_delete_by_query", "/_bulk")),
        ),
        Level.CONFIGURE: (
            Requests(
                (
                    "es:UpdateDomainConfig",
                    "es:UpdateElasticsearchDomainConfig",
                    "es:DeleteDomain",
                    "es:DeleteElasticsearchDomain",
                    "es:UpgradeDomain",
                    "es:UpgradeElasticsearchDomain",
                    "es:CreateIndex",
                    "es:UpdateIndex",
                    "es:DeleteIndex",
                    "es:AddTags",
                    "es:RemoveTags",
                )
            ),
        ),
        Level.ADMINISTER: (Requests(("es:UpdateDomainConfig", "es:UpdateElasticsearchDomainConfig")),),
    },
    TargetKind.KEY: {
        Level.READ: (Requests(("kms:Decrypt",)),),
        Level.WRITE: (
            Requests(
                (
                    "kms:GenerateDataKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptTo",
                )
            ),
        ),
        Level.DELETE: (
            Requests(("kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DeleteImportedKeyMaterial")),
        ),
        Level.CONFIGURE: (
            Requests(
                (
                    "kms:EnableKey",
                    "kms:EnableKeyRotation",
                    "kms:DisableKeyRotation",
                    "kms:UpdateKeyDescription",
                    "kms:UpdateAlias",
                    "kms:TagResource",
                    "kms:UntagResource",
                )
            ),
        ),
        Level.ADMINISTER: (Requests(("kms:PutKeyPolicy", "kms:CreateGrant")),),
    },
    TargetKind.BUCKET: {
        Level.READ: (Requests(("s3:GetObject", "s3:GetObjectVersion"), _ANY_PATH, ("/reports/2026.csv",)),),
        Level.WRITE: (Requests(("s3:PutObject",), _ANY_PATH, ("/reports/2026.csv",)),),
        Level.DELETE: (
            Requests(("s3:DeleteObject", "s3:DeleteObjectVersion"), _ANY_PATH, ("/reports/2026.csv",)),
            Requests(("s3:DeleteBucket",)),
        ),
        Level.CONFIGURE: (
            Requests(
                (
                    "s3:PutEncryptionConfiguration",
                    "s3:PutLifecycleConfiguration",
                    "s3:PutBucketVersioning",
                    "s3:PutReplicationConfiguration",
                    "s3:PutBucketPublicAccessBlock",
                    "s3:PutBucketLogging",
                )
            ),
        ),
        Level.ADMINISTER: (
            Requests(("s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl")),
            Requests(("s3:PutObjectAcl",), _ANY_PATH, ("/reports/2026.csv",)),
        ),
    },
    TargetKind.ROLE: {
        Level.DELETE: (Requests(("iam:DeleteRole",)),),
        Level.CONFIGURE: (
            Requests(
                (
                    "iam:PutRolePolicy",
                    "iam:AttachRolePolicy",
                    "iam:PutRolePermissionsBoundary",
                    "iam:DeleteRolePermissionsBoundary",
                )
            ),
        ),
        Level.ADMINISTER: (Requests(("iam:UpdateAssumeRolePolicy",)),),
    },
    TargetKind.COLLECTION: {
        Level.READ: (Requests(_COLLECTION_DATA),),
        Level.WRITE: (Requests(_COLLECTION_DATA),),
        Level.DELETE: (Requests(_COLLECTION_DATA),),
        Level.CONFIGURE: (Requests(("aoss:UpdateCollection", "aoss:DeleteCollection")),),
        Level.ADMINISTER: (Requests(("aoss:CreateAccessPolicy", "aoss:UpdateAccessPolicy")),),
    },
    TargetKind.OTHER: {},
}
"""For each kind of resource the requests of each level."""

ASSUME = (Requests(("sts:AssumeRole",)),)
"""What assuming a role asks for."""

DECRYPT = (Requests(("kms:Decrypt",)),)
"""What reading an encrypted object asks of the key.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

ENCRYPT = (Requests(("kms:GenerateDataKey",)),)
"""What writing an encrypted object asks of the key (same source)."""


def requests_for(kind: TargetKind, action: str) -> tuple[Requests, ...]:
    """The one action on a resource of a kind: on its paths where the kind's own actions of that form are."""
    prefix = action.lower().partition(":")[0]
    if kind is TargetKind.DOMAIN and action.lower().startswith("es:eshttp"):
        return (Requests((action,), _ANY_PATH, ("/movies/_search",)),)
    if kind is TargetKind.BUCKET and prefix == "s3" and "object" in action.lower():
        return (Requests((action,), _ANY_PATH, ("/reports/2026.csv",)),)
    return (Requests((action,)),)
