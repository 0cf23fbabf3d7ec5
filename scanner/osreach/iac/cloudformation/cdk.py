"""CDK output: policies that a custom resource sets, and construct paths.

A domain of the construct library whose policy names the domain itself gets the
policy through a custom resource that calls `UpdateDomainConfig`.
Source: https://github.com/aws/aws-cdk/tree/main/packages/aws-cdk-lib/aws-opensearchservice
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from osreach.json_text import read_json
from osreach.value import Object, Value

ACCESS_POLICY: Final = "Custom::OpenSearchAccessPolicy"
"""The type under which every such custom resource is read."""

LOG_POLICY: Final = "Custom::CloudwatchLogResourcePolicy"
"""Likewise for those that let services write to log groups."""

_CALLS: Final = ("Update", "Create")
_ACTIONS: Final = frozenset({"updatedomainconfig", "updateelasticsearchdomainconfig"})
_PUT_POLICY: Final = "putresourcepolicy"


def access_policy(properties: Value) -> Value | None:
    """`DomainName` and `AccessPolicies` of a custom resource that sets a domain's policy, else None.

    `properties` are resolved. The call is JSON text, and the policy JSON text in it.
    """
    for word, _, parameters in _calls(properties):
        target = parameters.get("DomainName")
        policy = parameters.get("AccessPolicies")
        if word in _ACTIONS and target is not None and policy is not None:
            return Value(Object({"DomainName": target, "AccessPolicies": policy}), properties.location)
    return None


def log_policy(properties: Value) -> Value | None:
    """`PolicyDocument` of a custom resource that lets services write to log groups, else None; read likewise.

    Source: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-opensearchservice/lib/log-group-resource-policy.ts
    """
    for word, service, parameters in _calls(properties):
        policy = parameters.get("policyDocument")
        if word == _PUT_POLICY and service.endswith("logs") and policy is not None:
            return Value(Object({"PolicyDocument": policy}), properties.location)
    return None


def _calls(properties: Value) -> Iterator[tuple[str, str, Value]]:
    """Action and service, in lower case, and parameters of each call that a custom resource makes."""
    for name in _CALLS:
        written = properties.get(name)
        if written is None:
            continue
        call = read_json(written, name).value
        action, service, parameters = (call.get(one) for one in ("action", "service", "parameters"))
        word = action.text if action is not None else None
        if word is not None and parameters is not None:
            named = (service.text or "") if service is not None else ""
            yield word.rpartition(":")[2].lower(), named.lower(), parameters


def is_custom(kind: str) -> bool:
    """Whether a type is one of custom resources."""
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"


def construct_path(resource: Value) -> str:
    """The path of the construct that a resource was made by, empty where it was not."""
    metadata = resource.get("Metadata")
    path = metadata.get("aws:cdk:path") if metadata is not None else None
    return (path.text if path is not None else None) or ""


def asset_path(resource: Value) -> str:
    """The file that a nested stack was written to, relative to the template, or empty."""
    metadata = resource.get("Metadata")
    path = metadata.get("aws:asset:path") if metadata is not None else None
    return (path.text if path is not None else None) or ""
