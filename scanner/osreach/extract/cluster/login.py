"""How the options of a domain let clients log in to its cluster, and whom they make master user.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearch_domain
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/opensearch_domain_saml_options
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-opensearchservice-domain-advancedsecurityoptionsinput.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osreach.access.cluster import (
    ClaimOptions,
    CognitoOptions,
    LoginOptions,
    SamlOptions,
)
from osreach.access.domain import Domain
from osreach.access.setting import Setting
from osreach.extract.attribute import boolean, boolean_of, find, text
from osreach.extract.cluster.part import text_of
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes, has_hole
from osreach.location import Location
from osreach.opensearch.authentication import Login
from osreach.opensearch.mapping import Mapping, master_mappings, migration_mapping
from osreach.opensearch.user import InternalUser
from osreach.truth import Truth
from osreach.value import Object, Unknown, Value

SAML_TYPES = frozenset({"aws_opensearch_domain_saml_options", "aws_elasticsearch_domain_saml_options"})
"""Resources that hold the SAML options of a domain."""

_SESSION_MINUTES = 60


@dataclass(frozen=True, slots=True)
class _Names:
    """What one language calls the login options of a domain, and the settings in each."""

    saml: str
    cognito: str
    tokens: str
    identity_center: str
    federation: str
    enabled: str
    api_access: str
    subject_key: str
    roles_key: str
    user_pool: str
    identity_pool: str
    role: str
    entity_id: str
    master_user: str
    master_backend_role: str
    session_minutes: str


_TERRAFORM = _Names(
    saml="saml_options",
    cognito="cognito_options",
    tokens="advanced_security_options.jwt_options",
    identity_center="identity_center_options",
    federation="advanced_security_options.iam_federation_options",
    enabled="enabled",
    api_access="enabled_api_access",
    subject_key="subject_key",
    roles_key="roles_key",
    user_pool="user_pool_id",
    identity_pool="identity_pool_id",
    role="role_arn",
    entity_id="idp.entity_id",
    master_user="master_user_name",
    master_backend_role="master_backend_role",
    session_minutes="session_timeout_minutes",
)

_CLOUDFORMATION = _Names(
    saml="AdvancedSecurityOptions.SAMLOptions",
    cognito="CognitoOptions",
    tokens="AdvancedSecurityOptions.JWTOptions",
    identity_center="IdentityCenterOptions",
    federation="AdvancedSecurityOptions.IAMFederationOptions",
    enabled="Enabled",
    api_access="EnabledAPIAccess",
    subject_key="SubjectKey",
    roles_key="RolesKey",
    user_pool="UserPoolId",
    identity_pool="IdentityPoolId",
    role="RoleArn",
    entity_id="Idp.EntityId",
    master_user="MasterUserName",
    master_backend_role="MasterBackendRole",
    session_minutes="SessionTimeoutMinutes",
)


@dataclass(frozen=True, slots=True)
class DomainLogin:
    """What a domain's own options say of its cluster."""

    login: Login
    options: LoginOptions
    mappings: tuple[Mapping, ...]
    users: tuple[InternalUser, ...]


def read_login(domain: Domain, resource: Resource | None, saml: Resource | None, holes: Holes) -> DomainLogin:
    """The login of a domain; `resource` is what makes it, `saml` a separate resource with its SAML options."""
    options = LoginOptions() if resource is None else _options(resource, saml, holes)
    if resource is None and saml is not None:
        options = LoginOptions(saml=_saml(saml, _TERRAFORM, holes, default=True))
    login = _login(domain, options, seen=resource is not None)
    return DomainLogin(
        login, options, tuple(_mappings(domain, options, login, holes)), tuple(_users(domain, login, holes))
    )


