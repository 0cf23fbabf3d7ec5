"""Buckets of S3 with their policies and default encryption."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.access.identity import Attachment
from osreach.access.setting import Setting
from osreach.iam.document import Document
from osreach.location import Location


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket.

    `name` may hold holes; `account` and `region` are those of the provider, a
    hole where unknown. `algorithm` is the default encryption (`AES256`,
    `aws:kms`, `aws:kms:dsse`) and `encryption_key` the text that names the key,
    None for the key that AWS manages. With a `bucket_key` calls to KMS are about
    the bucket and not about its objects. `public_blocked` says whether only the
    account's own principals and services profit from a policy that names
    everyone.
    Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """

    address: str
    deployment: str
    name: str
    partition: str
    account: str
    region: str
    location: Location
    policies: tuple[Attachment, ...]
    algorithm: Setting[str]
    encryption_key: Setting[str | None]
    public_blocked: Setting[bool]
    bucket_key: Setting[bool]
    defined: bool = True

    @property
    def key(self) -> str:
        """What tells one bucket of a scan from another."""
        return f"{self.deployment}\0{self.address}"

    @property
    def arn(self) -> str:
        """The ARN of the bucket; its objects are `/` and their key behind it."""
        return f"arn:{self.partition}:s3:::{self.name}"

    @property
    def documents(self) -> tuple[Document, ...]:
        """The bucket policies."""
        return tuple(policy.document for policy in self.policies)
