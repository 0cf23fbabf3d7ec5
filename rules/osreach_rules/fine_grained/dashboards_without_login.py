"""Notes a cluster that is set up for users of Dashboards who have no way to log in.

With a master user of IAM the login page of Dashboards takes no password, and
without Amazon Cognito, SAML or another login nobody gets past it but through a
proxy that signs requests. A domain that only programs use needs none of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Location, Place
from osreach.opensearch.truth import Truth
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.master import is_given
from osreach_rules.references import COGNITO, FINE_GRAINED, SAML

_FOR_DASHBOARDS = frozenset(
    {"kibana_read_only", "kibana_user", "opensearch_dashboards_read_only", "opensearch_dashboards_user"}
)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with a master user of IAM and no login, whose code maps roles or makes tenants for Dashboards."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is None or not domain.fine_grained.enabled.is_certainly(value=True):
            continue
        use = _use(content)
        if use is None or not is_given(domain.fine_grained.master_arn) or _has_login(content):
            continue
        yield Match(
            f"users of Dashboards cannot log in to `{domain.address}`",
            domain.address,
            (
                Place(domain.fine_grained.master_arn.location, "a master user of IAM, so passwords are off"),
                Place(use, "this is for users of Dashboards"),
            ),
        )


def _use(content: ClusterContent) -> Location | None:
    """Where the code shows that Dashboards is meant to be used."""
    mapped = (one.location for one in content.mappings if one.content.role in _FOR_DASHBOARDS)
    return next(chain(mapped, (one.location for one in content.tenants)), None)


def _has_login(content: ClusterContent) -> bool:
    """Whether users may log in some way that Dashboards or the OpenSearch user interface offers."""
    login = content.login
    ways = (login.passwords, login.saml, login.cognito, login.tokens, login.identity_center, login.anonymous)
    return any(way is not Truth.FALSE for way in ways)


RULE = Rule(
    "OSR208",
    "dashboards-without-login",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(FINE_GRAINED, COGNITO, SAML),
    remedy="turn on Amazon Cognito or SAML, or forbid `_dashboards*` in the access policy",
)
