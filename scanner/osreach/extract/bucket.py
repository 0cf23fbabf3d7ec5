"""Buckets of S3 with their policies and default encryption, in every language that describes them.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_server_side_encryption_configuration
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from osreach.access.bucket import Bucket
from osreach.access.identity import Attachment
from osreach.access.setting import Setting
from osreach.extract.attached import read_attached
from osreach.extract.attribute import boolean, find, text, with_holes
from osreach.extract.owner import account_of, is_data, partition_of, region_of
from osreach.iac.resource import Resource
from osreach.iam.document import PolicyKind
from osreach.iam.hole import Holes
from osreach.location import Location
from osreach.problem import Problem
from osreach.value import Unknown

_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_BLOCK = "aws_s3_bucket_public_access_block"


@dataclass(frozen=True, slots=True)
class _Names:
    """What one language calls the settings of a bucket."""

    name: str
    policy: str
    algorithm: str
    key: str
    blocked: str
    bucket_key: str


_TERRAFORM_DEFAULT = "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default"
_SEPARATE_DEFAULT = "rule.apply_server_side_encryption_by_default"
_CLOUDFORMATION_DEFAULT = "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault"
_BUCKETS: Mapping[str, _Names] = {
    "aws_s3_bucket": _Names(
        "bucket",
        "policy",
        f"{_TERRAFORM_DEFAULT}.sse_algorithm",
        f"{_TERRAFORM_DEFAULT}.kms_master_key_id",
        "",
        "server_side_encryption_configuration.rule.bucket_key_enabled",
    ),
    "AWS::S3::Bucket": _Names(
        "BucketName",
        "",
        f"{_CLOUDFORMATION_DEFAULT}.SSEAlgorithm",
        f"{_CLOUDFORMATION_DEFAULT}.KMSMasterKeyID",
        "PublicAccessBlockConfiguration.RestrictPublicBuckets",
        "BucketEncryption.ServerSideEncryptionConfiguration.BucketKeyEnabled",
    ),
}
_POLICIES: Mapping[str, tuple[str, str]] = {
    "aws_s3_bucket_policy": ("bucket", "policy"),
    "AWS::S3::BucketPolicy": ("Bucket", "PolicyDocument"),
}

TYPES = frozenset(_BUCKETS) | frozenset(_POLICIES) | {_ENCRYPTION, _BLOCK}
"""The resource types that this module reads."""

_WITHOUT_SETTING = "AES256"


@dataclass(slots=True)
class _Beside:
    """What stands beside a bucket, by deployment and the bucket's name."""

    policies: dict[tuple[str, str], list[tuple[Attachment, Resource]]] = field(default_factory=dict)
    algorithms: dict[tuple[str, str], Setting[str]] = field(default_factory=dict)
    keys: dict[tuple[str, str], Setting[str | None]] = field(default_factory=dict)
    blocked: dict[tuple[str, str], Setting[bool]] = field(default_factory=dict)
    bucket_keys: dict[tuple[str, str], Setting[bool]] = field(default_factory=dict)


def read_buckets(resources: Iterable[Resource], holes: Holes, problems: list[Problem]) -> tuple[Bucket, ...]:
    """Every bucket with its policies and encryption, wherever they are written.

    A policy of a bucket that no file defines makes one of which nothing else is
    known.
    """
    listed = tuple(resources)
    beside = _Beside()
    for resource in listed:
        if not is_data(resource):
            _take(resource, beside, holes, problems)
    found = [
        _bucket(resource, _BUCKETS[resource.type], beside, holes, problems)
        for resource in listed
        if resource.type in _BUCKETS and not is_data(resource)
    ]
    seen = {(bucket.deployment, bucket.name) for bucket in found}
    found.extend(
        _undefined(name, attached, beside, holes)
        for (deployment, name), attached in beside.policies.items()
        if (deployment, name) not in seen
    )
    return tuple(found)


