"""Reports options of fine-grained access control on a domain that has it off.

The service ignores master user and internal user database until the switch is
on: whoever reads the code sees a login, and the domain asks nobody for one. With
anonymous authentication on it may be the first of the two documented steps for
a domain that exists already; copied for a new domain it stays a step too short.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.domain import Domain
from osreach.access.setting import Setting
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.master import is_given
from osreach_rules.references import FINE_GRAINED, TERRAFORM_DOMAIN


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with the switch off that has a master user or an internal user database."""
    for domain in analysis.domains:
        switches = domain.fine_grained
        if not switches.enabled.is_certainly(value=False):
            continue
        first_step = switches.anonymous.may_be(value=True)
        options = _options(domain)
        if options:
            yield Match(
                f"without fine-grained access control {' and '.join(options)} of `{domain.address}` "
                f"{'mean' if len(options) > 1 else 'means'} nothing",
                domain.address,
                (
                    Place(
                        switches.enabled.location, "it is off" if switches.enabled.written else "it is not on"
                    ),
                    *(Place(setting.location, what) for what, setting in options.items()),
                ),
                confidence=Confidence.POSSIBLE if first_step else Confidence.CERTAIN,
                severity=Severity.LOW if first_step else None,
            )


def _options(domain: Domain) -> dict[str, Setting[bool] | Setting[str | None]]:
    """What is certainly set, by the words for it; modules have a default for the name that nobody chose."""
    switches = domain.fine_grained
    found: dict[str, Setting[bool] | Setting[str | None]] = {}
    internal = switches.internal_users.is_certainly(value=True)
    if is_given(switches.master_arn):
        found["the master user"] = switches.master_arn
    elif internal and is_given(switches.master_name):
        found["the master user"] = switches.master_name
    if internal:
        found["the internal user database"] = switches.internal_users
    return found


RULE = Rule(
    "OSR205",
    "ignored-security-options",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, TERRAFORM_DOMAIN),
    remedy="turn fine-grained access control on, or take the options out",
)
