"""Reports a master user that is not one IAM user or role of the domain's own account.

The master user can do everything inside the cluster, whatever IAM allows it. A
session, a group, the root user or a wildcard is not what the service takes for
one, and one of another account hands the cluster over to that account. The ARN
of whoever deploys changes with whoever does, and is a session where a role does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.analysis import Analysis
from osreach.extract.deploying import is_deploying_identity
from osreach.iam.hole import HOLES, has_hole
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence
from osreach_rules.references import FINE_GRAINED, PRINCIPAL

_ACCOUNT = re.compile(r"arn:[^:]*:iam::(?P<account>[0-9]+):")
_ARN = re.compile(rf"arn:[^:]+:iam::[^:]+:(?:user|role)/[^*?]+|.*{HOLES}.*", re.DOTALL)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each master user that is known to be of another kind or account, or is whoever deploys."""
    for domain in analysis.domains:
        setting = domain.fine_grained.master_arn
        arn = setting.value
        if not domain.fine_grained.enabled.may_be(value=True):
            continue
        places = (Place(setting.location, "the master user"), analysis.domain_place(domain))
        if isinstance(arn, Unknown):
            if is_deploying_identity(arn.expression):
                yield Match(
                    f"the master user of `{domain.address}` is whoever deploys it, and a role deploys as a session",
                    domain.address,
                    places,
                    confidence=Confidence.POSSIBLE,
                    severity=Severity.MEDIUM,
                    principal=arn.expression,
                )
            continue
        fault = (_fault(arn) or _other_account(analysis, domain, arn)) if arn else ""
        if arn and fault:
            yield Match(
                f"the master user `{analysis.words(arn)}` of `{domain.address}` {fault}",
                domain.address,
                places,
                severity=Severity.CRITICAL if arn == "*" else None,
                principal=arn,
            )


def _fault(arn: str) -> str:
    """What is wrong with the form of the ARN, empty where nothing is known to be."""
    if arn == "*":
        return "stands for everyone"
    if ":assumed-role/" in arn:
        return "is a session of a role, not the role"
    if re.fullmatch(r"arn:[^:]*:iam::[^:]*:root", arn):
        return "is the root user, which is neither an IAM user nor a role"
    if ":group/" in arn:
        return "is a group, and nobody signs as a group"
    if ":instance-profile/" in arn:
        return "is an instance profile, not its role"
    if "*" in arn or "?" in arn:
        return "holds a wildcard, and a master user is one user or role"
    return "" if _ARN.fullmatch(arn) else "is not the ARN of an IAM user or role"


def _other_account(analysis: Analysis, domain: Domain, arn: str) -> str:
    """That the ARN is of another account that nobody said is trusted, empty where that is not known."""
    found = _ACCOUNT.match(arn)
    account = found["account"] if found else ""
    if not account or has_hole(domain.account) or account in analysis.trusted_accounts:
        return ""
    return "" if account == domain.account else "belongs to another account"


RULE = Rule(
    "OSR207",
    "unsuitable-master-user",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, PRINCIPAL),
    remedy="name one role of the domain's account that only administrators can assume",
)
