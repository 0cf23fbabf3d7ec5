"""Who can log in to Dashboards, and for whom the code sets it up."""

from __future__ import annotations

from itertools import chain

from osreach.access.cluster import ClusterContent
from osreach.location import Location
from osreach.truth import Truth

FOR_DASHBOARDS = frozenset(
    {"kibana_read_only", "kibana_user", "opensearch_dashboards_read_only", "opensearch_dashboards_user"}
)
"""The predefined roles that people need in Dashboards, under their old and their new names."""


def use_of_dashboards(content: ClusterContent) -> Location | None:
    """Where the code shows that Dashboards is meant to be used."""
    mapped = (one.location for one in content.mappings if one.content.role in FOR_DASHBOARDS)
    return next(chain(mapped, (one.location for one in content.tenants)), None)


def has_login(content: ClusterContent) -> bool:
    """Whether users may log in some way that Dashboards or the OpenSearch user interface offers."""
    login = content.login
    ways = (login.passwords, login.saml, login.cognito, login.tokens, login.identity_center, login.anonymous)
    return any(way is not Truth.FALSE for way in ways)