def _take(resource: Resource, beside: _Beside, holes: Holes, problems: list[Problem]) -> None:
    policy = _POLICIES.get(resource.type)
    if policy is None and resource.type not in {_ENCRYPTION, _BLOCK}:
        return
    target = resource.get(policy[0] if policy else "bucket")
    if target is None:
        return
    key = resource.deployment, _name_in(with_holes(target, holes))
    if policy is not None:
        body = resource.get(policy[1])
        if body is not None:
            attached = read_attached(body, PolicyKind.RESOURCE, resource, policy[1], holes, problems)
            beside.policies.setdefault(key, []).append((attached, resource))
    elif resource.type == _ENCRYPTION:
        beside.algorithms[key] = text(resource, f"{_SEPARATE_DEFAULT}.sse_algorithm", _WITHOUT_SETTING, holes)
        beside.bucket_keys[key] = boolean(resource, "rule.bucket_key_enabled", default=False)
        beside.keys[key] = _key_text(resource, f"{_SEPARATE_DEFAULT}.kms_master_key_id", holes)
    else:
        beside.blocked[key] = boolean(resource, "restrict_public_buckets", default=False)


def _key_text(resource: Resource, path: str, holes: Holes) -> Setting[str | None]:
    """How the key is named; an attribute of another resource names it too, although nobody knows its text."""
    value, location = find(resource, path)
    if value is None:
        return Setting(None, location, written=False)
    if isinstance(value.data, Unknown) and not value.data.resource:
        return Setting(value.data, location)
    return Setting(with_holes(value, holes), location)


def _name_in(written: str) -> str:
    """The name of a bucket that is named by name or by ARN."""
    return written.rpartition(":::")[2]


def _bucket(
    resource: Resource, names: _Names, beside: _Beside, holes: Holes, problems: list[Problem]
) -> Bucket:
    written = resource.get(names.name)
    arn = resource.get("arn")
    if arn is not None:
        name = _name_in(with_holes(arn, holes))
    elif written is not None:
        name = with_holes(written, holes)
    else:
        name = holes.hole(f"{resource.address}.{names.name}")
    key = resource.deployment, name
    policies = [attached for attached, _ in beside.policies.get(key, ())]
    inline = resource.get(names.policy) if names.policy else None
    if inline is not None:
        policies.append(read_attached(inline, PolicyKind.RESOURCE, resource, names.policy, holes, problems))
    return Bucket(
        address=resource.address,
        deployment=resource.deployment,
        name=name,
        partition=partition_of(resource, holes),
        account=account_of(resource, holes),
        region=region_of(resource, holes),
        location=resource.location,
        policies=tuple(policies),
        algorithm=beside.algorithms.get(key) or text(resource, names.algorithm, _WITHOUT_SETTING, holes),
        encryption_key=beside.keys.get(key) or _key_text(resource, names.key, holes),
        public_blocked=_blocked(resource, names, beside.blocked.get(key)),
        bucket_key=beside.bucket_keys.get(key) or boolean(resource, names.bucket_key, default=False),
    )


def _blocked(resource: Resource, names: _Names, separate: Setting[bool] | None) -> Setting[bool]:
    """Whether public policies are without effect; new buckets are made so.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    if separate is not None:
        return separate
    if not names.blocked:
        return Setting(value=True, location=resource.location, written=False)
    container = names.blocked.partition(".")[0]
    return boolean(resource, names.blocked, default=resource.get(container) is None)


def _undefined(
    name: str, attached: list[tuple[Attachment, Resource]], beside: _Beside, holes: Holes
) -> Bucket:
    resource = attached[0][1]
    location: Location = attached[0][0].location
    key = resource.deployment, name
    unseen: Setting[str] = Setting(_WITHOUT_SETTING, location, written=False)
    return Bucket(
        address=resource.address,
        deployment=resource.deployment,
        name=name,
        partition=partition_of(resource, holes),
        account=account_of(resource, holes),
        region=region_of(resource, holes),
        location=location,
        policies=tuple(policy for policy, _ in attached),
        algorithm=beside.algorithms.get(key, unseen),
        encryption_key=beside.keys.get(key, Setting(None, location, written=False)),
        public_blocked=beside.blocked.get(key, Setting(value=True, location=location, written=False)),
        bucket_key=beside.bucket_keys.get(key, Setting(value=False, location=location, written=False)),
        defined=False,
    )
