"""What cannot be right in a name, a resource, a permission or a principal of a policy.

Sources: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-encryption.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-opensearchserverless-accesspolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-opensearchserverless-collection.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osreach.location import Location
from osreach.serverless.fault import Fault, FaultKind
from osreach.serverless.pattern import has_hole, is_documented
from osreach.serverless.permission import BY_TYPE, EVERYTHING, PERMISSIONS, ResourceType, spelled
from osreach.serverless.policy import Pattern, PolicyType, Rule, Written
from osreach.serverless.principal import PrincipalKind, named

LONGEST_POLICY = 20_480
"""Characters that a policy may have."""

BEDROCK = "bedrock.amazonaws.com"
"""The only service that network policies can let in."""

_POLICY_NAME = re.compile(r"[a-z][a-z0-9-]{2,31}")
_COLLECTION_NAME = re.compile(r"[a-z][a-z0-9-]{2,63}")
_COLLECTION_PATTERN = re.compile(r"\*|[a-z][a-z0-9-]{0,63}\*|[a-z][a-z0-9-]{2,63}")
_INDEX_PATTERN = re.compile(r"[^A-Z\s\\?\"<>|,#*_+-][^A-Z\s\\?\"<>|,#*]*\*?|\*")

TYPES_OF_RULES = {
    PolicyType.ENCRYPTION: (ResourceType.COLLECTION,),
    PolicyType.NETWORK: (ResourceType.COLLECTION, ResourceType.DASHBOARD),
    PolicyType.DATA: (ResourceType.COLLECTION, ResourceType.INDEX, ResourceType.MODEL),
    PolicyType.RETENTION: (ResourceType.INDEX,),
}
"""What the rules of each type of policy may be about."""


def check_policy_name(name: str, location: Location) -> Iterator[Fault]:
    """A policy's name: 3 to 32 characters."""
    if not has_hole(name) and _POLICY_NAME.fullmatch(name) is None:
        message = (
            f"`{name}` is no name of a policy, which has 3 to 32 lower-case letters, digits and `-` "
            "and begins with a letter"
        )
        yield Fault(FaultKind.WRONG_NAME, message, location, name)


def check_collection_name(name: str, location: Location) -> Iterator[Fault]:
    """A collection's name, which a pattern of a policy has to be able to match."""
    if not has_hole(name) and _COLLECTION_NAME.fullmatch(name) is None:
        message = (
            f"`{name}` is no name of a collection, which has 3 to 64 lower-case letters, digits and `-` "
            "and begins with a letter, so no policy can match it"
        )
        yield Fault(FaultKind.WRONG_NAME, message, location, name)


def check_length(length: int | None, location: Location) -> Iterator[Fault]:
    """The length of a policy's text."""
    if length is not None and length > LONGEST_POLICY:
        message = (
            f"the policy has {length:,} characters, more than the {LONGEST_POLICY:,} that a policy may have"
        )
        yield Fault(FaultKind.TOO_LONG, message, location, str(length))


def check_rule(rule: Rule, kind: PolicyType) -> Iterator[Fault]:
    """A rule of a policy of type `kind`."""
    types = TYPES_OF_RULES[kind]
    resource_type: ResourceType | None = None
    if rule.resource_type is not None and not has_hole(rule.resource_type.text):
        written = rule.resource_type.text
        resource_type = next((one for one in types if one.value == written), None)
        if resource_type is None:
            known = " or ".join(f"`{one.value}`" for one in types)
            message = f"`{written}` is no resource type of a policy of type `{kind.value}`, which has {known}"
            yield Fault(FaultKind.UNKNOWN_RESOURCE_TYPE, message, rule.resource_type.location, written)
    for pattern in rule.resources:
        yield from check_pattern(pattern, resource_type)
    for permission in rule.permissions:
        yield from _check_permission(permission, resource_type)


def check_pattern(pattern: Pattern, kind: ResourceType | None) -> Iterator[Fault]:
    """A resource of a rule; `kind` is None where that of the rule is not known."""
    text = pattern.text
    if has_hole(text):
        if not is_documented(text.rpartition("/")[2]):
            yield _impossible(pattern, "`*` stands elsewhere than at the end")
        return
    prefix = "collection" if kind is ResourceType.DASHBOARD else kind.value if kind is not None else None
    parts = text.split("/")
    if parts[0] not in {"collection", "index", "model"} or (prefix is not None and parts[0] != prefix):
        wanted = f"`{prefix}/`" if prefix is not None else "`collection/` or `index/`"
        yield _impossible(pattern, f"it does not begin with {wanted}")
        return
    wanted_parts = 2 if parts[0] == "collection" else 3
    if len(parts) != wanted_parts:
        form = "collection/NAME" if parts[0] == "collection" else f"{parts[0]}/COLLECTION/NAME"
        yield _impossible(pattern, f"it is not of the form `{form}`")
        return
    if not is_documented(parts[1]) or not is_documented(parts[-1]):
        yield _impossible(pattern, "`*` stands elsewhere than at the end")
    elif _COLLECTION_PATTERN.fullmatch(parts[1]) is None:
        yield _impossible(pattern, f"no collection can have a name like `{parts[1]}`")
    elif parts[0] == "index" and _INDEX_PATTERN.fullmatch(parts[2]) is None:
        yield _impossible(pattern, f"no index can have a name like `{parts[2]}`")


def _impossible(pattern: Pattern, why: str) -> Fault:
    message = f"the resource `{pattern.text}` matches nothing: {why}"
    if "`*` stands" in why:
        message = f"the resource `{pattern.text}` is no documented pattern: {why}"
    return Fault(FaultKind.IMPOSSIBLE_PATTERN, message, pattern.location, pattern.text)


def _check_permission(permission: Written, kind: ResourceType | None) -> Iterator[Fault]:
    text = permission.text
    if has_hole(text) or text == EVERYTHING:
        return
    if text not in PERMISSIONS:
        meant = spelled(text)
        hint = f"; it is spelt `{meant}`" if meant is not None else ""
        message = f"`{text}` is no permission of data access policies{hint}"
        yield Fault(FaultKind.UNKNOWN_PERMISSION, message, permission.location, text)
    elif kind is not None and text not in BY_TYPE.get(kind, PERMISSIONS):
        owner = next((one for one, names in BY_TYPE.items() if text in names), None)
        if owner is not None:
            message = f"`{text}` is a permission on resources of type `{owner.value}`, not `{kind.value}`"
            yield Fault(FaultKind.WRONG_PERMISSION, message, permission.location, text)


def check_principal(principal: Written) -> Iterator[Fault]:
    """A principal of a data access policy."""
    who = named(principal.text)
    why = {
        PrincipalKind.ANYONE: "everyone cannot be named",
        PrincipalKind.ACCOUNT: "an account cannot be named",
        PrincipalKind.OTHER: "it is neither a role, a user or a role session nor a user or group of SAML, "
        "IAM Identity Center or IAM federation",
    }.get(who.kind)
    if why is not None:
        message = f"`{principal.text}` is no documented principal of a data access policy: {why}"
        yield Fault(FaultKind.IMPOSSIBLE_PRINCIPAL, message, principal.location, principal.text)


def check_service(service: Written) -> Iterator[Fault]:
    """A service that a network policy lets in."""
    if not has_hole(service.text) and service.text != BEDROCK:
        message = f"network policies let in no service but `{BEDROCK}`, not `{service.text}`"
        yield Fault(FaultKind.UNKNOWN_SERVICE, message, service.location, service.text)
