"""Reports the temporary `default_role` in code.

The service makes it when fine-grained access control is turned on for a domain
that exists, so that signed requests keep working. The documentation asks to
delete it once the roles are mapped; code that maps it keeps it for good.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import FINE_GRAINED

_NAME = "default_role"


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role or mapping of that name, but for domains in their migration period."""
    for content in analysis.clusters:
        domain = content.domain
        if domain is not None and domain.fine_grained.anonymous.is_certainly(value=True):
            continue
        named = (
            *((one.content.name, one.address, one.location) for one in content.roles),
            *((one.content.role, one.address, one.location) for one in content.mappings),
        )
        for name, address, location in named:
            if name == _NAME:
                yield Match(
                    f"`{address}` keeps `{_NAME}`, which is meant for the migration period only",
                    address,
                    (Place(location, "it is kept here"),),
                )


RULE = Rule(
    "OSR220",
    "default-role",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(FINE_GRAINED,),
    remedy="map roles of your own and delete `default_role`",
)
