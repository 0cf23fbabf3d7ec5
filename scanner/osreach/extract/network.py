"""Security groups and their rules.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group_rule
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from osreach.access.network import AddressRange, IngressRule, SecurityGroup
from osreach.iac.resource import Resource
from osreach.value import Text, Unknown, Value

_GROUP = "aws_security_group"
_RULE = "aws_security_group_rule"
_INGRESS_RULE = "aws_vpc_security_group_ingress_rule"

TYPES = frozenset({_GROUP, _RULE, _INGRESS_RULE})
"""The resource types that this module reads."""

_RANGE_LISTS = ("cidr_blocks", "ipv6_cidr_blocks")
_SINGLE_RANGES = ("cidr_ipv4", "cidr_ipv6")


def read_security_groups(resources: Iterable[Resource]) -> Mapping[tuple[str, str], SecurityGroup]:
    """Every security group by deployment and address, with the rules that name it."""
    listed = tuple(resources)
    separate: dict[tuple[str, str], list[IngressRule]] = {}
    for resource in listed:
        owner = _owner(resource)
        if owner is None:
            continue
        rule = _rule(resource.attributes, owner, resource)
        separate.setdefault((resource.deployment, owner), []).append(rule)
    groups: dict[tuple[str, str], SecurityGroup] = {}
    for resource in listed:
        if resource.type != _GROUP:
            continue
        inline = [
            _rule(block, resource.address, resource)
            for block in resource.blocks("ingress")
            if not isinstance(block.data, Unknown)
        ]
        key = (resource.deployment, resource.address)
        rules = (*inline, *separate.get(key, ()))
        groups[key] = SecurityGroup(resource.address, rules, resource.location)
    return groups


def _owner(resource: Resource) -> str | None:
    """The address of the group that a separate ingress rule belongs to."""
    if resource.type == _RULE:
        direction = resource.get("type")
        if direction is None or direction.text != "ingress":
            return None
    elif resource.type != _INGRESS_RULE:
        return None
    group = resource.get("security_group_id")
    return None if group is None else referenced(group)


def referenced(value: Value) -> str | None:
    """The address of the resource whose attribute `value` is, or None."""
    match value.data:
        case Unknown(resource=address) if address:
            return address
        case Text(parts) if len(parts) == 1 and isinstance(parts[0].text, Unknown):
            return parts[0].text.resource or None
        case _:
            return None


def _rule(body: Value, group: str, resource: Resource) -> IngressRule:
    protocol_value = body.get("protocol") or body.get("ip_protocol")
    protocol: str | Unknown = "-1"
    if protocol_value is not None and protocol_value.data is not None:
        known = protocol_value.text
        if known is not None:
            protocol = known
        elif isinstance(protocol_value.data, int | float):
            protocol = str(int(protocol_value.data))
        elif isinstance(protocol_value.data, Unknown):
            protocol = protocol_value.data
    from_port, from_known = _port(body.get("from_port"))
    to_port, to_known = _port(body.get("to_port"))
    location = body.location if body is not resource.attributes else resource.location
    ports_known = from_known and to_known
    return IngressRule(group, protocol, from_port, to_port, _sources(body), location, ports_known)


def _port(value: Value | None) -> tuple[int | None, bool]:
    """A port number, and whether it is known."""
    match value.data if value is not None else None:
        case None:
            return None, True
        case bool():
            return None, False
        case int() | float() as number:
            return int(number), True
        case str() as digits if digits.lstrip("-").isdigit():
            return int(digits), True
        case _:
            return None, False


def _sources(body: Value) -> tuple[AddressRange, ...]:
    ranges: list[AddressRange] = []
    for name in _RANGE_LISTS:
        listed = body.get(name)
        for item in listed.items if listed is not None else ():
            ranges.extend(_range(item))
    for name in _SINGLE_RANGES:
        single = body.get(name)
        if single is not None:
            ranges.extend(_range(single))
    return tuple(ranges)


def _range(value: Value) -> Iterable[AddressRange]:
    known = value.text
    if known is not None:
        yield AddressRange(known, value.location)
    elif isinstance(value.data, Unknown):
        yield AddressRange(value.data, value.location)
    elif isinstance(value.data, Text):
        yield AddressRange(value.data.unknowns[0], value.location)
