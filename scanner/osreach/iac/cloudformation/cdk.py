"""CDK output: policies that a custom resource sets, and construct paths.

A domain of the construct library whose policy names the domain itself gets the
policy through a custom resource that calls `UpdateDomainConfig`.
Source: https://github.com/aws/aws-cdk/tree/main/packages/aws-cdk-lib/aws-opensearchservice
"""

from __future__ import annotations

from typing import Final

from osreach.json_text import read_json
from osreach.value import Object, Value

ACCESS_POLICY: Final = "Custom::OpenSearchAccessPolicy"
"""The type under which every such custom resource is read."""

_CALLS: Final = ("Update", "Create")
_ACTIONS: Final = frozenset({"updatedomainconfig", "updateelasticsearchdomainconfig"})


def access_policy(properties: Value) -> Value | None:
    """`DomainName` and `AccessPolicies` of a custom resource that sets a domain's policy, else None.

    `properties` are resolved. The call is JSON text, and the policy JSON text in it.
    """
    for name in _CALLS:
        written = properties.get(name)
        if written is None:
            continue
        call = read_json(written, name).value
        action = call.get("action")
        parameters = call.get("parameters")
        word = action.text if action is not None else None
        if word is None or parameters is None or word.rpartition(":")[2].lower() not in _ACTIONS:
            continue
        target = parameters.get("DomainName")
        policy = parameters.get("AccessPolicies")
        if target is not None and policy is not None:
            return Value(Object({"DomainName": target, "AccessPolicies": policy}), properties.location)
    return None


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
