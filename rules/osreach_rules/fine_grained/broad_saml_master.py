"""Reports a SAML domain that makes a group of everybody its master.

The backend role that is given as master has every right in Dashboards, the
management of users and roles among them. A group such as `users` or
`employees` holds everybody whom the identity provider knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach_rules.references import SAML

_EVERYBODY = frozenset(
    {
        "*",
        "all",
        "all_users",
        "allusers",
        "authenticated",
        "authenticated_users",
        "colleagues",
        "contractors",
        "domain_users",
        "employees",
        "everybody",
        "everyone",
        "guests",
        "members",
        "people",
        "staff",
        "user",
        "users",
    }
)
_GAPS = re.compile(r"[\s._-]+")


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each master backend role that is named as the group of everybody."""
    for content in analysis.clusters:
        saml = content.options.saml
        if content.domain is None or saml is None or saml.enabled.is_certainly(value=False):
            continue
        role = saml.master_backend_role
        if isinstance(role.value, str) and _GAPS.sub("_", role.value.strip().lower()) in _EVERYBODY:
            yield Match(
                f"every member of `{role.value}` is a master user of `{content.name}`",
                content.name,
                (Place(role.location, "the master backend role"), Place(saml.location, "of SAML")),
                principal=role.value,
            )


RULE = Rule(
    "OSR232",
    "broad-saml-master",
    Severity.HIGH,
    since="0.1",
    check=check,
    references=(SAML,),
    remedy="give a group that holds the administrators of the domain only",
)
