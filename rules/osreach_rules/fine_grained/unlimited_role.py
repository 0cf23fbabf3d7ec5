"""Reports a role that permits everything, as `all_access` does, under another name.

Every action on the cluster and on every index includes deleting them, taking
snapshots and changing settings. Who looks for administrators looks at
`all_access`, and misses this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.escalation import gives_everything
from osreach.rule import Match, Rule, Severity
from osreach_rules.fine_grained.content import is_for_operators, own_roles
from osreach_rules.references import PERMISSIONS

_SAYS_SO = re.compile(r"all[_-]?access|superuser", re.IGNORECASE)


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role of the code with every permission, but for those of administrators only."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            role = declared.content
            if not gives_everything(role, content.cluster.groups) or is_for_operators(
                analysis, content, role
            ):
                continue
            everywhere = next(
                (
                    one
                    for one in role.index_permissions
                    if "*" in one.patterns and not one.fields and not one.masked_fields
                ),
                None,
            )
            if everywhere is None:
                continue
            places = [Place(declared.location, "the role")]
            if everywhere.location is not None:
                places.append(Place(everywhere.location, "every action on every index"))
            yield Match(
                f"the role `{analysis.words(role.name)}` permits everything, as `all_access` does",
                declared.address,
                tuple(places),
                principal=role.name,
            )


RULE = Rule(
    "OSR221",
    "unlimited-role",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(PERMISSIONS,),
    remedy="list the actions and indexes that are needed, or map `all_access` to administrators",
)
