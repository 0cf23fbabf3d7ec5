"""Reports a domain whose master user and internal user database do not fit together.

A master user of IAM goes with an internal user database that is off, a master
user with name and password with one that is on. The service refuses anything
else, and fine-grained access control without any master user too.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.access.setting import Setting
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.value import Unknown
from osreach.witness import Confidence
from osreach_rules.fine_grained.master import is_given
from osreach_rules.references import FINE_GRAINED, SECURITY_OPTIONS, TERRAFORM_DOMAIN


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with fine-grained access control whose master user contradicts the rest."""
    for domain in analysis.domains:
        switches = domain.fine_grained
        if not switches.enabled.is_certainly(value=True):
            continue
        users = switches.internal_users
        if is_given(switches.master_arn) and users.is_certainly(value=True):
            yield Match(
                f"`{domain.address}` has a master user of IAM and the internal user database on",
                domain.address,
                (
                    Place(switches.master_arn.location, "the master user of IAM"),
                    Place(users.location, "the internal user database is on"),
                ),
            )
        elif (
            is_given(switches.master_name)
            and _is_not_given(switches.master_arn)
            and users.is_certainly(value=False)
        ):
            yield Match(
                f"`{domain.address}` has a master user with a password and the internal user database off",
                domain.address,
                (
                    Place(switches.master_name.location, "the master user"),
                    Place(
                        users.location,
                        "the internal user database is off" if users.written else "it is not on",
                    ),
                ),
            )
        elif _has_none(domain):
            yield Match(
                f"`{domain.address}` has fine-grained access control and no master user",
                domain.address,
                (Place(switches.enabled.location, "fine-grained access control is on"),),
                confidence=Confidence.POSSIBLE,
                severity=Severity.LOW,
            )


def _has_none(domain: Domain) -> bool:
    """Whether it is known that no master user is written down; a domain that exists may have one."""
    return _is_not_given(domain.fine_grained.master_arn) and _is_not_given(domain.fine_grained.master_name)


def _is_not_given(setting: Setting[str | None]) -> bool:
    return not isinstance(setting.value, Unknown) and not setting.value


RULE = Rule(
    "OSR206",
    "contradictory-master-user",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SECURITY_OPTIONS, TERRAFORM_DOMAIN, FINE_GRAINED),
    remedy="give an ARN with the internal user database off, or a name and a password with it on",
)
