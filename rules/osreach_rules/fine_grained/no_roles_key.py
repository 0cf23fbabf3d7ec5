"""Reports SAML without backend roles while roles are mapped to groups.

Without a roles key the assertion brings no backend roles, so that a mapping to
a group of the identity provider reaches nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, Declared
from osreach.analysis import Analysis
from osreach.iam.hole import has_hole
from osreach.location import Place
from osreach.opensearch.mapping import Mapping
from osreach.rule import Match, Rule, Severity
from osreach.truth import Truth
from osreach_rules.references import SAML


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each domain with SAML, without roles key, and with backend roles that only SAML could bring."""
    for content in analysis.clusters:
        saml = content.options.saml
        if content.domain is None or saml is None or not saml.enabled.is_certainly(value=True):
            continue
        key = saml.roles_key
        if key.value not in (None, ""):
            continue
        master = saml.master_backend_role
        if isinstance(master.value, str) and master.value:
            yield Match(
                f"SAML of `{content.name}` brings no backend roles, so nobody is master by `{master.value}`",
                content.name,
                (
                    Place(master.location, "the master backend role"),
                    Place(key.location, "no roles key is given"),
                ),
                severity=Severity.MEDIUM,
                principal="master_backend_role",
            )
        elif (mapped := _group(content)) is not None:
            declared, group = mapped
            yield Match(
                f"SAML of `{content.name}` brings no backend roles, so `{declared.content.role}` reaches nobody "
                f"by `{group}`",
                content.name,
                (
                    Place(saml.location, "no roles key is given"),
                    Place(declared.location, f"`{group}` is mapped here"),
                ),
                principal=declared.content.role,
            )


def _group(content: ClusterContent) -> tuple[Declared[Mapping], str] | None:
    """The first mapping with a backend role that is no ARN and that no other login could bring."""
    login = content.login
    if max(login.passwords, login.tokens, login.identity_center) is not Truth.FALSE:
        return None
    for declared in content.mappings:
        for group in declared.content.backend_roles:
            if not group.startswith("arn:") and not has_hole(group) and "*" not in group:
                return declared, group
    return None


RULE = Rule(
    "OSR233",
    "no-roles-key",
    Severity.LOW,
    since="0.1",
    check=check,
    references=(SAML,),
    remedy="give the attribute of the assertion that holds the groups as roles key",
)
