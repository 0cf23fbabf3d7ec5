"""Reports a role that no mapping gives to anyone.

A role without a mapping permits nothing: every request of those it is for ends
in an error. Roles that are mapped by hand are not seen here, so this looks only
at clusters of which the code maps the other roles.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import Origin
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.pattern import has_hole
from osreach.rule import Match, Rule, Severity
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import own_roles
from osreach_rules.references import FINE_GRAINED


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role of the code that is mapped to nobody where the code maps other roles of its own."""
    for content in analysis.clusters:
        mapped = {mapping.role for mapping in content.cluster.mappings}
        given = {role for user in content.cluster.users.values() for role in user.security_roles}
        own = {declared.content.name for declared in content.roles}
        # Bodies of requests are known by their files only, and one may be called otherwise than what it maps.
        if content.cluster.mappings_partial or not mapped & own or Origin.REQUESTS in content.origins:
            continue
        held = mapped | given
        for declared in own_roles(content):
            name = declared.content.name
            if not has_hole(name) and name not in held:
                yield Match(
                    f"nothing maps the role `{name}` to anyone",
                    declared.address,
                    (Place(declared.location, "the role"),),
                    confidence=Confidence.POSSIBLE,
                )


RULE = Rule(
    "OSR218",
    "unmapped-role",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="map the role, or take it out",
)
