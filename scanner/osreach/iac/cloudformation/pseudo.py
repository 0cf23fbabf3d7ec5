"""Pseudo parameters: what every template may refer to without declaring it.

Account, region and partition that nobody tells carry the same names as in the
other languages, so that partly known ARNs compare equal.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from osreach.data.partitions import partition_of_region, partitions
from osreach.iac.resource import Inputs
from osreach.value import Unknown

_WHEN = "known when the stack is deployed"

ACCOUNT: Final = Unknown("data.aws_caller_identity.current.account_id", _WHEN)
REGION: Final = Unknown("data.aws_region.current.name", _WHEN)
PARTITION: Final = Unknown("data.aws_partition.current.partition", _WHEN)
_SUFFIX: Final = Unknown("data.aws_partition.current.dns_suffix", _WHEN)


def pseudo_parameters(inputs: Inputs, region: str | None = None) -> Mapping[str, str | Unknown]:
    """The value of each pseudo parameter but `AWS::NoValue`; `region` goes before the user's."""
    known_region = region or inputs.region
    partition: str | Unknown = inputs.partition or PARTITION
    if inputs.partition is None and known_region is not None:
        found = partition_of_region(known_region)
        partition = found.name if found is not None else PARTITION
    suffix: str | Unknown = _SUFFIX
    if isinstance(partition, str) and partition in partitions():
        suffix = partitions()[partition].dns_suffix
    return {
        "AWS::AccountId": inputs.account or ACCOUNT,
        "AWS::Region": known_region or REGION,
        "AWS::Partition": partition,
        "AWS::URLSuffix": suffix,
        "AWS::StackName": Unknown("AWS::StackName", _WHEN),
        "AWS::StackId": Unknown("AWS::StackId", _WHEN),
        "AWS::NotificationARNs": Unknown("AWS::NotificationARNs", _WHEN, many=True),
    }
