"""Sets of IP addresses as intervals, with exact algebra and exact counts.

IPv4 and IPv6 are two worlds: no address of one is in a network of the other.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from osreach.iam.scalar import address_range

Interval: TypeAlias = tuple[int, int]
"""First and last address, both included."""

V4_LAST = (1 << 32) - 1
V6_LAST = (1 << 128) - 1


@dataclass(frozen=True, slots=True)
class AddressSet:
    """A set of addresses: sorted intervals that neither overlap nor touch, for each version."""

    v4: tuple[Interval, ...] = ()
    v6: tuple[Interval, ...] = ()

    def union(self, other: AddressSet) -> AddressSet:
        """The addresses in either."""
        return AddressSet(_joined((*self.v4, *other.v4)), _joined((*self.v6, *other.v6)))

    def intersection(self, other: AddressSet) -> AddressSet:
        """The addresses in both."""
        return AddressSet(_common(self.v4, other.v4), _common(self.v6, other.v6))

    def complement(self) -> AddressSet:
        """The addresses that are not in here."""
        return AddressSet(_rest(self.v4, V4_LAST), _rest(self.v6, V6_LAST))

    def difference(self, other: AddressSet) -> AddressSet:
        """The addresses in here that are not in `other`."""
        return self.intersection(other.complement())

    def covers(self, other: AddressSet) -> bool:
        """Whether every address of `other` is in here."""
        return not other.difference(self)

    def __contains__(self, address: str) -> bool:
        """Whether one address, written out, is in here."""
        network = parse_network(address)
        return bool(network) and self.covers(network)

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    @property
    def count_v4(self) -> int:
        """How many IPv4 addresses are in here (at most 2**32)."""
        return sum(last - first + 1 for first, last in self.v4)

    @property
    def count_v6(self) -> int:
        """How many IPv6 addresses are in here (at most 2**128)."""
        return sum(last - first + 1 for first, last in self.v6)

    def networks(self) -> tuple[str, ...]:
        """The same set as the fewest networks in CIDR notation, in order."""
        four = (
            str(network)
            for first, last in self.v4
            for network in ipaddress.summarize_address_range(
                ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)
            )
        )
        six = (
            str(network)
            for first, last in self.v6
            for network in ipaddress.summarize_address_range(
                ipaddress.IPv6Address(first), ipaddress.IPv6Address(last)
            )
        )
        return (*four, *six)

    def sample(self) -> str | None:
        """One address, for people: a documentation address or else one of the internet where there is one."""
        wishes = _wishes()
        if self.v4 and _meeting(self.v4, wishes.documentation) is None:
            # By far the most common case first.
            public = _meeting(self.v4, wishes.public)
            if public is not None:
                return _dotted(public)
        for four, six in wishes.ordered:
            found = _meeting(self.v4, four)
            if found is not None:
                return _dotted(found)
            found = _meeting(self.v6, six)
            if found is not None:
                return str(ipaddress.IPv6Address(found))
        return None


def _dotted(address: int) -> str:
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


def _meeting(ours: tuple[Interval, ...], theirs: tuple[Interval, ...]) -> int | None:
    """The first address in both, or better the seventh after it where that is in both too."""
    for first, last in ours:
        for begin, end in theirs:
            low = max(first, begin)
            high = min(last, end)
            if low <= high:
                return low + 7 if low + 7 <= high else low
    return None


EVERY_ADDRESS = AddressSet(((0, V4_LAST),), ((0, V6_LAST),))
NO_ADDRESS = AddressSet()


@lru_cache(maxsize=16_384)
def parse_network(text: str) -> AddressSet:
    """The addresses of a network (`203.0.113.0/24`) or of one address.

    Bits behind the prefix are ignored. Empty for every other text: such a
    value matches no address.
    """
    match address_range(text):
        case (4, first, last):
            return AddressSet(v4=((first, last),))
        case (_, first, last):
            return AddressSet(v6=((first, last),))
        case _:
            return NO_ADDRESS


def address_set(networks: Iterable[str]) -> AddressSet:
    """The union of networks; texts that are none add nothing."""
    parsed = [parse_network(text) for text in networks]
    return AddressSet(
        _joined(interval for one in parsed for interval in one.v4),
        _joined(interval for one in parsed for interval in one.v6),
    )


def cells(networks: Sequence[AddressSet], within: AddressSet = EVERY_ADDRESS) -> tuple[AddressSet, ...]:
    """`within`, cut so finely that each of `networks` holds all of a cell or nothing of it.

    Addresses that are in the same networks are in the same cell, of one
    version; no cell is empty.
    """
    return tuple(cell for cell, _ in marked_cells(networks, within))


def marked_cells(
    networks: Sequence[AddressSet], within: AddressSet = EVERY_ADDRESS
) -> list[tuple[AddressSet, int]]:
    """The same cells, each with a bit for every one of `networks` that holds it."""
    four = _cells([one.v4 for one in networks], within.v4, V4_LAST)
    six = _cells([one.v6 for one in networks], within.v6, V6_LAST)
    return [
        *((AddressSet(v4=cell), mark) for mark, cell in four),
        *((AddressSet(v6=cell), mark) for mark, cell in six),
    ]


def _cells(
    networks: Sequence[tuple[Interval, ...]], within: tuple[Interval, ...], last: int
) -> list[tuple[int, tuple[Interval, ...]]]:
    # One sweep over all ends: `inside` is the set of networks that hold the
    # stretch in front of the next cut, as bits.
    changes: dict[int, int] = {0: 0}
    for index, intervals in enumerate((within, *networks)):
        for first, end in intervals:
            changes[first] = changes.get(first, 0) ^ (1 << index)
            if end < last:
                changes[end + 1] = changes.get(end + 1, 0) ^ (1 << index)
    cuts = sorted(changes)
    found: dict[int, list[Interval]] = {}
    inside = 0
    for place, cut in enumerate(cuts):
        inside ^= changes[cut]
        if inside & 1:
            end = cuts[place + 1] - 1 if place + 1 < len(cuts) else last
            found.setdefault(inside, []).append((cut, end))
    return [(mark >> 1, _joined(intervals)) for mark, intervals in found.items()]


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    for first, last in sorted(intervals):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _common(ours: tuple[Interval, ...], theirs: tuple[Interval, ...]) -> tuple[Interval, ...]:
    found: list[Interval] = []
    left = right = 0
    while left < len(ours) and right < len(theirs):
        first = max(ours[left][0], theirs[right][0])
        last = min(ours[left][1], theirs[right][1])
        if first <= last:
            found.append((first, last))
        if ours[left][1] < theirs[right][1]:
            left += 1
        else:
            right += 1
    return tuple(found)


def _rest(intervals: tuple[Interval, ...], end: int) -> tuple[Interval, ...]:
    found: list[Interval] = []
    begin = 0
    for first, last in intervals:
        if begin < first:
            found.append((begin, first - 1))
        begin = last + 1
    if begin <= end:
        found.append((begin, end))
    return tuple(found)


_NOT_PUBLIC = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)


@dataclass(frozen=True, slots=True)
class _Wishes:
    """Intervals of both versions from the most to the least telling, and two that are looked at first."""

    ordered: tuple[tuple[tuple[Interval, ...], tuple[Interval, ...]], ...]
    documentation: tuple[Interval, ...]
    public: tuple[Interval, ...]


@lru_cache(maxsize=1)
def _wishes() -> _Wishes:
    """What a sample is taken from.

    Sources: https://www.rfc-editor.org/rfc/rfc5737 and https://www.rfc-editor.org/rfc/rfc3849
    """
    documentation = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"]
    public = address_set(_NOT_PUBLIC).complement().v4
    ordered = (
        address_set(["203.0.113.7"]),
        address_set(["203.0.113.0/24"]),
        address_set(["198.51.100.7"]),
        address_set(["198.51.100.0/24"]),
        address_set(["192.0.2.0/24"]),
        AddressSet(v4=public),
        address_set(["2001:db8::7"]),
        address_set(["2001:db8::/32"]),
        AddressSet(v4=EVERY_ADDRESS.v4),
        address_set(["2000::/3"]),
        EVERY_ADDRESS,
    )
    return _Wishes(tuple((one.v4, one.v6) for one in ordered), address_set(documentation).v4, public)
