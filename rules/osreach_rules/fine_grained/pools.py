"""The pools of Amazon Cognito behind a domain, as the rules about its login need them."""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent, CognitoOptions
from osreach.access.cognito import IdentityPool, UserPool
from osreach.access.domain import Domain
from osreach.access.identity import Identity
from osreach.access.setting import Setting
from osreach.analysis import Analysis
from osreach.iam.glob_match import texts_equal
from osreach.truth import Truth
from osreach.value import Unknown


def with_cognito(analysis: Analysis) -> Iterator[tuple[ClusterContent, Domain, CognitoOptions]]:
    """Every cluster of which Dashboards logs users in with Amazon Cognito."""
    for content in analysis.clusters:
        options = content.options.cognito
        if content.domain is not None and options is not None and options.enabled.is_certainly(value=True):
            yield content, content.domain, options


def user_pool_of(analysis: Analysis, domain: Domain, options: CognitoOptions) -> UserPool | None:
    """The user pool that the domain names, where the code makes it."""
    return analysis.model.pools.user_pool(domain.deployment, _named(options.user_pool))


def identity_pool_of(analysis: Analysis, domain: Domain, options: CognitoOptions) -> IdentityPool | None:
    """The identity pool that the domain names, where the code makes it."""
    return analysis.model.pools.identity_pool(domain.deployment, _named(options.identity_pool))


def _named(setting: Setting[str | None]) -> str:
    """The address of the resource that a setting is an attribute of, empty where it is none."""
    return setting.value.resource if isinstance(setting.value, Unknown) else ""


def role_behind(analysis: Analysis, domain: Domain, arn: str | Unknown | None) -> Identity | None:
    """The role of the code with this ARN."""
    if not isinstance(arn, str):
        return None
    return next(
        (
            one
            for one in analysis.model.identities.values()
            if one.defined
            and one.deployment == domain.deployment
            and (one.arn == arn or texts_equal(one.arn, arn) is Truth.TRUE)
        ),
        None,
    )
