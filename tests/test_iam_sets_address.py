"""Address sets: exact algebra, exact counts, telling samples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osreach.iam.address import EVERY_ADDRESS, NO_ADDRESS, AddressSet, address_set, cells, parse_network


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("203.0.113.7", ("203.0.113.7/32",)),
        ("203.0.113.7/24", ("203.0.113.0/24",)),
        ("0.0.0.0/0", ("0.0.0.0/0",)),
        ("2001:db8::/32", ("2001:db8::/32",)),
        ("2001:DB8::1", ("2001:db8::1/128",)),
        ("12.345.678.901", ()),
        ("203.0.113.0/33", ()),
        ("203.0.113.0/255.255.255.0", ()),
        ("203.0.113.0/", ()),
        ("203.0.113", ()),
        ("*", ()),
        ("", ()),
        ("fe80::1%eth0", ()),
    ],
)
def test_a_network_is_read_strictly(text: str, networks: tuple[str, ...]) -> None:
    assert parse_network(text).networks() == networks


def test_two_halves_are_every_address() -> None:
    halves = address_set(["0.0.0.0/1", "128.0.0.0/1"])
    assert halves.v4 == EVERY_ADDRESS.v4
    assert halves.count_v4 == 2**32
    assert halves.count_v6 == 0


def test_neighbours_join() -> None:
    assert address_set(["10.0.0.0/9", "10.128.0.0/9"]).networks() == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("networks", "sample"),
    [
        (["0.0.0.0/0"], "203.0.113.7"),
        (["203.0.113.128/25"], "203.0.113.135"),
        (["10.0.0.0/8", "52.0.0.0/8"], "52.0.0.7"),
        (["10.0.0.0/8"], "10.0.0.7"),
        (["::/0"], "2001:db8::7"),
        (["2001:db8:8000::/33"], "2001:db8:8000::7"),
        (["fd00::/8"], "fd00::7"),
        ([], None),
    ],
)
def test_the_sample_tells_something(networks: list[str], sample: str | None) -> None:
    assert address_set(networks).sample() == sample


four = st.tuples(st.integers(0, 255), st.integers(0, 32)).map(lambda pair: f"10.{pair[0]}.0.0/{pair[1]}")
six = st.tuples(st.integers(0, 15), st.integers(0, 128)).map(lambda pair: f"2001:db8:{pair[0]:x}::/{pair[1]}")
sets = st.lists(st.one_of(four, six), max_size=5).map(address_set)


@given(sets, sets)
def test_the_algebra_is_one_of_sets(one: AddressSet, other: AddressSet) -> None:
    assert one.difference(one) == NO_ADDRESS
    assert one.complement().complement() == one
    assert one.union(other).complement() == one.complement().intersection(other.complement())
    assert one.difference(other).union(one.intersection(other)) == one
    assert one.union(other).covers(one)
    both = one.intersection(other)
    assert one.count_v4 + other.count_v4 == one.union(other).count_v4 + both.count_v4
    assert one.count_v6 + other.count_v6 == one.union(other).count_v6 + both.count_v6
    assert address_set(one.networks()) == one


@given(st.lists(st.one_of(four, six), max_size=5), sets)
def test_cells_partition_and_are_not_cut(texts: list[str], within: AddressSet) -> None:
    networks = [parse_network(text) for text in texts]
    found = cells(networks, within)
    rest = within
    for cell in found:
        assert cell
        assert not (cell.v4 and cell.v6)
        assert rest.covers(cell)
        rest = rest.difference(cell)
        for network in networks:
            assert network.covers(cell) or not network.intersection(cell)
    assert rest == NO_ADDRESS
    signs = [(bool(cell.v4), *(network.covers(cell) for network in networks)) for cell in found]
    assert len(set(signs)) == len(signs)
