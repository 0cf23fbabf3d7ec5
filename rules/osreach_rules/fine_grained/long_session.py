"""Reports a session of Dashboards that lasts longer than a working day.

Whoever leaves the group, or loses a laptop, stays logged in until the session
ends. It lasts one hour by default and a day at most.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import SAML, SECURITY_OPTIONS

_WORKING_DAY = 480


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each SAML session of more than eight hours."""
    for content in analysis.clusters:
        saml = content.options.saml
        if content.domain is None or saml is None or saml.enabled.is_certainly(value=False):
            continue
        minutes = saml.session_minutes
        if isinstance(minutes.value, int) and minutes.value > _WORKING_DAY:
            yield Match(
                f"a login to Dashboards of `{content.name}` lasts {minutes.value} minutes",
                content.name,
                (Place(minutes.location, "the length of a session"),),
            )


RULE = Rule(
    "OSR234",
    "long-session",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SAML, SECURITY_OPTIONS),
    remedy="let a session last eight hours (480) at most",
)
