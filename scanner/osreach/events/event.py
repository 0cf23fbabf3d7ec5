"""One event of CloudTrail as plain values.

Sources:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from osreach.location import Location

ANONYMOUS = "anonymous"
"""How an event's caller who did not sign is shown."""


class CallerKind(StrEnum):
    """What an event tells about its caller.

    `NAMED` is a bare name, as the event history's CSV has it: that of a user or
    of a role's session. `ACCOUNT` is somebody of an account, most often another
    one. `OTHER` is a user of a directory, or one whom the event does not name.
    """

    USER = "user"
    ROLE = "role"
    ROOT = "root"
    FEDERATED = "federated"
    WEB_IDENTITY = "web_identity"
    SERVICE = "service"
    ANONYMOUS = "anonymous"
    ACCOUNT = "account"
    NAMED = "named"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EventCaller:
    """Who made the request.

    `arn` is the caller as the event has it (`arn:aws:sts::…:assumed-role/etl/job`
    for a session), `name` the name of the user, of the session or of the
    service. `role` is the ARN of the session's role with its path, empty where
    the event does not tell it. `invoked_by` is the service that made the request
    for the caller (`s3.amazonaws.com`), or `AWS Internal`. `multi_factor` is
    `true` or `false` where the event tells whether the caller used a second factor.
    """

    kind: CallerKind
    arn: str = ""
    name: str = ""
    account: str = ""
    role: str = ""
    invoked_by: str = ""
    multi_factor: str = ""

    @property
    def shown(self) -> str:
        """The caller for people: the ARN where there is one."""
        if self.kind is CallerKind.ANONYMOUS:
            return ANONYMOUS
        return self.arn or self.name or self.account or "a caller without a name"


@dataclass(frozen=True, slots=True)
class EventResource:
    """A resource that an event names: its type (`AWS::KMS::Key`) and its ARN or name."""

    type: str
    name: str


_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Event:
    """One request, as far as the event tells it; what it does not tell is empty.

    `time` is as written, in UTC. `source` is `kms.amazonaws.com`, `name` the
    operation (`Decrypt`). `account` is the one that received the event.
    `parameters` are the texts among the request's parameters,
    `encryption_context` the one that was given to KMS.
    """

    location: Location
    time: str
    source: str
    name: str
    caller: EventCaller
    error_code: str = ""
    error_message: str = ""
    region: str = ""
    account: str = ""
    request_id: str = ""
    event_id: str = ""
    source_ip: str = ""
    vpc_endpoint: str = ""
    parameters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    encryption_context: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    resources: tuple[EventResource, ...] = ()
