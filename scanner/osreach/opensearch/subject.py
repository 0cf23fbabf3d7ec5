"""Who asks the cluster, once it is known who that is.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html#fgac-mapping
(where names of IAM and Cognito go) and
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/application-enable-SAML-identity-federation.html
(what a session of an IAM role is called).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from osreach.opensearch.user import InternalUser


class Method(Enum):
    """How a subject proved who it is."""

    IAM = "signed request"
    INTERNAL = "user name and password"
    SAML = "SAML"
    COGNITO = "Amazon Cognito"
    TOKEN = "JSON web token"  # noqa: S105 - a name of a method, no secret
    IDENTITY_CENTER = "IAM Identity Center"
    ANONYMOUS = "no credentials"


ANONYMOUS_BACKEND_ROLE = "opendistro_security_anonymous_backendrole"
"""Source: https://docs.opensearch.org/latest/security/access-control/anonymous-authentication/"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A user name, its backend roles and attributes (`attr.internal.department`, value).

    `security_roles` are held without a mapping. `partial` says that there may
    be further backend roles. `address` is the client's, where it is known.
    """

    method: Method
    name: str
    backend_roles: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    security_roles: tuple[str, ...] = ()
    partial: bool = False
    address: str | None = None


def iam_user(arn: str) -> Subject:
    """An IAM user: its ARN is the user name."""
    return Subject(Method.IAM, arn)


def iam_role(arn: str) -> Subject:
    """A session of an IAM role: the ARN of the role (not of the session) is user name and backend role."""
    return Subject(Method.IAM, arn, (arn,))


def internal_user(user: InternalUser) -> Subject:
    """A user of the cluster's own database; attributes are called `attr.internal.<name>`."""
    attributes = tuple((f"attr.internal.{name}", value) for name, value in user.attributes)
    return Subject(
        Method.INTERNAL, user.name, user.backend_roles, attributes, user.security_roles, user.partial
    )


def saml_user(name: str, roles: Iterable[str] = ()) -> Subject:
    """A user of an assertion; `roles` are those under the configured roles key.

    Only a browser can log in so, hence only Dashboards is used:
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/saml.html
    """
    return Subject(Method.SAML, name, tuple(roles))


def token_user(name: str, roles: Iterable[str] = (), claims: Iterable[tuple[str, str]] = ()) -> Subject:
    """The bearer of a JSON web token; claims are called `attr.jwt.<name>`.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/JSON-Web-tokens.html
    """
    attributes = tuple((f"attr.jwt.{claim}", value) for claim, value in claims)
    return Subject(Method.TOKEN, name, tuple(roles), attributes)


def cognito_user(pool: str, name: str, role: str) -> Subject:
    """A user of a Cognito user pool, who signs with a role of the identity pool."""
    return Subject(Method.COGNITO, f"Cognito/{pool}/{name}", (role,))


def identity_center_user(name: str, groups: Iterable[str] = ()) -> Subject:
    """A user of IAM Identity Center with the groups under the configured roles key."""
    return Subject(Method.IDENTITY_CENTER, name, tuple(groups))


def anonymous() -> Subject:
    """Everyone without credentials, where the cluster admits such."""
    return Subject(Method.ANONYMOUS, "anonymous", (ANONYMOUS_BACKEND_ROLE,))
