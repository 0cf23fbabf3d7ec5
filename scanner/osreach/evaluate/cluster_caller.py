"""Callers whom the inside of a cluster names: internal users, those whom a login brings along, users and roles.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html#fgac-mapping
"""

from __future__ import annotations

from collections.abc import Iterator

from osreach.access.cluster import ClusterContent
from osreach.access.domain import Domain
from osreach.evaluate.caller import Caller, principal_of
from osreach.evaluate.cluster import content_of
from osreach.evaluate.effective import EffectiveAccess
from osreach.evaluate.exposure import Protection, protection
from osreach.evaluate.standing import Standing
from osreach.evaluate.target import Target
from osreach.iam.document import PrincipalKind, PrincipalTerm
from osreach.iam.request import Anonymous, RoleSession, User
from osreach.opensearch.authentication import Assertion, Credentials, Password, Token
from osreach.opensearch.pattern import has_hole, is_wildcard
from osreach.opensearch.subject import ANONYMOUS_BACKEND_ROLE
from osreach.truth import Truth

_ARN = "arn:"
_COGNITO = "Cognito/"
_SOMEBODY = "*"


def cluster_callers(target: Target, effective: EffectiveAccess) -> Iterator[Standing]:
    """Everyone whom the inside of a domain's cluster names and who is no identity of IAM.

    A backend role stands for anybody whom the identity provider gives it to:
    `saml:* (operators)`. Users of Amazon Cognito come with the role of their
    identity pool, which is found among the identities of IAM.
    """
    domain = target.subject
    if not isinstance(domain, Domain) or protection(domain) in {Protection.OFF, Protection.UNKNOWN}:
        return
    content = content_of(effective.model, domain)
    if content is None:
        return
    if content.login.passwords is not Truth.FALSE:
        for name in _internal(content):
            yield _unsigned(f"internal:{name}", Password(name))
    for kind, accepted in (("saml", content.login.saml), ("token", content.login.tokens)):
        if accepted is not Truth.TRUE:
            continue
        for name in _names(content):
            yield _unsigned(f"{kind}:{name}", _login(kind, name, ()))
        for role in _backend_roles(content):
            yield _unsigned(f"{kind}:{_SOMEBODY} ({role})", _login(kind, _SOMEBODY, (role,)))


def mapped_identities(target: Target, effective: EffectiveAccess) -> tuple[Caller, ...]:
    """Users and roles of IAM whom the inside of a domain's cluster names, its master user too, each once."""
    domain = target.subject
    if not isinstance(domain, Domain) or protection(domain) is Protection.OFF:
        return ()
    content = content_of(effective.model, domain)
    if content is None:
        return ()
    found: dict[str, Caller] = {}
    for mapping in content.cluster.mappings:
        for name in (*mapping.users, *mapping.backend_roles, *mapping.and_backend_roles):
            principal = (
                principal_of(PrincipalTerm(PrincipalKind.AWS, name)) if name.startswith(_ARN) else None
            )
            if isinstance(principal, User | RoleSession):
                found.setdefault(name, Caller(name, principal, None))
    return tuple(found.values())


def _unsigned(name: str, credentials: Credentials) -> Standing:
    return Standing(name, Anonymous(), credentials=credentials)


def _login(kind: str, name: str, roles: tuple[str, ...]) -> Credentials:
    return Assertion(name, roles) if kind == "saml" else Token(name, roles)


def _internal(content: ClusterContent) -> Iterator[str]:
    """Internal users that the code makes, and names in mappings that can only be theirs."""
    yield from content.cluster.users
    if content.users_partial and max(content.login.saml, content.login.tokens) is Truth.FALSE:
        yield from (name for name in _names(content) if name not in content.cluster.users)


def _names(content: ClusterContent) -> tuple[str, ...]:
    """Names of users in mappings that are neither ARNs nor of Amazon Cognito."""
    return tuple(
        dict.fromkeys(
            name
            for mapping in content.cluster.mappings
            for name in mapping.users
            if _is_plain(name) and name not in content.cluster.users
        )
    )


def _backend_roles(content: ClusterContent) -> tuple[str, ...]:
    own = {role for user in content.cluster.users.values() for role in user.backend_roles}
    return tuple(
        dict.fromkeys(
            role
            for mapping in content.cluster.mappings
            for role in (*mapping.backend_roles, *mapping.and_backend_roles)
            if _is_plain(role) and role != ANONYMOUS_BACKEND_ROLE and role not in own
        )
    )


def _is_plain(name: str) -> bool:
    return (
        bool(name) and not name.startswith((_ARN, _COGNITO)) and not is_wildcard(name) and not has_hole(name)
    )
