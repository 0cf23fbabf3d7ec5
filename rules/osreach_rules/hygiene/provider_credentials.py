"""Reports credentials in the configuration of a provider that manages a cluster.

The provider makes roles, mappings and users, so its credentials are those of an
administrator. It signs requests with the credentials of the environment or of a
role that it assumes, and takes user and password from variables or from the
environment.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.secret import SecretKind
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import CLUSTER_PROVIDER


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each password, token or secret key that a provider block is given as text."""
    for secret in analysis.secrets:
        if secret.kind is SecretKind.CLIENT:
            yield Match(
                f"`{secret.name}` of `{secret.owner}` is written in the code",
                secret.owner,
                (
                    Place(secret.location, "it is written here", secret=True),
                    Place(secret.used, "it is used here"),
                ),
                confidence=Confidence.POSSIBLE if secret.possible else Confidence.CERTAIN,
                principal=secret.name,
            )


RULE = Rule(
    "OSR707",
    "provider-credentials",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(CLUSTER_PROVIDER,),
    remedy="let the provider assume a role (`aws_assume_role_arn`), or take the secret from a variable without default",
)
