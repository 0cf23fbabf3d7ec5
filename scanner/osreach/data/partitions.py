"""The partitions of AWS with their regions and domain names.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from osreach.data.file import read


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of AWS with accounts of its own.

    `name` is what ARNs begin with after `arn:` (`aws-cn`), `dns_suffix` what
    its endpoints end in (`amazonaws.com.cn`). `regions` are those that are
    known, `region_pattern` is a regular expression for the whole name of one
    that is yet to come. `global_region` answers for services without regions.
    """

    name: str
    dns_suffix: str
    dual_stack_dns_suffix: str
    global_region: str
    region_pattern: str
    regions: tuple[str, ...]


@cache
def partitions() -> Mapping[str, Partition]:
    """All partitions by their names."""
    content = json.loads(read("partitions.json"))["partitions"]
    found = {
        name: Partition(
            name,
            entry["dns_suffix"],
            entry["dual_stack_dns_suffix"],
            entry["global_region"],
            entry["region_pattern"],
            tuple(entry["regions"]),
        )
        for name, entry in content.items()
    }
    return MappingProxyType(found)


def partition_of_region(region: str) -> Partition | None:
    """The partition that a region is in, known or yet to come; None where the name is none of a region."""
    for partition in partitions().values():
        if region in partition.regions:
            return partition
    for partition in partitions().values():
        if re.fullmatch(partition.region_pattern, region, re.ASCII):
            return partition
    return None
