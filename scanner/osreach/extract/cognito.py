"""Pools of Amazon Cognito, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cognito_user_pool
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cognito_identity_pool
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cognito_identity_pool_roles_attachment
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Cognito.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osreach.access.cognito import IdentityPool, Pools, UserPool
from osreach.access.setting import Setting
from osreach.extract.attribute import boolean, find, with_holes
from osreach.extract.network import referenced
from osreach.extract.owner import is_data
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.value import Object, Value


@dataclass(frozen=True, slots=True)
class _Names:
    """What one language calls the types and settings."""

    user_pool: str
    provider: str
    identity_pool: str
    attachment: str
    only_administrators: str
    sign_up: str
    pool_of_provider: str
    guests: str
    pool_of_attachment: str
    authenticated: str
    unauthenticated: str
    rules: str
    fallback: str


_TERRAFORM = _Names(
    user_pool="aws_cognito_user_pool",
    provider="aws_cognito_identity_provider",
    identity_pool="aws_cognito_identity_pool",
    attachment="aws_cognito_identity_pool_roles_attachment",
    only_administrators="admin_create_user_config.allow_admin_create_user_only",
    sign_up="lambda_config.pre_sign_up",
    pool_of_provider="user_pool_id",
    guests="allow_unauthenticated_identities",
    pool_of_attachment="identity_pool_id",
    authenticated="roles.authenticated",
    unauthenticated="roles.unauthenticated",
    rules="role_mapping",
    fallback="ambiguous_role_resolution",
)
_CLOUDFORMATION = _Names(
    user_pool="AWS::Cognito::UserPool",
    provider="AWS::Cognito::UserPoolIdentityProvider",
    identity_pool="AWS::Cognito::IdentityPool",
    attachment="AWS::Cognito::IdentityPoolRoleAttachment",
    only_administrators="AdminCreateUserConfig.AllowAdminCreateUserOnly",
    sign_up="LambdaConfig.PreSignUp",
    pool_of_provider="UserPoolId",
    guests="AllowUnauthenticatedIdentities",
    pool_of_attachment="IdentityPoolId",
    authenticated="Roles.authenticated",
    unauthenticated="Roles.unauthenticated",
    rules="RoleMappings",
    fallback="AmbiguousRoleResolution",
)
_LANGUAGES = (_TERRAFORM, _CLOUDFORMATION)

TYPES = frozenset(
    name
    for names in _LANGUAGES
    for name in (names.user_pool, names.provider, names.identity_pool, names.attachment)
)
"""The resource types that this module reads."""

_EVERYBODY = "AuthenticatedRole"


def read_pools(resources: Iterable[Resource], holes: Holes) -> Pools:
    """Every pool with what stands beside it."""
    listed = [one for one in resources if one.type in TYPES and not is_data(one)]
    users: list[UserPool] = []
    identities: list[IdentityPool] = []
    for names in _LANGUAGES:
        external = {
            (one.deployment, _target(one, names.pool_of_provider))
            for one in listed
            if one.type == names.provider
        }
        attached = {
            (one.deployment, _target(one, names.pool_of_attachment)): one
            for one in listed
            if one.type == names.attachment
        }
        for one in listed:
            key = one.deployment, one.address
            if one.type == names.user_pool:
                users.append(_user_pool(one, names, external=key in external))
            elif one.type == names.identity_pool:
                identities.append(_identity_pool(one, names, attached, holes))
    return Pools(tuple(users), tuple(identities))


def _target(resource: Resource, name: str) -> str:
    """The address of the pool that a resource names, empty where it names none of the code."""
    value = resource.get(name)
    return (referenced(value) if value is not None else None) or ""


def _user_pool(resource: Resource, names: _Names, *, external: bool) -> UserPool:
    check, _ = find(resource, names.sign_up)
    return UserPool(
        address=resource.address,
        deployment=resource.deployment,
        only_administrators=boolean(resource, names.only_administrators, default=False),
        checked=check is not None,
        external=external,
        location=resource.location,
    )


def _identity_pool(
    resource: Resource, names: _Names, attached: Mapping[tuple[str, str], Resource], holes: Holes
) -> IdentityPool:
    roles = attached.get((resource.deployment, resource.address))
    return IdentityPool(
        address=resource.address,
        deployment=resource.deployment,
        guests=boolean(resource, names.guests, default=False),
        authenticated=_role(roles, resource, names.authenticated, holes),
        unauthenticated=_role(roles, resource, names.unauthenticated, holes),
        by_rules=roles is not None and _by_rules(roles, names),
        location=resource.location,
    )


def _role(roles: Resource | None, pool: Resource, path: str, holes: Holes) -> Setting[str | None]:
    if roles is None:
        return Setting(None, pool.location, written=False)
    value, location = find(roles, path)
    if value is None:
        return Setting(None, location, written=False)
    return Setting(with_holes(value, holes), location)


def _by_rules(roles: Resource, names: _Names) -> bool:
    """Whether rules or tokens choose the role, and no rule leaves everybody else the authenticated one."""
    rules = roles.get(names.rules)
    if rules is None:
        return False
    listed: tuple[Value, ...] = rules.items
    if isinstance(rules.data, Object):
        listed = tuple(rules.data.entries.values())  # CloudFormation gives each a name
    fallbacks = [rule.get(names.fallback) for rule in listed]
    return not any(one is not None and one.text == _EVERYBODY for one in fallbacks)
