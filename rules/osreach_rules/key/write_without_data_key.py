"""Reports an identity that may put objects into a bucket but not encrypt them.

S3 asks KMS with the permissions of its caller, so writing to a bucket that
encrypts with a customer's key needs `kms:GenerateDataKey` on it, and an upload
in parts `kms:Decrypt` as well. Roles that take snapshots or deliver logs need
it too.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.level import ENCRYPT, Requests
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.encrypted_objects import locked_out, match_of
from osreach_rules.references import BUCKET_ENCRYPTION, DEFAULT_KEY_POLICY, FORWARD_ACCESS

_WRITE = (Requests(("s3:PutObject",), ("/*",), ("/reports/2026.csv",)),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each identity and bucket with the one right and without the other."""
    for one in locked_out(analysis, _WRITE, ENCRYPT):
        yield match_of(one, "write to", "kms:GenerateDataKey")


RULE = Rule(
    "OSR505",
    "write-without-data-key",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(BUCKET_ENCRYPTION, FORWARD_ACCESS, DEFAULT_KEY_POLICY),
    remedy="grant `kms:GenerateDataKey` on the key of the bucket",
)
