"""Address prefixes and ranges as rules write them, and how large a part of the Internet several of them are together.

A firewall that lets in 0.0.0.0/1 and 128.0.0.0/1, or 0.0.0.1 to 255.255.255.254, or 2000::/3, lets in everybody though
no rule says so. So ranges are counted, all rules together, in whole addresses. IPv4 and IPv6 are counted apart, and
the larger part counts: who is let in over one of them is in.

The Internet is every address that is not set aside for private, shared, local or reserved use, or for multicast, and
of IPv6 the global unicast addresses (2000::/3). Ranges for documentation count, since examples stand for real ones.
Source: https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.rfc-editor.org/rfc/rfc4291#section-2.4
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network

from loader.services.shared.ports import Interval, join

Network = IPv4Network | IPv6Network
# Addresses as integers: IP version, first and last one.
Block = tuple[int, int, int]

# From this part of the Internet on, who is let in is the Internet: no organisation in the world has as many addresses
# of its own, so that strangers are let in. Checks have it as the default of their parameter `internet_percent`.
MUCH_OF_THE_INTERNET = 0.1

WHOLE_INTERNET = frozenset({"*", "any", "internet", "all"})
EVERYTHING = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Nobody can be met at these on the Internet.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3"),
        *("::1/128", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)


@lru_cache(maxsize=100_000)
def parse_network(prefix: str) -> Network | None:
    """The network of "10.0.0.0/8" or "1.2.3.4"; None for service tags and "*".

    "/0", a bare "0.0.0.0" and "203.0.113.7/0" are every address: CIS names them as ways to write the Internet.
    """
    text = prefix.strip()
    if text.endswith("/0") or text in ("0.0.0.0", "::"):  # noqa: S104
        return EVERYTHING[":" in text]
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def inside(narrow: Network, wide: Network) -> bool:
    """True where every address of `narrow` is one of `wide`."""
    if isinstance(narrow, IPv4Network):
        return isinstance(wide, IPv4Network) and narrow.subnet_of(wide)
    return isinstance(wide, IPv6Network) and narrow.subnet_of(wide)


def collapse(networks: list[Network]) -> list[Network]:
    """The same addresses in as few networks as possible, so that 0.0.0.0/1 and 128.0.0.0/1 are seen as 0.0.0.0/0."""
    four = collapse_addresses([one for one in networks if isinstance(one, IPv4Network)])
    six = collapse_addresses([one for one in networks if isinstance(one, IPv6Network)])
    return [*four, *six]


@lru_cache(maxsize=100_000)
def has_public(network: Network) -> bool:
    """True where some address of it can be met on the Internet."""
    return not any(inside(network, block) for block in _NOT_PUBLIC)


@lru_cache(maxsize=100_000)
def only_public(network: Network) -> bool:
    """True where every address of it can be met on the Internet."""
    return not any(inside(network, block) or inside(block, network) for block in _NOT_PUBLIC)


# --- how large a part of the Internet ------------------------------------------------------------------------------


def internet_share(prefixes: Iterable[str]) -> float:
    """The part of the Internet, from 0 to 1, that address prefixes, addresses and ranges cover together.

    Takes what rules write: "203.0.113.0/24", "0.0.0.1-255.255.255.254", "2000::/3", "*", "Internet", "0.0.0.0".
    Service tags and text that is no address cover nothing.
    """
    return share_of(block for prefix in prefixes for block in blocks(prefix))


def is_internet(share: float) -> bool:
    """Whether that part of the Internet counts as the Internet."""
    return share >= MUCH_OF_THE_INTERNET


def blocks(prefix: str) -> list[Block]:
    """The addresses that a rule's text names: an address, a prefix, "first-last", or every address by a word."""
    text = prefix.strip()
    if text.lower() in WHOLE_INTERNET:
        return [_block(one) for one in EVERYTHING]
    network = parse_network(text)
    if network is not None:
        return [_block(network)]
    first, _, last = text.partition("-")
    return span_blocks(first, last)


def span_blocks(first: str, last: str) -> list[Block]:
    """The addresses from the first to the last; none where they are no addresses, or in the wrong order."""
    try:
        start, end = ip_address(first.strip()), ip_address(last.strip())
    except ValueError:
        return []
    valid = start.version == end.version and int(start) <= int(end)
    return [(start.version, int(start), int(end))] if valid else []


def share_of(several: Iterable[Block]) -> float:
    """The part of the Internet that blocks of addresses cover together."""
    spans: dict[int, list[Interval]] = {4: [], 6: []}
    for version, first, last in several:
        spans[version].append((first, last))
    return max(_covered(spans[version], _internet(version)) for version in spans)


def _covered(spans: list[Interval], internet: tuple[Interval, ...]) -> float:
    """How much of the Internet the spans cover, each address counted once."""
    met = sum(max(0, min(last, end) - max(first, start) + 1) for first, last in join(spans) for start, end in internet)
    return met / sum(end - start + 1 for start, end in internet)


@lru_cache(maxsize=2)
def _internet(version: int) -> tuple[Interval, ...]:
    """The spans of addresses that are the Internet."""
    if version == _GLOBAL_UNICAST.version:
        return (_block(_GLOBAL_UNICAST)[1:],)
    aside = join(_block(one)[1:] for one in _NOT_PUBLIC if one.version == version)
    starts = [0, *(last + 1 for _, last in aside)]
    ends = [*(first - 1 for first, _ in aside), int(EVERYTHING[0].broadcast_address)]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start <= end)


def _block(network: Network) -> Block:
    return network.version, int(network.network_address), int(network.broadcast_address)
