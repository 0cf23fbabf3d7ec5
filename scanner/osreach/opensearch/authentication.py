"""Who a client is to the cluster, from what it presents; the step before any role counts.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from osreach.opensearch.pattern import has_hole
from osreach.opensearch.subject import (
    Method,
    Subject,
    anonymous,
    cognito_user,
    iam_role,
    iam_user,
    identity_center_user,
    internal_user,
    saml_user,
    token_user,
)
from osreach.opensearch.user import InternalUser
from osreach.truth import Truth


@dataclass(frozen=True, slots=True)
class Login:
    """What the cluster accepts; `UNKNOWN` where it is not known. Signed requests are always accepted.

    `passwords`: users of the internal database. `anonymous`: requests without
    credentials, during the migration period.
    """

    passwords: Truth = Truth.FALSE
    saml: Truth = Truth.FALSE
    cognito: Truth = Truth.FALSE
    tokens: Truth = Truth.FALSE
    identity_center: Truth = Truth.FALSE
    anonymous: Truth = Truth.FALSE


@dataclass(frozen=True, slots=True)
class Signed:
    """A request signed by an IAM user or by a session of an IAM role; `arn` is the user's or the role's."""

    arn: str


@dataclass(frozen=True, slots=True)
class Password:
    """A user name and a password, of which it is said whether it is right."""

    name: str
    right: Truth = Truth.TRUE


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a SAML identity provider says: name and roles. Only a browser brings it."""

    name: str
    roles: tuple[str, ...] = ()
    browser: bool = True


@dataclass(frozen=True, slots=True)
class CognitoUser:
    """A user of a Cognito user pool who logs in to Dashboards, and the role of the identity pool they get."""

    pool: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Token:
    """A JSON web token: subject, roles, further claims, and whether it is valid."""

    name: str
    roles: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    valid: Truth = Truth.TRUE


@dataclass(frozen=True, slots=True)
class WorkforceUser:
    """A user of IAM Identity Center with groups, coming from OpenSearch UI."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoCredentials:
    """A request that says nothing about who sends it."""


Credentials: TypeAlias = "Signed | Password | Assertion | CognitoUser | Token | WorkforceUser | NoCredentials"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nobody is logged in: the client gets a 401. `truth` is `UNKNOWN` where that is not sure."""

    because: str
    truth: Truth = Truth.FALSE


def authenticate(
    login: Login,
    users: Mapping[str, InternalUser],
    credentials: Credentials,
    *,
    users_partial: bool = False,
) -> Subject | Refusal:
    """The subject that the credentials make, or why they make none.

    `users_partial` says that there may be further internal users.
    """
    match credentials:
        case Signed(arn):
            if ":role/" in arn:
                return iam_role(arn)
            # An ARN that is partly unknown may be a role's, which would be a backend role too.
            return iam_user(arn) if ":user/" in arn else Subject(Method.IAM, arn, partial=has_hole(arn))
        case Password():
            return _by_password(login, users, credentials, users_partial=users_partial)
        case Assertion(name, roles, browser):
            if not browser:
                return Refusal("a SAML login works in a browser only, not for requests to the API")
            refusal = _not_accepted(login.saml, "SAML")
            return refusal or saml_user(name, roles)
        case CognitoUser(pool, name, role):
            refusal = _not_accepted(login.cognito, "users of Amazon Cognito")
            return refusal or cognito_user(pool, name, role)
        case Token(name, roles, claims, valid):
            refusal = _not_accepted(login.tokens, "JSON web tokens")
            if refusal is None and valid is not Truth.TRUE:
                refusal = Refusal("the token is not valid", valid)
            return refusal or token_user(name, roles, claims)
        case WorkforceUser(name, groups):
            refusal = _not_accepted(login.identity_center, "users of IAM Identity Center")
            return refusal or identity_center_user(name, groups)
        case NoCredentials():
            match login.anonymous:
                case Truth.TRUE:
                    return anonymous()
                case Truth.UNKNOWN:
                    return Refusal(
                        "whether requests without credentials are accepted is not known", Truth.UNKNOWN
                    )
                case _:
                    return Refusal("the request brings no credentials")


def _not_accepted(accepted: Truth, what: str) -> Refusal | None:
    match accepted:
        case Truth.TRUE:
            return None
        case Truth.UNKNOWN:
            return Refusal(f"whether the domain accepts {what} is not known", Truth.UNKNOWN)
        case _:
            return Refusal(f"the domain does not accept {what}")


def _by_password(
    login: Login, users: Mapping[str, InternalUser], credentials: Password, *, users_partial: bool
) -> Subject | Refusal:
    refusal = _not_accepted(
        login.passwords, "user names and passwords, since it has no internal user database"
    )
    if refusal is not None:
        return refusal
    user = users.get(credentials.name)
    if user is None:
        truth = Truth.UNKNOWN if users_partial else Truth.FALSE
        return Refusal(f"the internal user database has no user `{credentials.name}`", truth)
    if credentials.right is not Truth.TRUE:
        return Refusal(f"the password of `{credentials.name}` is wrong", credentials.right)
    return internal_user(user)
