"""What the four kinds of policies of OpenSearch Serverless say, every part with its place.

Texts may hold holes: single characters of a private use area that stand for
unknown texts, the same hole for the same text (the convention of
`osreach.iam.hole`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.location import Location
from osreach.serverless.fault import Fault
from osreach.truth import Truth


class PolicyType(StrEnum):
    """The `type` of a policy.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-security.html
    """

    ENCRYPTION = "encryption"
    NETWORK = "network"
    DATA = "data"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Written:
    """A text of a policy as it is written.

    Where `many`, it is one hole that stands for any number of texts.
    """

    text: str
    location: Location
    many: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A resource of a rule as written: `collection/logs*`, `index/logs/app-*`.

    Where `many`, it is one hole that stands for any number of resources. Where
    `impossible`, it certainly matches nothing although it has unknown parts: it
    names a collection by its id.
    """

    text: str
    location: Location
    many: bool = False
    impossible: bool = False

    @property
    def prefix(self) -> str:
        """What stands before the first `/`: `collection` or `index`."""
        return self.text.partition("/")[0]

    @property
    def collection(self) -> str:
        """The pattern of collection names, `logs*`; empty where there is none."""
        return self.text.partition("/")[2].partition("/")[0]

    @property
    def index(self) -> str | None:
        """The pattern of index names behind the collection, None where there is none."""
        _, slash, index = self.text.partition("/")[2].partition("/")
        return index if slash else None


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean of a policy and where it stands; where it is not written, the place of what should hold it."""

    value: Truth
    location: Location
    written: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: resources of one type, and in data access policies what is permitted on them.

    `resource_type` is None where it is not written. Where `partial`, the rule
    may say more than is known.
    """

    resource_type: Written | None
    resources: tuple[Pattern, ...]
    location: Location
    permissions: tuple[Written, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One element of a data access policy: who gets what its rules permit.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
    """

    rules: tuple[Rule, ...]
    principals: tuple[Written, ...]
    location: Location
    description: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class AccessContent:
    """A data access policy; where `partial`, there may be further entries."""

    entries: tuple[AccessEntry, ...] = ()
    partial: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """One element of a network policy: from where the endpoints of its rules are reached.

    Where `public` holds, endpoints and services beside it are ignored.
    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
    """

    rules: tuple[Rule, ...]
    public: Flag
    endpoints: tuple[Written, ...]
    services: tuple[Written, ...]
    location: Location
    description: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class NetworkContent:
    """A network policy; where `partial`, there may be further entries."""

    entries: tuple[NetworkEntry, ...] = ()
    partial: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class EncryptionContent:
    """An encryption policy: with which key collections are encrypted; `key` makes `aws_owned_key` ignored.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
    """

    rules: tuple[Rule, ...] = ()
    aws_owned_key: Flag | None = None
    key: Written | None = None
    partial: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class LifecycleContent:
    """A data lifecycle policy: for how long the data of time series is kept.

    Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-lifecycle.html
    """

    rules: tuple[LifecycleRule, ...] = ()
    partial: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class LifecycleRule:
    """Indexes, and the least time that they are kept (`24h`, `30d`); `unlimited` where they are kept for ever."""

    resource_type: Written | None
    resources: tuple[Pattern, ...]
    location: Location
    least_retention: Written | None = None
    unlimited: Flag | None = None
    partial: bool = False
