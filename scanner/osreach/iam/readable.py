"""Requests that people recognise: an index called movies, a search, an account of the documentation.

The values in here are wishes. Whoever uses one has checked that it fits, and
falls back to a shortest text where none does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osreach.iam.pattern import Glob, spelling

_SEVERAL = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:sourcevpcarn",
    }
)
"""Global keys that hold several values.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


def takes_several(key: str, *, quantified: bool) -> bool:
    """Whether a request can hold several values of `key` (in lower case).

    The global keys are known. Of a service's own keys those are taken to do so
    that a policy asks about with `ForAllValues` or `ForAnyValue` (`quantified`).
    """
    return key in _SEVERAL or (quantified and not key.startswith("aws:"))


_LIKELY: dict[str, tuple[str, ...]] = {
    "aws:sourceip": ("203.0.113.7", "198.51.100.7"),
    "aws:vpcsourceip": ("10.0.0.7", "10.0.1.7"),
    "aws:sourcevpce": ("vpce-0a1b2c3d4e5f67890", "vpce-0f9e8d7c6b5a43210"),
    "aws:sourcevpc": ("vpc-0a1b2c3d4e5f67890", "vpc-0f9e8d7c6b5a43210"),
    "aws:principalorgid": ("o-a1b2c3d4e5", "o-f9e8d7c6b5"),
    "aws:resourceorgid": ("o-a1b2c3d4e5", "o-f9e8d7c6b5"),
    "aws:sourceorgid": ("o-a1b2c3d4e5", "o-f9e8d7c6b5"),
    "aws:principalaccount": ("111122223333", "444455556666"),
    "aws:sourceaccount": ("111122223333", "444455556666"),
    "aws:resourceaccount": ("111122223333", "444455556666"),
    "aws:principalarn": (
        "arn:aws:iam::111122223333:role/example",
        "arn:aws:iam::444455556666:user/example",
    ),
    "aws:sourcearn": ("arn:aws:s3:::example-bucket",),
    "aws:securetransport": ("true", "false"),
    "aws:viaawsservice": ("false", "true"),
    "aws:multifactorauthpresent": ("true", "false"),
    "aws:requestedregion": ("eu-west-1", "us-east-1"),
    "aws:useragent": ("curl/8.5.0",),
    "aws:referer": ("https://example.com/",),
    "aws:username": ("example",),
}


def likely_values(key: str, patterns: Sequence[Glob]) -> list[str]:
    """Values that people expect to see under `key`: usual ones, and the patterns with a word for each `*`."""
    found = list(_LIKELY.get(key, ("example", "other")))
    for pattern in patterns:
        written = spelling(pattern.symbols)
        if "${" not in written and not pattern.wide:
            found.append(written.replace("*", "example").replace("?", "1"))
    return found


LIKELY_ACTIONS = (
    *(f"es:ESHttp{verb}" for verb in ("Get", "Post", "Put", "Delete", "Head", "Patch")),
    *(f"es:{name}" for name in ("DescribeDomain", "UpdateDomainConfig", "DeleteDomain", "ListDomainNames")),
    *(f"aoss:{name}" for name in ("APIAccessAll", "DashboardsAccessAll", "CreateCollection")),
    *(f"kms:{name}" for name in ("Decrypt", "Encrypt", "CreateGrant", "PutKeyPolicy")),
    *(f"s3:{name}" for name in ("GetObject", "PutObject", "ListBucket", "DeleteObject")),
    *(f"sts:{name}" for name in ("AssumeRole", "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")),
    "iam:PassRole",
    "osis:Ingest",
    "lambda:InvokeFunction",
)
"""Actions that people know, as a first choice.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

_WORDS: dict[str, tuple[str, ...]] = {
    "es:eshttpdelete": ("movies", "movies/_doc/1", "movies/_alias/films"),
    "es:eshttpget": ("movies/_search", "movies", "_search", "_cluster/health", "movies/_doc/1"),
    "es:eshttphead": ("movies", "movies/_doc/1"),
    "es:eshttppatch": ("movies/_doc/1", "_plugins/_security/api/roles/reader"),
    "es:eshttppost": ("movies/_search", "movies/_doc", "_bulk", "_search"),
    "es:eshttpput": ("movies/_doc/1", "movies", "_snapshot/backups/first"),
    "s3": ("reports/2026.csv", "example-bucket/reports/2026.csv", "example-bucket"),
}
_OTHER_NAMES = ("songs/_search", "orders", "songs", "")
_OTHER_WORDS = ("movies", "example", "movies/_search", "domain/movies", "1a2b3c4d", "x")
_ARNS: dict[str, tuple[str, ...]] = {
    "es": (
        "arn:aws:es:us-east-1:111122223333:domain/films/movies/_search",
        "arn:aws:es:us-east-1:111122223333:domain/films",
    ),
    "s3": ("arn:aws:s3:::example-bucket/reports/2026.csv", "arn:aws:s3:::example-bucket"),
    "kms": ("arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",),
    "aoss": ("arn:aws:aoss:us-east-1:111122223333:collection/abcdefgh12345678",),
    "sts": ("arn:aws:iam::111122223333:role/example",),
    "iam": ("arn:aws:iam::111122223333:role/example",),
}
"""Accounts and identifiers as AWS's own documentation uses them in examples."""

_PARTS = 5
_HEAD = ("arn", "aws", "es", "us-east-1", "111122223333")


def likely_resources(action: str, patterns: Sequence[Glob]) -> Iterator[str]:
    """Resources that people expect to see for `action`, made from the patterns that must match."""
    service, _, _ = action.partition(":")
    words = _WORDS.get(action.lower(), _WORDS.get(service, _OTHER_WORDS))
    ordered = sorted(patterns, key=lambda pattern: -len(pattern.symbols))
    for pattern in ordered:
        if pattern.literal is not None and pattern.is_plain:
            yield pattern.literal
    for pattern in ordered:
        written = spelling(pattern.symbols)
        if "${" in written or pattern.literal is not None:
            continue
        parts = written.split(":", _PARTS)
        if len(parts) == _PARTS + 1:
            head = [
                _HEAD[place] if part == "*" and place != 2 else service if part == "*" else part
                for place, part in enumerate(parts[:_PARTS])
            ]
            start = ":".join(part.replace("*", "1").replace("?", "1") for part in head) + ":"
            written = parts[_PARTS]
        else:
            start = ""
        if start and written == "*":
            yield from _ARNS.get(service, ())
        for word in (*words, *_OTHER_NAMES):
            yield start + written.replace("*", word, 1).replace("*", "1").replace("?", "1")
        if written.count("*") > 1:
            yield start + written.replace("*", "movies").replace("?", "1")
    yield from _ARNS.get(service, ())
