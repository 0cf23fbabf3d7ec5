"""Reports a password of a cluster that can be read in the code.

Whoever reads the repository, its history or a build log can log in; a master
user can then do everything. A default of a variable or parameter is as readable
as a literal, `sensitive` or `NoEcho` hide it from outputs only.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.secret import Fault, Secret, SecretKind
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.references import DYNAMIC_REFERENCE, FINE_GRAINED, TERRAFORM_DOMAIN

_PASSWORDS = {
    SecretKind.MASTER_PASSWORD: "the password of the master user of",
    SecretKind.USER_PASSWORD: "the password of",
}
_FAULTS = {
    Fault.SAMPLE: ", and it is the one in the documentation's example",
    Fault.SHORT: ", and it has fewer than eight characters",
    Fault.SIMPLE: ", and it lacks one of upper case, lower case, digits and signs",
    None: "",
}


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each password of a master user or internal user that stands in the code."""
    for secret in analysis.secrets:
        if secret.kind in _PASSWORDS:
            what = f"{_PASSWORDS[secret.kind]} `{secret.owner}`"
            yield Match(
                f"{what} is the one of the demo configuration, which everybody knows"
                if secret.fault is Fault.DEMO
                else f"{what} is written in the code{_FAULTS[secret.fault]}",
                secret.owner,
                tuple(_places(secret)),
                confidence=Confidence.POSSIBLE if secret.possible else Confidence.CERTAIN,
                principal=secret.name,
            )
    for shown in analysis.shown_parameters:
        yield Match(
            f"the parameter `{shown.name}` takes a password of `{shown.owner}` and shows it to everyone who can "
            "see the stack",
            shown.owner,
            (Place(shown.location, f"`{shown.name}` has no `NoEcho`"),),
            severity=Severity.MEDIUM,
            principal=shown.name,
            remedy="add `NoEcho: true`, or take the password from Secrets Manager",
        )


def _places(secret: Secret) -> Iterator[Place]:
    """Where the secret stands, and where it is used if that is elsewhere."""
    yield Place(secret.location, "it is written here", secret=True)
    if secret.used != secret.location:
        yield Place(secret.used, "it is used here")


RULE = Rule(
    "OSR706",
    "plaintext-password",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(TERRAFORM_DOMAIN, DYNAMIC_REFERENCE, FINE_GRAINED),
    remedy="change the password, and take it from Secrets Manager or from `random_password`",
)
