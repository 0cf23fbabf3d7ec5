"""SAM: functions with the roles that the transform makes for them.

Sources:
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from osreach.location import Location
from osreach.value import Object, Unknown, Value

_PRINCIPALS: Final[Mapping[str, str]] = {
    "AWS::Serverless::Function": "lambda.amazonaws.com",
    "AWS::Serverless::StateMachine": "states.amazonaws.com",
}
_GLOBALS: Final[Mapping[str, str]] = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::StateMachine": "StateMachine",
}
_BASIC: Final = "service-role/AWSLambdaBasicExecutionRole"

_BUCKET = ("arn:${AWS::Partition}:s3:::${BucketName}", "arn:${AWS::Partition}:s3:::${BucketName}/*")
_KEY = ("arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${KeyId}",)
_DOMAIN = ("arn:${AWS::Partition}:es:${AWS::Region}:${AWS::AccountId}:domain/${DomainName}/*",)

# Policy templates about clusters, keys and buckets: actions and resources.
_TEMPLATES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "ElasticsearchHttpPostPolicy": (("es:ESHttpPost", "es:ESHttpPut"), _DOMAIN),
    "KMSDecryptPolicy": (("kms:Decrypt",), _KEY),
    "KMSEncryptPolicy": (("kms:Encrypt",), _KEY),
    "KMSEncryptPolicy_v2": (("kms:Encrypt", "kms:GenerateDataKey*"), _KEY),
    "S3ReadPolicy": (
        (
            "s3:GetObject",
            "s3:ListBucket",
            "s3:GetBucketLocation",
            "s3:GetObjectVersion",
            "s3:GetLifecycleConfiguration",
        ),
        _BUCKET,
    ),
    "S3WritePolicy": (("s3:PutObject", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"), _BUCKET),
    "S3CrudPolicy": (
        (
            "s3:GetObject",
            "s3:ListBucket",
            "s3:GetBucketLocation",
            "s3:GetObjectVersion",
            "s3:PutObject",
            "s3:PutObjectAcl",
            "s3:GetLifecycleConfiguration",
            "s3:PutLifecycleConfiguration",
            "s3:DeleteObject",
        ),
        _BUCKET,
    ),
}


def expanded(resources: Mapping[str, Value], globals_: Mapping[str, Value]) -> dict[str, Value]:
    """The resources with `Globals` merged into functions, and with the roles that functions get."""
    found: dict[str, Value] = {}
    for logical_id, resource in resources.items():
        kind = resource.get("Type")
        name = kind.text if kind is not None else None
        if name is None or name not in _PRINCIPALS or not isinstance(resource.data, Object):
            found[logical_id] = resource
            continue
        entries = dict(resource.data.entries)
        common = globals_.get(_GLOBALS[name])
        properties = entries.get("Properties", Value(Object(), resource.location))
        entries["Properties"] = _merged(common, properties) if common is not None else properties
        if entries["Properties"].get("Role") is None and f"{logical_id}Role" not in resources:
            found[f"{logical_id}Role"] = _role(name, entries, resource.location)
            entries["Properties"] = _with_role(entries["Properties"], f"{logical_id}Role")
        found[logical_id] = Value(Object(entries), resource.location)
    return found


def _merged(common: Value, own: Value) -> Value:
    """Mappings are merged, lists added, everything else is replaced.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
    """
    match common.data, own.data:
        case Object(first), Object(second):
            entries = {
                name: _merged(first[name], second[name])
                if name in first and name in second
                else second.get(name, first.get(name, own))
                for name in (*first, *(name for name in second if name not in first))
            }
            return Value(Object(entries), own.location)
        case tuple() as first_items, tuple() as second_items:
            return Value((*first_items, *second_items), own.location)
        case _:
            return own


def _with_role(properties: Value, role: str) -> Value:
    """The properties of a function that runs as `role`, the logical id of the role made for it."""
    if not isinstance(properties.data, Object):
        return properties
    place = properties.location
    attribute = Value((Value(role, place), Value("Arn", place)), place)
    entries = {**properties.data.entries, "Role": Value(Object({"Fn::GetAtt": attribute}), place)}
    return Value(Object(entries, properties.data.rest), place)


def _role(kind: str, entries: Mapping[str, Value], place: Location) -> Value:
    """The role of a function that names none."""
    properties = entries["Properties"]
    trust = properties.get("AssumeRolePolicyDocument")
    managed: list[Value] = []
    inline: list[Value] = []
    if kind == "AWS::Serverless::Function":
        managed.append(_managed(_BASIC, place))
    policies = properties.get("Policies")
    for number, policy in enumerate(policies.items if policies is not None else ()):
        match policy.data:
            case Object(inner) if "Statement" in inner:
                inline.append(_inline(number, policy))
            case Object(inner) if len(inner) == 1 and next(iter(inner)) in _TEMPLATES:
                (name, given), *_ = inner.items()
                inline.append(_inline(number, _template(name, given, policy.location)))
            case Object(inner) if len(inner) == 1 and next(iter(inner)).endswith(("Policy", "Policy_v2")):
                unknown = Unknown(next(iter(inner)), "osreach does not know this policy template")
                inline.append(_inline(number, Value(unknown, policy.location)))
            case _:
                name_text = policy.text
                plain = name_text is not None and ":" not in name_text
                managed.append(_managed(str(name_text), policy.location) if plain else policy)
    role: dict[str, Value] = {
        "AssumeRolePolicyDocument": trust or _trust(_PRINCIPALS[kind], place),
        "ManagedPolicyArns": Value(tuple(managed), place),
        "Policies": Value(tuple(inline), place),
    }
    boundary = properties.get("PermissionsBoundary")
    if boundary is not None:
        role["PermissionsBoundary"] = boundary
    path = properties.get("RolePath")
    if path is not None:
        role["Path"] = path
    made = {"Type": Value("AWS::IAM::Role", place), "Properties": Value(Object(role), place)}
    if "Condition" in entries:
        made["Condition"] = entries["Condition"]
    return Value(Object(made), place)


def _sub(text: str, place: Location) -> Value:
    return Value(Object({"Fn::Sub": Value(text, place)}), place)


def _managed(name: str, place: Location) -> Value:
    return _sub("arn:${AWS::Partition}:iam::aws:policy/" + name, place)


def _inline(number: int, document: Value) -> Value:
    entries = {
        "PolicyName": Value(f"Policy{number}", document.location),
        "PolicyDocument": document,
    }
    return Value(Object(entries), document.location)


def _statement(entries: Mapping[str, Value], place: Location) -> Value:
    body = Value(Object({"Effect": Value("Allow", place), **entries}), place)
    document = {"Version": Value("2012-10-17", place), "Statement": Value((body,), place)}
    return Value(Object(document), place)


def _trust(service: str, place: Location) -> Value:
    principal = Value(Object({"Service": Value(service, place)}), place)
    return _statement({"Principal": principal, "Action": Value("sts:AssumeRole", place)}, place)


def _template(name: str, given: Value, place: Location) -> Value:
    """The document of a policy template with its parameters."""
    actions, resources = _TEMPLATES[name]
    subs = [
        Value(Object({"Fn::Sub": Value((Value(resource, place), given), place)}), place)
        for resource in resources
    ]
    return _statement(
        {
            "Action": Value(tuple(Value(action, place) for action in actions), place),
            "Resource": Value(tuple(subs), place),
        },
        place,
    )
