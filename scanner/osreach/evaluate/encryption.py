"""Which key a bucket's objects are encrypted with, and what that asks of whoever reads or writes them.

S3 calls KMS with the permissions of its caller, so an encrypted object needs
rights on its key too. Sources:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from osreach.access.bucket import Bucket
from osreach.access.identity import Attachment
from osreach.access.model import Model
from osreach.evaluate.circumstances import Circumstances
from osreach.evaluate.target import Target, TargetKind, of_key
from osreach.extract.key import named_key
from osreach.iam.document import Document, Term
from osreach.value import Unknown


class Encryption(Enum):
    """Whose key it is."""

    WITHOUT_KEY = "none that a caller needs"
    OF_AWS = "managed by AWS"
    CUSTOMER = "a customer's key"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """The key of a bucket; `target` is there where callers need rights on it."""

    kind: Encryption
    target: Target | None = None
    unknown: Unknown | None = None


_READS = frozenset({"s3:getobject", "s3:getobjectversion", "s3:getobjecttorrent"})
_WRITES = frozenset({"s3:putobject", "s3:replicateobject", "s3:restoreobject"})
_OF_AWS = "alias/aws/s3"


def key_action(action: str) -> str | None:
    """The action on the key that an action on an encrypted object needs, None where it needs none."""
    lower = action.lower()
    if lower in _READS:
        return "kms:Decrypt"
    return "kms:GenerateDataKey" if lower in _WRITES else None


def key_of(bucket: Bucket, model: Model) -> EncryptionKey:
    """The key that new objects of the bucket are encrypted with."""
    algorithm = bucket.algorithm.value
    if isinstance(algorithm, Unknown):
        return EncryptionKey(Encryption.UNKNOWN, unknown=algorithm)
    if not algorithm.startswith("aws:kms"):
        return EncryptionKey(Encryption.WITHOUT_KEY)
    name = bucket.encryption_key.value
    if name is None:
        return EncryptionKey(Encryption.OF_AWS)
    if isinstance(name, Unknown):
        return EncryptionKey(Encryption.UNKNOWN, unknown=name)
    if name.endswith(_OF_AWS):
        return EncryptionKey(Encryption.OF_AWS)
    key = named_key(model.keys, name, bucket.deployment)
    return EncryptionKey(
        Encryption.CUSTOMER, of_key(key) if key is not None else _unseen(name, bucket, model)
    )


def _unseen(name: str, bucket: Bucket, model: Model) -> Target:
    """A key that no file defines: nothing is known of its policy."""
    arn = name if name.startswith("arn:") else ""
    if not arn:
        arn = f"arn:{bucket.partition}:kms:{bucket.region}:{bucket.account}:key/{name}"
    parts = arn.split(":", 5)
    label = f"policy of {model.holes.fill(name)}"
    term = Term(model.holes.hole(label), bucket.encryption_key.location, many=True)
    document = Document((), None, (term,), label)
    policy = Attachment(label, bucket.address, document, bucket.encryption_key.location)
    address = model.holes.fill(name)
    return Target(TargetKind.KEY, address, bucket.deployment, arn, parts[4], parts[3], (policy,), None)


def through_s3(resource: str = "") -> Circumstances:
    """The call that S3 makes for its caller; `resource` is the ARN of the object, empty for any."""
    return Circumstances(through="s3", context={"aws:s3:arn": resource} if resource else {})
