"""What the code says about the inside of a cluster: how clients log in, and roles, mappings and users.

Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from osreach.access.domain import Domain
from osreach.access.setting import Setting
from osreach.location import Location
from osreach.opensearch.action_group import ActionGroup
from osreach.opensearch.authentication import Login
from osreach.opensearch.cluster import Cluster
from osreach.opensearch.mapping import Mapping
from osreach.opensearch.role import Role
from osreach.opensearch.user import InternalUser

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Declared(Generic[T]):
    """Something inside a cluster and the resource (or the file's entry) that makes it.

    `address` is written as for resources: `opensearch_role.reader`, or for a
    file of the Security plugin its path and the entry (`security/roles.yml: reader`).
    """

    address: str
    deployment: str
    content: T
    location: Location


@dataclass(frozen=True, slots=True)
class SamlOptions:
    """SAML for Dashboards; the session lasts `session_minutes` (60 where it is not written).

    Source: https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_SAMLOptionsInput.html
    """

    address: str
    enabled: Setting[bool]
    entity_id: Setting[str | None]
    master_user_name: Setting[str | None]
    master_backend_role: Setting[str | None]
    subject_key: Setting[str | None]
    roles_key: Setting[str | None]
    session_minutes: Setting[int]
    location: Location


@dataclass(frozen=True, slots=True)
class CognitoOptions:
    """Amazon Cognito for Dashboards; ids and the role's ARN may hold holes.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cognito-auth.html
    """

    enabled: Setting[bool]
    user_pool: Setting[str | None]
    identity_pool: Setting[str | None]
    role: Setting[str | None]
    location: Location


@dataclass(frozen=True, slots=True)
class ClaimOptions:
    """A login that says by claims, attributes or tags who somebody is: which one holds the name, which the roles.

    Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/JSON-Web-tokens.html,
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/idc-aos.html and
    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/application-enable-SAML-identity-federation.html
    """

    enabled: Setting[bool]
    subject_key: Setting[str | None]
    roles_key: Setting[str | None]
    location: Location


@dataclass(frozen=True, slots=True)
class LoginOptions:
    """Each way to log in that the code writes down, None where it does not mention it.

    `tokens` are JSON web tokens; with `federation` the tags of a session say who it is.
    """

    saml: SamlOptions | None = None
    cognito: CognitoOptions | None = None
    tokens: ClaimOptions | None = None
    identity_center: ClaimOptions | None = None
    federation: ClaimOptions | None = None


class Origin(Enum):
    """Where the inside of a cluster is written down."""

    PROVIDER = "cluster-side Terraform provider"
    FILES = "files of the Security plugin"
    REQUESTS = "bodies of the security API"


@dataclass(frozen=True, slots=True)
class SnapshotRepository:
    """A snapshot repository of the cluster; texts may hold holes, empty where they are not written.

    `caller` is the ARN of the identity that registers it (the provider's
    assumed role), empty where that is not known. `read_only` as written.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshot-registerdirectory.html
    """

    name: str
    kind: str
    bucket: str
    role: str
    caller: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class ClusterContent:
    """The inside of one cluster.

    `domain` is None where the code does not tell which domain it is for (or
    that domain is not in the code). Of every domain of the code there is one,
    also where nothing is declared. `origins` are the places where anything is
    declared; where there are none, roles may be mapped by hand in Dashboards,
    and `cluster.mappings_partial` is true. `cluster` holds everything together
    with the predefined roles and what the master user options map. `login` is
    what the cluster accepts, `options` how that is configured.
    `users_partial`: there may be internal users that the code does not show.
    """

    domain: Domain | None
    deployment: str
    cluster: Cluster
    login: Login
    options: LoginOptions
    origins: frozenset[Origin] = frozenset()
    roles: tuple[Declared[Role], ...] = ()
    mappings: tuple[Declared[Mapping], ...] = ()
    users: tuple[Declared[InternalUser], ...] = ()
    groups: tuple[Declared[ActionGroup], ...] = ()
    tenants: tuple[Declared[str], ...] = ()
    audit: tuple[Declared[bool], ...] = ()
    repositories: tuple[Declared[SnapshotRepository], ...] = ()
    templates: tuple[Declared[tuple[str, ...]], ...] = ()
    users_partial: bool = True

    @property
    def name(self) -> str:
        """The address of the domain for people, or where the content is declared."""
        if self.domain is not None:
            return self.domain.address
        addresses = [
            *(one.address for one in self.roles),
            *(one.address for one in self.mappings),
            *(one.address for one in self.users),
            *(one.address for one in self.groups),
            *(one.address for one in self.tenants),
            *(one.address for one in self.audit),
            *(one.address for one in self.repositories),
            *(one.address for one in self.templates),
        ]
        return addresses[0] if addresses else self.deployment
