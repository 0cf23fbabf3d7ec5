"""Security groups and their rules.

Sources:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group_rule
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from osreach.access.network import AddressRange, IngressRule, SecurityGroup
from osreach.iac.resource import Resource
from osreach.value import Text, Unknown, Value


@dataclass(frozen=True, slots=True)
class _Names:
    """What one language calls the parts of an ingress rule; `group` is the group that a separate rule names."""

    rules: str
    group: str
    protocol: tuple[str, ...]
    from_port: str
    to_port: str
    range_lists: tuple[str, ...]
    single_ranges: tuple[str, ...]


_TERRAFORM = _Names(
    rules="ingress",
    group="security_group_id",
    protocol=("protocol", "ip_protocol"),
    from_port="from_port",
    to_port="to_port",
    range_lists=("cidr_blocks", "ipv6_cidr_blocks"),
    single_ranges=("cidr_ipv4", "cidr_ipv6"),
)

_CLOUDFORMATION = _Names(
    rules="SecurityGroupIngress",
    group="GroupId",
    protocol=("IpProtocol",),
    from_port="FromPort",
    to_port="ToPort",
    range_lists=(),
    single_ranges=("CidrIp", "CidrIpv6"),
)

_GROUPS: Mapping[str, _Names] = {
    "aws_security_group": _TERRAFORM,
    "AWS::EC2::SecurityGroup": _CLOUDFORMATION,
}

_EITHER_DIRECTION = "aws_security_group_rule"

_RULES: Mapping[str, _Names] = {
    _EITHER_DIRECTION: _TERRAFORM,
    "aws_vpc_security_group_ingress_rule": _TERRAFORM,
    "AWS::EC2::SecurityGroupIngress": _CLOUDFORMATION,
}

TYPES = frozenset(_GROUPS) | frozenset(_RULES)
"""The resource types that this module reads."""


def read_security_groups(resources: Iterable[Resource]) -> Mapping[tuple[str, str], SecurityGroup]:
    """Every security group by deployment and address, with the rules that name it."""
    listed = tuple(resources)
    separate: dict[tuple[str, str], list[IngressRule]] = {}
    for resource in listed:
        owner = _owner(resource)
        if owner is None:
            continue
        rule = _rule(resource.attributes, owner, resource, _RULES[resource.type])
        separate.setdefault((resource.deployment, owner), []).append(rule)
    groups: dict[tuple[str, str], SecurityGroup] = {}
    for resource in listed:
        names = _GROUPS.get(resource.type)
        if names is None:
            continue
        inline = [
            _rule(block, resource.address, resource, names)
            for block in resource.blocks(names.rules)
            if not isinstance(block.data, Unknown)
        ]
        key = (resource.deployment, resource.address)
        rules = (*inline, *separate.get(key, ()))
        groups[key] = SecurityGroup(resource.address, rules, resource.location)
    return groups


def _owner(resource: Resource) -> str | None:
    """The address of the group that a separate ingress rule belongs to."""
    names = _RULES.get(resource.type)
    if names is None:
        return None
    if resource.type == _EITHER_DIRECTION:
        direction = resource.get("type")
        if direction is None or direction.text != "ingress":
            return None
    group = resource.get(names.group)
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


def _rule(body: Value, group: str, resource: Resource, names: _Names) -> IngressRule:
    written = (body.get(name) for name in names.protocol)
    protocol_value = next((value for value in written if value is not None), None)
    protocol: str | Unknown = "-1"
    if protocol_value is not None and protocol_value.data is not None:
        known = protocol_value.text
        if known is not None:
            protocol = known
        elif isinstance(protocol_value.data, int | float):
            protocol = str(int(protocol_value.data))
        elif isinstance(protocol_value.data, Unknown):
            protocol = protocol_value.data
    from_port, from_known = _port(body.get(names.from_port))
    to_port, to_known = _port(body.get(names.to_port))
    location = body.location if body is not resource.attributes else resource.location
    ports_known = from_known and to_known
    return IngressRule(group, protocol, from_port, to_port, _sources(body, names), location, ports_known)


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


def _sources(body: Value, names: _Names) -> tuple[AddressRange, ...]:
    ranges: list[AddressRange] = []
    for name in names.range_lists:
        listed = body.get(name)
        for item in listed.items if listed is not None else ():
            ranges.extend(_range(item))
    for name in names.single_ranges:
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
