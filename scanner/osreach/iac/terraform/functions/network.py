"""Functions over addresses.

Source: https://developer.hashicorp.com/terraform/language/functions#ip-network-functions
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TypeAlias

from osreach.iac.terraform.functions.signature import Function, FunctionError, Kind, Plain, strict

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> _Network:
    if "/" not in text:
        raise FunctionError(f"`{text}` is not an address range")
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise FunctionError(f"`{text}` is not an address range") from error


def _host(prefix: str, number: int) -> Plain:
    network = _network(prefix)
    size = network.num_addresses
    if not -size <= number < size:
        raise FunctionError(f"the range `{prefix}` has no address {number}")
    return str(network[number])


def _netmask(prefix: str) -> Plain:
    network = _network(prefix)
    if network.version == 6:
        raise FunctionError("IPv6 ranges have no netmask")
    return str(network.netmask)


def _part(network: _Network, bits: int, number: int) -> _Network:
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or not 0 <= number < 2**bits:
        raise FunctionError(f"the range `{network}` cannot be divided so")
    step = 2 ** (network.max_prefixlen - length)
    base = int(network.network_address) + number * step
    if network.version == 4:
        return ipaddress.IPv4Network((base, length))
    return ipaddress.IPv6Network((base, length))


def _subnet(prefix: str, bits: int, number: int) -> Plain:
    return str(_part(_network(prefix), bits, number))


def _subnets(prefix: str, *bits: int) -> Plain:
    network = _network(prefix)
    current = int(network.network_address)
    found: list[Plain] = []
    for more in bits:
        length = network.prefixlen + more
        if more < 1 or length > network.max_prefixlen:
            raise FunctionError(f"the range `{network}` cannot be divided so")
        step = 2 ** (network.max_prefixlen - length)
        current = -(-current // step) * step
        if current + step > int(network.network_address) + network.num_addresses:
            raise FunctionError(f"the range `{network}` is too small for these parts")
        found.append(str(_part(network, more, (current - int(network.network_address)) // step)))
        current += step
    return found


FUNCTIONS: Mapping[str, Function] = {
    "cidrhost": strict("cidrhost", (Kind.TEXT, Kind.WHOLE), _host),
    "cidrnetmask": strict("cidrnetmask", (Kind.TEXT,), _netmask),
    "cidrsubnet": strict("cidrsubnet", (Kind.TEXT, Kind.WHOLE, Kind.WHOLE), _subnet),
    "cidrsubnets": strict("cidrsubnets", (Kind.TEXT,), _subnets, Kind.WHOLE),
}
