"""The policies that take part in a decision, by the layer they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from osreach.iam.document import Document

OrganizationLevel: TypeAlias = tuple[Document, ...] | None
"""The policies of one level of an organization; None stands for one that allows everything."""


class Layer(StrEnum):
    """A kind of policy with a say in a decision, in the order in which they are looked at."""

    RESOURCE_CONTROL = "resource_control_policy"
    SERVICE_CONTROL = "service_control_policy"
    ENDPOINT = "endpoint_policy"
    RESOURCE = "resource_policy"
    IDENTITY = "identity_policy"
    BOUNDARY = "permissions_boundary"
    SESSION = "session_policy"


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that is attached to the caller, to the resource and to their accounts.

    `boundary`, `session` and `endpoint` are empty where there are none.
    `service_control` and `resource_control` are levels from the root of the
    organization down to the account (of the caller, and of the resource); each
    level must allow. `granted` says that a KMS grant names the caller for the
    operation. A policy that cannot be known is a document with a term in
    `Document.unknown`.
    """

    identity: tuple[Document, ...] = ()
    resource: tuple[Document, ...] = ()
    boundary: tuple[Document, ...] = ()
    session: tuple[Document, ...] = ()
    service_control: tuple[OrganizationLevel, ...] = ()
    resource_control: tuple[OrganizationLevel, ...] = ()
    endpoint: tuple[Document, ...] = ()
    granted: bool = False
