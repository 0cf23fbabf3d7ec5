"""Whether an event was refused for want of permission, and what its message says about why.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class PolicyType(StrEnum):
    """The types of policies that a message can blame, in its words."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    ENDPOINT = "VPC endpoint policy"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the message of a refused request says; empty or None where it does not.

    `caller` is an ARN or `anonymous`. `explicit` tells a statement that denies
    from a missing allow, `blamed` the type of policy that decided, `policy` the
    ARN of the policy that denies. `encoded` is true where the reason is in a
    part that only `sts:DecodeAuthorizationMessage` can read.
    """

    caller: str = ""
    action: str = ""
    resource: str = ""
    explicit: bool | None = None
    blamed: PolicyType | None = None
    policy: str = ""
    encoded: bool = False


SILENT = Refusal()
"""A message that says nothing."""

_DENIED = re.compile(
    r"access_?denied|unauthori[sz]edoperation|unauthori[sz]edaccess|notauthori[sz]ed|authori[sz]ationerror"
    r"|^(?:unauthori[sz]ed|forbidden|403)$",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:Client|Server)\.")
_SUFFIX = re.compile(r"(?:Exception|Fault)$")


@lru_cache(maxsize=4096)
def is_denied(error_code: str) -> bool:
    """Whether this error code says that permission was missing.

    Services spell it in many ways: `AccessDenied`, `AccessDeniedException`,
    `Client.UnauthorizedOperation`, `VpceAccessDenied`, `KMSAccessDeniedException`.
    """
    if not error_code:
        return False
    bare = _SUFFIX.sub("", _PREFIX.sub("", error_code))
    return _DENIED.search(bare) is not None


_CALLER = re.compile(
    r"(?:User:\s*)?(?P<caller>arn:[^\s]+|[Aa]nonymous)\s+is not authorized to (?:perform|assume)", re.DOTALL
)
_ACTION = re.compile(r"\b[Nn]ot authorized to perform:?\s*(?P<action>[A-Za-z0-9-]+:[A-Za-z0-9*]+)")
_RESOURCE = re.compile(r'\bon resource:?\s*(?:"(?P<quoted>[^"]+)"|(?P<resource>arn:[^\s"]+|\*))')
_MISSING = re.compile(r"\bbecause no (?P<type>[\w -]+?)(?: policy)? allows\b", re.IGNORECASE)
_EXPLICIT = re.compile(
    r"\bexplicit deny(?: in an? (?P<type>[\w -]+?)(?: policy)?(?=[:.,\s]*$|:\s|\.\s|,\s)"
    r"(?::\s*(?P<policy>arn:[^\s,]+))?)?",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"\bencoded authorization failure message", re.IGNORECASE)
_PARAGRAPH = 4000
"""No message is longer without its encoded part; the rest of one that is cannot be read anyway."""

_TYPES = {
    "identity-based": PolicyType.IDENTITY,
    "identity": PolicyType.IDENTITY,
    "resource-based": PolicyType.RESOURCE,
    "resource": PolicyType.RESOURCE,
    "role trust": PolicyType.RESOURCE,
    "permissions boundary": PolicyType.BOUNDARY,
    "permissions boundaries": PolicyType.BOUNDARY,
    "session": PolicyType.SESSION,
    "service control": PolicyType.SERVICE_CONTROL,
    "resource control": PolicyType.RESOURCE_CONTROL,
    "vpc endpoint": PolicyType.ENDPOINT,
    "vpce": PolicyType.ENDPOINT,
}


@lru_cache(maxsize=4096)
def refusal(message: str) -> Refusal:
    """What `message`, the `errorMessage` of an event, says about a refusal. Anything else says nothing."""
    encoded = _ENCODED.search(message)
    text = message[: encoded.start()] if encoded else message
    text = text[:_PARAGRAPH]
    caller, action, resource = _CALLER.search(text), _ACTION.search(text), _RESOURCE.search(text)
    missing, explicit = _MISSING.search(text), _EXPLICIT.search(text)
    said = explicit or missing
    kind = (said["type"] or "").lower() if said else ""
    return Refusal(
        caller=caller["caller"] if caller else "",
        action=action["action"] if action else "",
        resource=(resource["quoted"] or resource["resource"].rstrip(".,")) if resource else "",
        explicit=None if said is None else explicit is not None,
        blamed=_TYPES.get(kind.removesuffix(" policy")),
        policy=((explicit["policy"] or "").rstrip(".") if explicit else ""),
        encoded=encoded is not None,
    )
