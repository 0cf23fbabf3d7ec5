"""Who made the request of an event.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osreach.events.event import CallerKind, EventCaller

_KINDS: Mapping[str, CallerKind] = {
    "Root": CallerKind.ROOT,
    "IAMUser": CallerKind.USER,
    "AssumedRole": CallerKind.ROLE,
    "Role": CallerKind.ROLE,
    "FederatedUser": CallerKind.FEDERATED,
    "WebIdentityUser": CallerKind.WEB_IDENTITY,
    "SAMLUser": CallerKind.WEB_IDENTITY,
    "AWSService": CallerKind.SERVICE,
    "AWSAccount": CallerKind.ACCOUNT,
}
_ANONYMOUS = "ANONYMOUS_PRINCIPAL"


def caller_of(identity: Mapping[str, Any]) -> EventCaller:
    """The caller that a `userIdentity` describes."""
    kind = _KINDS.get(_text(identity, "type"), CallerKind.OTHER)
    arn, account = _text(identity, "arn"), _text(identity, "accountId")
    principal, invoked_by = _text(identity, "principalId"), _text(identity, "invokedBy")
    context = identity.get("sessionContext")
    context = context if isinstance(context, dict) else {}
    issuer, attributes = _inner(context, "sessionIssuer"), _inner(context, "attributes")
    name = _text(identity, "userName")
    role = ""
    match kind:
        case CallerKind.ACCOUNT if account in {"ANONYMOUS_PRINCIPAL", "anonymous"} or principal == _ANONYMOUS:
            return EventCaller(CallerKind.ANONYMOUS, invoked_by=invoked_by)
        case CallerKind.SERVICE:
            return EventCaller(kind, name=invoked_by or name or principal)
        case CallerKind.WEB_IDENTITY:
            name = _text(identity, "identityProvider") or name
        case CallerKind.ROLE:
            role = _text(issuer, "arn") or _role_of(arn)
            name = arn.rpartition("/")[2] if ":assumed-role/" in arn else principal.partition(":")[2]
            account = account or _text(issuer, "accountId")
        case CallerKind.FEDERATED:
            # The issuer is the user who asked for the session; its ARN takes the place of a role's.
            role = _text(issuer, "arn")
        case CallerKind.USER:
            name = name or arn.rpartition("/")[2]
        case _ if not (arn or account or name) and invoked_by:
            return EventCaller(CallerKind.SERVICE, name=invoked_by)
        case _:
            pass
    return EventCaller(
        kind, arn, name, account, role, invoked_by, str(attributes.get("mfaAuthenticated", "")).lower()
    )


def _text(mapping: Mapping[str, Any], name: str) -> str:
    value = mapping.get(name)
    return value if isinstance(value, str) else ""


def _inner(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = mapping.get(name)
    return value if isinstance(value, dict) else {}


def _role_of(arn: str) -> str:
    """The role behind a session's or a role's own ARN; a session does not tell the path of its role."""
    head, found, rest = arn.partition(":assumed-role/")
    if found:
        return f"{head.replace(':sts:', ':iam:', 1)}:role/{rest.partition('/')[0]}"
    return arn if ":role/" in arn else ""
