"""A domain of OpenSearch Service or Elasticsearch Service, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.access.network import Exposure, GroupReference
from osreach.access.setting import Setting
from osreach.iam.document import Document
from osreach.location import Location
from osreach.value import Unknown


class EngineKind(StrEnum):
    """Which of the two engines a domain runs."""

    OPENSEARCH = "OpenSearch"
    ELASTICSEARCH = "Elasticsearch"


@dataclass(frozen=True, slots=True)
class Engine:
    """Engine and version; `(2, 11)` for `OpenSearch_2.11`."""

    kind: EngineKind
    version: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """One access policy of a domain and where it is attached.

    `owner` is the address of the resource that holds it: the domain itself, or
    a separate policy resource. `document` is None where the policy could not be
    read at all or is not known; `unknown` then says why.
    """

    owner: str
    document: Document | None
    location: Location
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class FineGrainedAccess:
    """The switches of fine-grained access control.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """

    enabled: Setting[bool]
    internal_users: Setting[bool]
    anonymous: Setting[bool]
    master_arn: Setting[str | None]
    master_name: Setting[str | None]


@dataclass(frozen=True, slots=True)
class LogPublishing:
    """One kind of log and whether it is published."""

    kind: str | Unknown
    enabled: Setting[bool]
    location: Location


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain with everything in the code that decides who can reach its data.

    `name` and `arn` may hold holes for parts that are not known. `account` and
    `region` and `partition` are the parts of the ARN, a hole each where unknown.
    `clause_limit` is how many clauses a query may have, None where it is not
    written.
    """

    address: str
    deployment: str
    name: str
    partition: str
    region: str
    account: str
    location: Location
    engine: Setting[Engine | None]
    exposure: Exposure
    network_location: Location
    security_groups: tuple[GroupReference, ...]
    policies: tuple[AttachedPolicy, ...]
    fine_grained: FineGrainedAccess
    encrypted_at_rest: Setting[bool]
    encryption_key: Setting[str | None]
    encrypted_between_nodes: Setting[bool]
    https_only: Setting[bool]
    tls_policy: Setting[str]
    explicit_index: Setting[bool]
    explicit_index_is_text: bool
    cognito: Setting[bool]
    saml: Setting[bool]
    logs: tuple[LogPublishing, ...]
    clause_limit: Setting[str] | None = None

    @property
    def arn(self) -> str:
        """The ARN of the domain, without any path.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonopensearchservice.html
        """
        return f"arn:{self.partition}:es:{self.region}:{self.account}:domain/{self.name}"

    @property
    def documents(self) -> tuple[Document, ...]:
        """The access policies that could be read."""
        return tuple(policy.document for policy in self.policies if policy.document is not None)
