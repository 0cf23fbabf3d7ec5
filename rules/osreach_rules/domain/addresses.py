"""What an address in a condition is: valid, private, wide."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

_PRIVATE = (
    ip_network("10.0.0.0/8"),
    ip_network("172.16.0.0/12"),
    ip_network("192.168.0.0/16"),
    ip_network("100.64.0.0/10"),
    ip_network("169.254.0.0/16"),
    ip_network("127.0.0.0/8"),
    ip_network("fc00::/7"),
    ip_network("fe80::/10"),
)
_WIDE_VERSION_4 = 16
_WIDE_VERSION_6 = 32


def network(text: str) -> IPv4Network | IPv6Network | None:
    """The network that `text` writes, host bits ignored, or None where it is no address."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def has_host_bits(text: str) -> bool:
    """Whether a valid network is written with bits behind its prefix."""
    try:
        ip_network(text)
    except ValueError:
        return network(text) is not None
    return False


def is_private(text: str) -> bool:
    """Whether every address of the network is never seen on the internet.

    Source: https://www.iana.org/assignments/iana-ipv4-special-registry
    """
    found = network(text)
    if found is None:
        return False
    return any(
        isinstance(found, type(private)) and found.subnet_of(private)  # type: ignore[arg-type] # same version
        for private in _PRIVATE
    )


def is_wide(text: str) -> bool:
    """Whether a public network is wider than one organization usually has."""
    found = network(text)
    if found is None or is_private(text):
        return False
    limit = _WIDE_VERSION_4 if isinstance(found, IPv4Network) else _WIDE_VERSION_6
    return found.prefixlen < limit
