"""How large a part of the Internet ranges are, against counting addresses one by one."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.library import shipped_library
from loader.services.shared.addresses import MUCH_OF_THE_INTERNET, internet_share, is_internet
from loader.services.shared.far_ends import range_target


@pytest.mark.parametrize(
    "prefixes",
    [
        ["0.0.0.0/0"],
        ["::/0"],
        ["2000::/3"],
        ["0.0.0.0/1", "128.0.0.0/1"],
        ["0.0.0.1-255.255.255.254"],
        ["/0"],
        ["0.0.0.0"],
        ["203.0.113.7/0"],
        ["any"],
        ["*"],
        ["INTERNET"],
        [f"{at}.0.0.0/8" for at in range(256)],
    ],
)
def test_all_of_the_internet_is_one_however_it_is_written(prefixes: list[str]) -> None:
    assert internet_share(prefixes) == 1


@pytest.mark.parametrize(
    "prefixes",
    [[], ["10.0.0.0/8", "172.16.0.0/12"], ["224.0.0.0/3"], ["fc00::/7"], ["Storage"], ["9.9.9.9-1.1.1.1"], ["x-y"]],
)
def test_what_is_not_of_the_internet_is_nothing_of_it(prefixes: list[str]) -> None:
    assert internet_share(prefixes) == 0


def test_much_of_the_internet_is_one_number() -> None:
    assert is_internet(MUCH_OF_THE_INTERNET)
    assert not is_internet(internet_share(["8.0.0.0/8"]))
    asked = [
        check.parameters["internet_percent"]
        for check in shipped_library().checks.values()
        if "internet_percent" in check.parameters
    ]
    assert len(asked) > 5
    assert {one.default for one in asked} == {round(MUCH_OF_THE_INTERNET * 100)}


def test_a_range_that_is_much_of_the_internet_comes_from_it() -> None:
    assert range_target("0.0.0.1", "255.255.255.254").key == "internet"
    assert range_target("0.0.0.0", "0.0.0.0").key == "address:0.0.0.0"
    assert range_target("203.0.113.1", "203.0.113.9").key == "range:203.0.113.1-203.0.113.9"


# A small world: 9.255.255.128 to 10.0.0.127, of which the upper half is private.
FIRST = int(IPv4Address("9.255.255.128"))
SPAN = st.tuples(st.integers(0, 255), st.integers(0, 255)).map(sorted)


@settings(max_examples=60, deadline=None)
@given(st.lists(SPAN, max_size=8))
def test_ranges_are_counted_as_one_counts_their_addresses(spans: list[list[int]]) -> None:
    texts = [f"{IPv4Address(FIRST + low)}-{IPv4Address(FIRST + high)}" for low, high in spans]
    addresses = {FIRST + at for low, high in spans for at in range(low, high + 1)}
    public = sum(not IPv4Address(one).is_private for one in addresses)
    whole = round(1 / internet_share(["8.8.8.8"]))
    assert internet_share(texts) * whole == pytest.approx(public)
