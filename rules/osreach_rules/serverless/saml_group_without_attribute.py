"""Reports a SAML group in a data access policy that no user can be in.

Groups come from an attribute of the assertion, which the security configuration
names. Without a group attribute users belong to no group, so the grant is empty.
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.serverless import SecurityConfiguration
from osreach.analysis import Analysis
from osreach.location import Place
from osreach.rule import Match, Rule, Severity
from osreach.serverless.pattern import has_hole
from osreach.serverless.policy import Written
from osreach.serverless.principal import PrincipalKind, named
from osreach_rules.references import SERVERLESS_DATA_ACCESS, SERVERLESS_SAML


def check(analysis: Analysis) -> Iterator[Match]:
    """Yield each group of a configuration in the code that names no group attribute."""
    for policy in analysis.serverless.data_access:
        for entry in policy.content.entries:
            for principal in entry.principals:
                configuration = _without_groups(analysis, policy.deployment, principal)
                if configuration is not None:
                    yield Match(
                        f"nobody is in the group `{analysis.words(principal.text)}`: "
                        f"`{configuration.address}` names no group attribute",
                        policy.address,
                        (
                            Place(principal.location, "the group"),
                            Place(configuration.location, "the configuration"),
                        ),
                    )


def _without_groups(analysis: Analysis, deployment: str, principal: Written) -> SecurityConfiguration | None:
    """The configuration that the group belongs to, where its users have no groups."""
    for one in analysis.serverless.configurations:
        if one.deployment != deployment or not one.defined or not one.kind.is_certainly("saml"):
            continue
        # Metadata is required: where it is not written, nothing of the options is known.
        known = one.metadata.written and one.group_attribute.value in (None, "")
        if known and _is_group_of(principal.text, one):
            return one
    return None


def _is_group_of(text: str, configuration: SecurityConfiguration) -> bool:
    if text.startswith(f"{configuration.id}/group/"):
        return True
    who = named(text)
    if who.kind is not PrincipalKind.SAML_GROUP or who.provider != configuration.name:
        return False
    return not has_hole(who.provider) or len(who.provider) == 1


RULE = Rule(
    "OSR348",
    "saml-group-without-attribute",
    Severity.MEDIUM,
    since="0.1",
    check=check,
    references=(SERVERLESS_SAML, SERVERLESS_DATA_ACCESS),
    remedy="set the group attribute of the security configuration, or name users",
)
