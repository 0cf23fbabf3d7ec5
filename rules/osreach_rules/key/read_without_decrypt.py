"""Reports an identity that may get the objects of a bucket but not decrypt them.

S3 asks KMS with the permissions of its caller, so reading an object that is
encrypted with a customer's key needs `kms:Decrypt` on it. `AmazonS3FullAccess`
does not give that, and the policy simulator, which looks at S3 alone, does not
show it; CloudTrail has the refused `Decrypt` beside the download.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.evaluate.level import DECRYPT, Requests
from osreach.rule import Match, Rule, Severity
from osreach_rules.key.encrypted_objects import locked_out, match_of
from osreach_rules.references import BUCKET_ENCRYPTION, DEFAULT_KEY_POLICY, FORWARD_ACCESS, SIMULATOR

_READ = (Requests(("s3:GetObject",), ("/*",), ("/reports/2026.csv",)),)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each identity and bucket with the one right and without the other."""
    for one in locked_out(analysis, _READ, DECRYPT):
        yield match_of(one, "read", "kms:Decrypt")


RULE = Rule(
    "OSR504",
    "read-without-decrypt",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(BUCKET_ENCRYPTION, FORWARD_ACCESS, DEFAULT_KEY_POLICY, SIMULATOR),
    remedy="grant `kms:Decrypt` on the key of the bucket",
)
