"""Which account, region and partition a provider configuration works in.

Whatever is not known is the same unknown wherever it occurs, so that partly
known ARNs of one deployment compare equal.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from osreach.iac.resource import Inputs
from osreach.value import Data, Object, Unknown, Value

ACCOUNT = Unknown("data.aws_caller_identity.current.account_id", "the account is not known before the plan")
REGION = Unknown("data.aws_region.current.name", "the region is not known before the plan")
PARTITION = Unknown("data.aws_partition.current.partition", "the partition is not known before the plan")

_ACCOUNT_OF_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):role/")
_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("us-iso-", "aws-iso"),
    ("eu-isoe-", "aws-iso-e"),
    ("eusc-", "aws-eusc"),
)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")
_OTHER_IDENTITY = ("profile", "access_key", "assume_role_with_web_identity", "shared_credentials_files")


@dataclass(frozen=True, slots=True)
class Facts:
    """Where the resources of one provider configuration live; each a string or an Unknown."""

    account: str | Unknown
    region: str | Unknown
    partition: str | Unknown


def partition_of(region: str) -> str | None:
    """The partition of a region, or None for a name that is no region."""
    for beginning, partition in _PARTITIONS:
        if region.startswith(beginning):
            return partition
    return "aws" if _REGION.fullmatch(region) else None


def _known(value: Value | None) -> str | None:
    return None if value is None else value.text


def _account(settings: Object, alias: str, inputs: Inputs) -> str | Unknown:
    allowed = settings.entries.get("allowed_account_ids")
    if allowed is not None and len(allowed.items) == 1:
        account = _known(allowed.items[0])
        if account is not None:
            return account
    roles = settings.entries.get("assume_role")
    other = any(
        (entry := settings.entries.get(name)) is not None and entry.data is not None
        for name in _OTHER_IDENTITY
    )
    for role in () if roles is None else roles.items:
        arn = role.get("role_arn")
        found = _ACCOUNT_OF_ARN.match(_known(arn) or "")
        if found is not None:
            return found.group(1)
        other = other or arn is None or arn.data is not None
    if alias and other:
        return Unknown(f"provider.{alias}.account_id", "the account of this provider is not known")
    return inputs.account or ACCOUNT


def _region(settings: Object, alias: str, inputs: Inputs) -> str | Unknown:
    written = settings.entries.get("region")
    match None if written is None else written.data:
        case str() as region:
            return region
        case Unknown() as unknown if alias:
            return unknown
        case None if alias:
            return Unknown(f"provider.{alias}.region", "the region of this provider is not known")
        case _:
            return inputs.region or REGION


def facts(settings: Data, alias: str, inputs: Inputs) -> Facts:
    """What `settings`, the arguments of a provider block, say.

    `alias` is the configuration's name (`aws.west`), empty for the default one.
    A region in the files goes before the one that the user gives.
    """
    written = settings if isinstance(settings, Object) else Object()
    region = _region(written, alias, inputs)
    partition: str | Unknown = inputs.partition or PARTITION
    if isinstance(region, str) and inputs.partition is None:
        partition = partition_of(region) or PARTITION
    return Facts(_account(written, alias, inputs), region, partition)
