"""In which account, partition and module a resource is."""

from __future__ import annotations

import re

from osreach.extract.attribute import identity, with_holes
from osreach.extract.domain import ACCOUNT, PARTITION, REGION
from osreach.iac.resource import Resource
from osreach.iam.hole import Holes
from osreach.value import Unknown

_ADDRESS = re.compile(r"(?P<module>.*\.)?(?:data\.)?[A-Za-z0-9_]+\.[A-Za-z0-9_-]+(?:\[.*\])?", re.DOTALL)
_ARN_PARTS = 6


def is_data(resource: Resource) -> bool:
    """Whether the code only looks the resource up."""
    return resource.address.startswith("data.") or ".data." in resource.address


def module_of(address: str) -> str:
    """The part of an address that names the module instance, empty for the root module."""
    found = _ADDRESS.fullmatch(address)
    return (found.group("module") or "") if found else ""


def account_of(resource: Resource, holes: Holes) -> str:
    """The account that the resource is made in, a hole where unknown."""
    match resource.account:
        case str() as known:
            return known
        case Unknown() as unknown:
            return holes.hole(identity(unknown))
        case None:
            return _part(resource, 4, holes) or holes.hole(ACCOUNT)


def partition_of(resource: Resource, holes: Holes) -> str:
    """The partition that the resource is made in, a hole where unknown."""
    return _part(resource, 1, holes) or holes.hole(PARTITION)


def region_of(resource: Resource, holes: Holes) -> str:
    """The region that the resource is made in, a hole where unknown."""
    return _part(resource, 3, holes) or holes.hole(REGION)


def exported_arn(resource: Resource, holes: Holes) -> str:
    """The ARN that the resource exports, empty where it does not say or what it says is no ARN."""
    value = resource.get("arn")
    arn = "" if value is None else with_holes(value, holes)
    return arn if len(arn.split(":", _ARN_PARTS - 1)) == _ARN_PARTS else ""


def _part(resource: Resource, index: int, holes: Holes) -> str:
    """A part of the ARN that the resource exports, empty where it does not say."""
    arn = exported_arn(resource, holes)
    return arn.split(":", _ARN_PARTS - 1)[index] if arn else ""
