"""Reports a role for others than administrators that may change roles, mappings, users or the configuration.

Each of these is enough to become an administrator: by mapping oneself to
`all_access`, by adding permissions to a role that one holds, or by setting
somebody's password. Whether the service gives the security API to roles with
these permissions is not documented for every engine version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.opensearch.action_group import expand
from osreach.opensearch.pattern import matches
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach.witness import Confidence
from osreach_rules.fine_grained.content import entry_place, is_for_operators, own_roles
from osreach_rules.references import MAPPING_API, PERMISSIONS

_LEADING_ANYWHERE = (
    "restapi:admin/actiongroups",
    "restapi:admin/config/update",
    "restapi:admin/internalusers",
    "restapi:admin/roles",
    "restapi:admin/rolesmapping",
    "cluster:admin/opendistro_security/config/update",
    "cluster:admin/security/config/update",
)
_ABOUT_SECURITY = re.compile(r"restapi:|cluster:admin/(?:opendistro_)?security")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each role with a permission written out for security, but for those of administrators only."""
    for content in analysis.clusters:
        for declared in own_roles(content):
            role = declared.content
            # A mere `*` does not stand for the permissions of the security API.
            opened = [
                (action, name)
                for action, name in expand(role.cluster_permissions, content.cluster.groups).actions
                if _ABOUT_SECURITY.match(action)
                and any(matches(action, one) is Truth.TRUE for one in _LEADING_ANYWHERE)
            ]
            if opened and not is_for_operators(analysis, content, role):
                action, name = opened[0]
                yield Match(
                    f"the role `{analysis.words(role.name)}` has `{action}` and can be used to become administrator",
                    declared.address,
                    (
                        entry_place(analysis, declared, name, "the permission"),
                        Place(declared.location, "the role"),
                    ),
                    confidence=Confidence.POSSIBLE,
                    principal=role.name,
                )


RULE = Rule(
    "OSR222",
    "security-administration",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(MAPPING_API, PERMISSIONS),
    remedy="leave security to administrators",
)