def login_of_configuration(configuration: Value) -> Login:
    """The login of a cluster that is run by its owner, from `config` in `config.yml`.

    Source: https://docs.opensearch.org/latest/security/configuration/configuration/
    """
    dynamic = configuration.get("dynamic")
    http = None if dynamic is None else dynamic.get("http")
    anonymous = None if http is None else http.get("anonymous_auth_enabled")
    ways: dict[str, Truth] = {}
    methods = None if dynamic is None else dynamic.get("authc")
    for method in methods.data.entries.values() if methods and isinstance(methods.data, Object) else ():
        authenticator = method.get("http_authenticator")
        kind = None if authenticator is None else authenticator.get("type")
        if kind is not None and kind.text is not None:
            ways[kind.text] = max(ways.get(kind.text, Truth.FALSE), _switch(method.get("http_enabled")))
    return Login(
        passwords=ways.get("basic", Truth.FALSE),
        saml=ways.get("saml", Truth.FALSE),
        tokens=max(ways.get("jwt", Truth.FALSE), ways.get("openid", Truth.FALSE)),
        anonymous=Truth.FALSE if anonymous is None else _switch(anonymous),
    )


def _switch(value: Value | None) -> Truth:
    """A switch of `config.yml` that is on where it is not written."""
    match None if value is None else boolean_of(value):
        case Unknown():
            return Truth.UNKNOWN
        case False:
            return Truth.FALSE
        case _:
            return Truth.TRUE


def forbidden_indexes_left_out(configuration: Value) -> Truth:
    """Whether `config.yml` lets a read leave out the indexes that the reader may not see; off by default."""
    dynamic = configuration.get("dynamic")
    switch = None if dynamic is None else dynamic.get("do_not_fail_on_forbidden")
    return Truth.FALSE if switch is None else _switch(switch)


def _options(resource: Resource, saml: Resource | None, holes: Holes) -> LoginOptions:
    names = _CLOUDFORMATION if resource.type.startswith("AWS::") else _TERRAFORM
    separate = None if saml is None else _saml(saml, _TERRAFORM, holes, default=True)
    return LoginOptions(
        saml=separate or _saml(resource, names, holes, default=False),
        cognito=_cognito(resource, names, holes),
        tokens=_claims(resource, names.tokens, names.enabled, names, holes),
        identity_center=_claims(resource, names.identity_center, names.api_access, names, holes),
        federation=_claims(resource, names.federation, names.enabled, names, holes),
    )


def _place(resource: Resource, path: str) -> Location | None:
    """Where the options at `path` are written, None where they are not."""
    value, location = find(resource, path)
    return None if value is None else location


def _saml(resource: Resource, names: _Names, holes: Holes, *, default: bool) -> SamlOptions | None:
    location = _place(resource, names.saml)
    if location is None:
        return None
    return SamlOptions(
        address=resource.address,
        enabled=boolean(resource, f"{names.saml}.{names.enabled}", default=default),
        entity_id=text(resource, f"{names.saml}.{names.entity_id}", None, holes),
        master_user_name=text(resource, f"{names.saml}.{names.master_user}", None, holes),
        master_backend_role=text(resource, f"{names.saml}.{names.master_backend_role}", None, holes),
        subject_key=text(resource, f"{names.saml}.{names.subject_key}", None, holes),
        roles_key=text(resource, f"{names.saml}.{names.roles_key}", None, holes),
        session_minutes=_minutes(resource, f"{names.saml}.{names.session_minutes}"),
        location=location,
    )


def _minutes(resource: Resource, path: str) -> Setting[int]:
    value, location = find(resource, path)
    if value is None:
        return Setting(_SESSION_MINUTES, location, written=False)
    return Setting(_number(value), location)


def _number(value: Value) -> int | Unknown:
    match value.data:
        case bool():
            return Unknown("session timeout", "it is no number")
        case int() | float() as number:
            return int(number)
        case Unknown() as unknown:
            return unknown
        case _:
            written = value.text or ""
            return int(written) if written.isdecimal() else Unknown(written, "it is no number")


def _cognito(resource: Resource, names: _Names, holes: Holes) -> CognitoOptions | None:
    location = _place(resource, names.cognito)
    if location is None:
        return None
    return CognitoOptions(
        enabled=boolean(resource, f"{names.cognito}.{names.enabled}", default=False),
        user_pool=text(resource, f"{names.cognito}.{names.user_pool}", None, holes),
        identity_pool=text(resource, f"{names.cognito}.{names.identity_pool}", None, holes),
        role=text(resource, f"{names.cognito}.{names.role}", None, holes),
        location=location,
    )


