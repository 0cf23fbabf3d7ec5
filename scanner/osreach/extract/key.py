"""Keys of KMS with their policies, aliases and grants, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_grant
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from osreach.access.identity import Attachment
from osreach.access.key import Key, KeyGrant
from osreach.access.setting import Setting
from osreach.extract.attached import read_attached
from osreach.extract.attribute import boolean, text, with_holes
from osreach.extract.owner import account_of, exported_arn, is_data, partition_of, region_of
from osreach.iac.resource import Resource
from osreach.iam.document import (
    Document,
    Effect,
    PolicyKind,
    PrincipalKind,
    Principals,
    PrincipalTerm,
    Statement,
    Term,
    Terms,
)
from osreach.iam.hole import Holes, has_hole
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Unknown


@dataclass(frozen=True, slots=True)
class _Names:
    """What one language calls the settings of a key."""

    policy: str
    enabled: str
    rotation: str
    specification: str
    usage: str
    bypass: str
    deletion: str
    default_specification: str = "SYMMETRIC_DEFAULT"
    default_usage: str = "ENCRYPT_DECRYPT"


_TERRAFORM = _Names(
    "policy",
    "is_enabled",
    "enable_key_rotation",
    "customer_master_key_spec",
    "key_usage",
    "bypass_policy_lockout_safety_check",
    "deletion_window_in_days",
)
_TERRAFORM_COPY = _Names(
    "policy",
    "enabled",
    "enable_key_rotation",
    "key_spec",
    "key_usage",
    "bypass_policy_lockout_safety_check",
    "deletion_window_in_days",
)
_CLOUDFORMATION = _Names(
    "KeyPolicy",
    "Enabled",
    "EnableKeyRotation",
    "KeySpec",
    "KeyUsage",
    "BypassPolicyLockoutSafetyCheck",
    "PendingWindowInDays",
)

_KEYS: Mapping[str, _Names] = {
    "aws_kms_key": _TERRAFORM,
    "aws_kms_replica_key": _TERRAFORM_COPY,
    "aws_kms_external_key": _TERRAFORM_COPY,
    "aws_kms_replica_external_key": _TERRAFORM_COPY,
    "AWS::KMS::Key": _CLOUDFORMATION,
    "AWS::KMS::ReplicaKey": _CLOUDFORMATION,
}
_POLICIES: Mapping[str, tuple[str, str]] = {"aws_kms_key_policy": ("key_id", "policy")}
_ALIASES: Mapping[str, tuple[str, str]] = {
    "aws_kms_alias": ("name", "target_key_id"),
    "AWS::KMS::Alias": ("AliasName", "TargetKeyId"),
}
_GRANT = "aws_kms_grant"

TYPES = frozenset(_KEYS) | frozenset(_POLICIES) | frozenset(_ALIASES) | {_GRANT}
"""The resource types that this module reads."""

DEFAULT_POLICY = "the default key policy"
"""What the policy is called that AWS gives to a key without one."""

_ID_START = "key/"
_LONGEST_DELETION = "30"
_ROTATED_ELSEWHERE = frozenset(
    {
        "aws_kms_replica_key",
        "aws_kms_external_key",
        "aws_kms_replica_external_key",
        "AWS::KMS::ReplicaKey",
    }
)
_MATERIAL_ELSEWHERE = ("custom_key_store_id", "xks_key_id", "CustomKeyStoreId")


@dataclass(slots=True)
class _Beside:
    """What stands beside a key, by the text that names the key."""

    policies: dict[tuple[str, str], list[Attachment]] = field(default_factory=dict)
    grants: dict[tuple[str, str], list[KeyGrant]] = field(default_factory=dict)
    aliases: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    exported: dict[tuple[str, str], list[str]] = field(default_factory=dict)


def read_keys(resources: Iterable[Resource], holes: Holes, problems: list[Problem]) -> tuple[Key, ...]:
    """Every key with its policy, wherever that is written, its aliases and its grants."""
    listed = tuple(resources)
    beside = _Beside()
    for resource in listed:
        if not is_data(resource):
            _take(resource, beside, holes, problems)
    return tuple(
        _key(resource, _KEYS[resource.type], beside, holes, problems)
        for resource in listed
        if resource.type in _KEYS and not is_data(resource)
    )


def _take(resource: Resource, beside: _Beside, holes: Holes, problems: list[Problem]) -> None:
    alias = _ALIASES.get(resource.type)
    if alias is not None:
        name, target = resource.get(alias[0]), resource.get(alias[1])
        if name is not None and target is not None:
            key = resource.deployment, with_holes(target, holes)
            beside.aliases.setdefault(key, []).append(with_holes(name, holes))
            beside.exported.setdefault(key, []).append(holes.hole(f"{resource.address}.target_key_arn"))
    policy = _POLICIES.get(resource.type)
    if policy is not None:
        target, body = resource.get(policy[0]), resource.get(policy[1])
        if target is not None and body is not None:
            attached = read_attached(body, PolicyKind.RESOURCE, resource, policy[1], holes, problems)
            beside.policies.setdefault((resource.deployment, with_holes(target, holes)), []).append(attached)
    if resource.type == _GRANT:
        target = resource.get("key_id")
        if target is not None:
            key = resource.deployment, with_holes(target, holes)
            beside.grants.setdefault(key, []).append(_grant(resource, holes))


def _grant(resource: Resource, holes: Holes) -> KeyGrant:
    grantee = resource.get("grantee_principal")
    return KeyGrant(
        resource.address,
        with_holes(grantee, holes) if grantee is not None else holes.hole(f"{resource.address}.grantee"),
        tuple(with_holes(item, holes) for item in resource.blocks("operations")),
        bool(resource.blocks("constraints")),
        resource.location,
    )


def _key(resource: Resource, names: _Names, beside: _Beside, holes: Holes, problems: list[Problem]) -> Key:
    arn = exported_arn(resource, holes)
    if not arn:
        place = f"arn:{partition_of(resource, holes)}:kms:{region_of(resource, holes)}"
        identifier = holes.hole(f"{resource.address}.KeyId")
        arn = f"{place}:{account_of(resource, holes)}:key/{identifier}"
    identifier = arn.rpartition(_ID_START)[2]
    own = [(resource.deployment, text) for text in (arn, identifier)]
    aliases = [alias for name in own for alias in beside.aliases.get(name, ())]
    prefix = arn.rpartition(":")[0]
    exported = [text for name in own for text in beside.exported.get(name, ())]
    texts = {arn, identifier, *exported, *aliases, *(f"{prefix}:{alias}" for alias in aliases)}
    separate = [policy for name in own for policy in beside.policies.get(name, ())]
    written = resource.get(names.policy)
    policies: tuple[Attachment, ...] = tuple(separate)
    if not policies and written is not None:
        policies = (read_attached(written, PolicyKind.RESOURCE, resource, names.policy, holes, problems),)
    return Key(
        address=resource.address,
        deployment=resource.deployment,
        arn=arn,
        names=frozenset(texts),
        location=resource.location,
        policies=policies or (_default(resource, arn),),
        policy_written=bool(policies),
        grants=tuple(grant for name in own for grant in beside.grants.get(name, ())),
        enabled=boolean(resource, names.enabled, default=True),
        rotation=_rotation(resource, names),
        specification=text(resource, names.specification, names.default_specification, holes),
        usage=text(resource, names.usage, names.default_usage, holes),
        lockout_check_bypassed=boolean(resource, names.bypass, default=False),
        deletion_days=text(resource, names.deletion, _LONGEST_DELETION, holes),
    )


def _rotation(resource: Resource, names: _Names) -> Setting[bool]:
    """Whether KMS rotates the key; unknown where the material is not its own, or belongs to another key.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    """
    origin = resource.get("Origin")
    elsewhere = resource.type in _ROTATED_ELSEWHERE or any(
        (value := resource.get(name)) is not None and value.data is not None for name in _MATERIAL_ELSEWHERE
    )
    if elsewhere or (origin is not None and origin.text != "AWS_KMS"):
        unknown = Unknown(f"{resource.address}.{names.rotation}", "its material is rotated elsewhere")
        return Setting(unknown, resource.location, written=False)
    return boolean(resource, names.rotation, default=False)


def _default(resource: Resource, arn: str) -> Attachment:
    """The policy that AWS gives to a key for which none is written: it leaves the key to IAM policies.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    document = delegating(arn, f"{DEFAULT_POLICY} of {resource.address}", resource.location)
    return Attachment(document.source, resource.address, document, resource.location)


def delegating(arn: str, source: str, location: Location) -> Document:
    """A key policy that allows the account of the key everything."""
    parts = arn.split(":", 5)
    root = f"arn:{parts[1]}:iam::{parts[4]}:root"
    statement = Statement(
        Effect.ALLOW,
        Terms((Term("kms:*", location),)),
        Terms((Term("*", location),)),
        Principals((PrincipalTerm(PrincipalKind.AWS, root, location),)),
        sid="Enable IAM User Permissions",
        location=location,
    )
    return Document((statement,), "2012-10-17", source=source, location=location)


def named_key(keys: Iterable[Key], name: str, deployment: str) -> Key | None:
    """The key that `name` (an ARN, an id, an alias or its ARN) means, one of the same deployment first.

    Only an ARN that is wholly known means a key of another deployment.
    """
    everywhere = name.startswith("arn:") and not has_hole(name)
    found = [key for key in keys if name in key.names and (everywhere or key.deployment == deployment)]
    return next((key for key in found if key.deployment == deployment), found[0] if found else None)
