"""Notes users of Dashboards who may read data, but not use Dashboards.

Everybody who logs in there needs `opensearch_dashboards_user` (`kibana_user` on
domains that came from Elasticsearch) beside the roles for data.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.analysis import Analysis
from osreach.location import Location, Place
from osreach.opensearch.reach import Deed, reach
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import EVERYTHING_ROLES
from osreach_rules.fine_grained.login import FOR_DASHBOARDS
from osreach_rules.references import FINE_GRAINED

_OF_DASHBOARDS = (".kibana", ".opensearch_dashboards")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with a login to Dashboards and mappings, none of which is for Dashboards."""
    for content in analysis.clusters:
        login = _login(content)
        if content.domain is None or login is None or content.cluster.mappings_partial:
            continue
        mapped = {one.content.role for one in content.mappings} - EVERYTHING_ROLES
        if not mapped or mapped & FOR_DASHBOARDS or any(_opens_dashboards(content, role) for role in mapped):
            continue
        first = next(one for one in content.mappings if one.content.role in mapped)
        yield Match(
            f"no role for Dashboards of `{content.name}` is mapped to anybody",
            content.name,
            (Place(first.location, "who holds this role may need it"), Place(login, "users log in here")),
            confidence=Confidence.POSSIBLE,
        )


def _login(content: ClusterContent) -> Location | None:
    for options in (content.options.saml, content.options.cognito):
        if options is not None and options.enabled.is_certainly(value=True):
            return options.location
    return None


def _opens_dashboards(content: ClusterContent, name: str) -> bool:
    role = content.cluster.roles.get(name)
    if role is None or role.partial:
        return True
    writes = reach(role, content.cluster.groups).on(Deed.INDEX)
    return any(pattern == "*" or pattern.startswith(_OF_DASHBOARDS) for pattern in writes)


RULE = Rule(
    "OSR252",
    "no-dashboards-role",
    Severity.INFO,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="map `opensearch_dashboards_user` to everybody who uses Dashboards",
)