def _keys(
    resource: Resource, path: str, names: _Names, holes: Holes
) -> tuple[Setting[str | None], Setting[str | None]]:
    """The settings for the subject and for the roles."""
    return (
        text(resource, f"{path}.{names.subject_key}", None, holes),
        text(resource, f"{path}.{names.roles_key}", None, holes),
    )


def _claims(resource: Resource, path: str, switch: str, names: _Names, holes: Holes) -> ClaimOptions | None:
    """The options at `path`, which the attribute `switch` of theirs turns on."""
    location = _place(resource, path)
    if location is None:
        return None
    enabled = boolean(resource, f"{path}.{switch}", default=False)
    return ClaimOptions(enabled, *_keys(resource, path, names, holes), location)


def _truth(setting: Setting[bool]) -> Truth:
    if isinstance(setting.value, Unknown):
        return Truth.UNKNOWN
    return Truth.TRUE if setting.value else Truth.FALSE


def _login(domain: Domain, options: LoginOptions, *, seen: bool) -> Login:
    """What the cluster accepts; without fine-grained access control it asks nobody who they are.

    Cognito works without it as well, in front of Dashboards. `seen` is false
    where only a policy tells of the domain.
    """
    inside = _truth(domain.fine_grained.enabled)
    absent = Truth.FALSE if seen else Truth.UNKNOWN

    def accepted(found: SamlOptions | ClaimOptions | None) -> Truth:
        return min(inside, absent if found is None else _truth(found.enabled))

    return Login(
        passwords=min(inside, _truth(domain.fine_grained.internal_users)),
        saml=accepted(options.saml),
        cognito=absent if options.cognito is None else _truth(options.cognito.enabled),
        tokens=accepted(options.tokens),
        identity_center=accepted(options.identity_center),
        anonymous=min(inside, _truth(domain.fine_grained.anonymous)),
    )


def _mappings(domain: Domain, options: LoginOptions, login: Login, holes: Holes) -> Iterator[Mapping]:
    """What the options map: the master users of each kind, and whoever comes during the migration period."""
    settings = domain.fine_grained
    if settings.enabled.is_certainly(value=False):
        return
    arn, name = text_of(settings.master_arn, holes), text_of(settings.master_name, holes)
    # With internal users the service takes no ARN, see the API's reference:
    # https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_AdvancedSecurityOptionsInput.html
    if arn and settings.master_arn.written and not settings.internal_users.is_certainly(value=True):
        place = settings.master_arn.location
        is_role, is_user = ":role/" in arn or ":assumed-role/" in arn, ":user/" in arn
        unsure = has_hole(arn) and not is_role and not is_user
        # The ARN of a user is the user's name, that of a role a backend role of whoever has assumed it.
        yield from master_mappings(
            user=arn if unsure or not is_role else "",
            backend_role=arn if unsure or is_role else "",
            location=place,
        )
    if name and settings.master_name.written and login.passwords is not Truth.FALSE:
        yield from master_mappings(user=name, location=settings.master_name.location)
    saml = options.saml
    if saml is not None and login.saml is not Truth.FALSE:
        user, role = text_of(saml.master_user_name, holes), text_of(saml.master_backend_role, holes)
        if user:
            yield from master_mappings(user=user, location=saml.master_user_name.location)
        if role:
            yield from master_mappings(backend_role=role, location=saml.master_backend_role.location)
    if login.anonymous is not Truth.FALSE:
        yield migration_mapping(settings.anonymous.location)


def _users(domain: Domain, login: Login, holes: Holes) -> Iterator[InternalUser]:
    """The master user of the internal database."""
    setting = domain.fine_grained.master_name
    name = text_of(setting, holes)
    if name and setting.written and login.passwords is not Truth.FALSE:
        yield InternalUser(name, location=setting.location)
