"""Reports a master user's password in a state of Terraform that is not encrypted.

Terraform keeps every argument of a resource in its state, whether the value is
written in the code, generated or looked up. A local state is a file in plain
text. Amazon S3 encrypts every object with a key of its own where nobody asks;
`encrypt` with a key of KMS lets the key's policy decide who reads the state, too.
Nothing is said where no backend is written, since it may be written elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.secret import Keeping
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED, S3_BACKEND, TERRAFORM_DOMAIN, TERRAFORM_STATE


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain whose master user's password ends up in such a state."""
    for stored in analysis.stored_passwords:
        yield Match(
            f"Terraform keeps the password of the master user of `{stored.owner}` {stored.keeping.value}",
            stored.owner,
            (
                Place(stored.backend, "the state is kept here"),
                Place(stored.location, "a master user with a password"),
            ),
            severity=Severity.INFO if stored.keeping is Keeping.BUCKET else None,
        )


RULE = Rule(
    "OSR712",
    "password-in-state",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(TERRAFORM_STATE, S3_BACKEND, TERRAFORM_DOMAIN, FINE_GRAINED),
    remedy="use a master user of IAM, or a remote backend that encrypts the state and that few may read",
)
