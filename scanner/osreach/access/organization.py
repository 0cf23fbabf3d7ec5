"""An organization: its units and accounts, and the policies that are attached to them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from osreach.access.identity import Attachment
from osreach.location import Location


class NodeKind(StrEnum):
    """What a policy of an organization can be attached to."""

    ROOT = "root"
    UNIT = "unit"
    ACCOUNT = "account"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OrganizationNode:
    """A root, unit or account.

    `names` are all texts that mean it: its address, and its id where known.
    `parent` is a name of what it stands in, empty where not known.
    """

    kind: NodeKind
    names: frozenset[str]
    parent: str
    location: Location


@dataclass(frozen=True, slots=True)
class OrganizationAttachment:
    """A policy on one node: `target` is a name of it. `resource_control` tells RCPs from SCPs."""

    policy: Attachment
    target: str
    kind: NodeKind
    resource_control: bool


@dataclass(frozen=True, slots=True)
class Organization:
    """What the code tells of an organization.

    `management` are the accounts that are known to have created one; service
    control policies do not apply to them.
    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    """

    nodes: tuple[OrganizationNode, ...] = ()
    attachments: tuple[OrganizationAttachment, ...] = ()
    management: frozenset[str] = frozenset()
