"""Keys of KMS with their policies, aliases and grants."""

from __future__ import annotations

from dataclasses import dataclass

from osreach.access.identity import Attachment
from osreach.access.setting import Setting
from osreach.iam.document import Document
from osreach.location import Location


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A grant on a key: who may use it for which operations (`Decrypt`).

    `grantee` is an ARN; where `constrained` the grant holds only for some
    encryption contexts.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """

    address: str
    grantee: str
    operations: tuple[str, ...]
    constrained: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Key:
    """A key of KMS.

    `arn` may hold holes. `names` are all texts by which code can refer to it:
    its ARN, its id, its aliases and their ARNs. `policies` are key policies;
    where none is written it is the one that AWS gives, and `policy_written` is
    false. `rotation` is unknown for a key that another rotates, or nobody can.
    `deletion_days` is the time between the order to delete the key and its end.
    Where `defined` is false the code only refers to the key.
    """

    address: str
    deployment: str
    arn: str
    names: frozenset[str]
    location: Location
    policies: tuple[Attachment, ...]
    policy_written: bool
    grants: tuple[KeyGrant, ...]
    enabled: Setting[bool]
    rotation: Setting[bool]
    specification: Setting[str]
    usage: Setting[str]
    lockout_check_bypassed: Setting[bool]
    deletion_days: Setting[str]
    defined: bool = True

    @property
    def key(self) -> str:
        """What tells one key of a scan from another."""
        return f"{self.deployment}\0{self.address}"

    @property
    def account(self) -> str:
        """The account that owns the key, a hole where unknown."""
        return self.arn.split(":", 5)[4]

    @property
    def region(self) -> str:
        """The region of the key, a hole where unknown."""
        return self.arn.split(":", 5)[3]

    @property
    def documents(self) -> tuple[Document, ...]:
        """The key policies."""
        return tuple(policy.document for policy in self.policies)
