"""Notes a cluster that is set up for users of Dashboards who have no way to log in.

With a master user of IAM the login page of Dashboards takes no password, and
without Amazon Cognito, SAML or another login nobody gets past it but through a
proxy that signs requests. A domain that only programs use needs none of this.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.login import has_login, use_of_dashboards
from osreach_rules.fine_grained.master import is_given
from osreach_rules.references import COGNITO, FINE_GRAINED, SAML


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with a master user of IAM and no login, whose code maps roles or makes tenants for Dashboards."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is None or not domain.fine_grained.enabled.is_certainly(value=True):
            continue
        use = use_of_dashboards(content)
        if use is None or not is_given(domain.fine_grained.master_arn) or has_login(content):
            continue
        yield Match(
            f"users of Dashboards cannot log in to `{domain.address}`",
            domain.address,
            (
                Place(domain.fine_grained.master_arn.location, "a master user of IAM, so passwords are off"),
                Place(use, "this is for users of Dashboards"),
            ),
        )


RULE = Rule(
    "OSR208",
    "dashboards-without-login",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, COGNITO, SAML),
    remedy="turn on Amazon Cognito or SAML, or forbid `_dashboards*` in the access policy",
)
