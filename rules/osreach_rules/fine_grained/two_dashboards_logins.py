"""Reports Dashboards with two ways to log in.

Dashboards takes one method at a time: Amazon Cognito or SAML. Users of the
other one are left outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import COGNITO, SAML


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with both SAML and Amazon Cognito."""
    for content in analysis.clusters:
        saml, cognito = content.options.saml, content.options.cognito
        if content.domain is None or saml is None or cognito is None:
            continue
        if saml.enabled.is_certainly(value=True) and cognito.enabled.is_certainly(value=True):
            yield Match(
                f"Dashboards of `{content.name}` cannot use both SAML and Amazon Cognito",
                content.name,
                (
                    Place(saml.enabled.location, "SAML is on"),
                    Place(cognito.enabled.location, "and Cognito too"),
                ),
            )


RULE = Rule(
    "OSR231",
    "two-dashboards-logins",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SAML, COGNITO),
    remedy="turn off one of the two",
)
