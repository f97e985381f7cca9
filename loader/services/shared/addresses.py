"""Far ends of firewall rules that no answer describes: the Internet, an address range, one address, a service tag.

They are shared by every tenant of a graph: `internet`, `range:10.0.0.0/8`, `address:20.30.40.50`, `servicetag:storage`.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network, summarize_address_range
from typing import cast

from loader.model import EntityType, Service, Target, Value

Network = IPv4Network | IPv6Network

FIREWALL_FAR_ENDS = ("internet", "address_range", "ip_address", "azure_service_tag")
WHOLE_INTERNET = frozenset({"*", "any", "internet"})
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_NOT_PUBLIC = tuple(
    ip_network(block)
    for block in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
) + tuple(ip_network(block) for block in ("::1/128", "fc00::/7", "fe80::/10"))


@lru_cache(maxsize=100_000)
def parse_network(prefix: str) -> Network | None:
    """The network of "10.0.0.0/8" or "1.2.3.4"; None for service tags and "*"."""
    try:
        return ip_network(prefix.strip(), strict=False)
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


def address_target(prefix: str) -> Target:
    """The far end that an address prefix of a rule stands for; text that is no address is a service tag."""
    text = prefix.strip()
    network = parse_network(text)
    if text.lower() in WHOLE_INTERNET or network in EVERYTHING:
        return _target("internet", "internet", "Internet")
    if network is None:
        return _target("azure_service_tag", f"servicetag:{text.lower()}", text)
    if network.num_addresses > 1:
        return _target(
            "address_range", f"range:{network}", str(network), CIDR=str(network), isPublic=has_public(network)
        )
    address = str(network.network_address)
    return _target("ip_address", f"address:{address}", address, ipAddress=address, isPublic=has_public(network))


def range_target(start: str, end: str) -> Target:
    """The far end of a rule that names a first and a last address; text that is no address is taken as it stands.

    A range that is one CIDR block gets the block's key, so that all rules for it meet in one node.
    """
    try:
        first, last = ip_address(start.strip()), ip_address(end.strip())
        networks = cast("list[Network]", list(summarize_address_range(first, last)))
    except (TypeError, ValueError):
        return address_target(f"{start}-{end}")
    if len(networks) == 1:
        return address_target(str(networks[0]))
    name = f"{first}-{last}"
    return _target("address_range", f"range:{name}", name, isPublic=any(has_public(one) for one in networks))


def _target(entity_type: str, key: str, name: str, **properties: Value) -> Target:
    return Target(key, entity_type, {"id": key, "name": name, "displayName": name, **properties})


SERVICE = Service(
    name="Addresses",
    entity_types=(
        EntityType(type="internet", resource="Internet", classes=("Internet",), fetch=None),
        EntityType(type="address_range", resource="Address Range", classes=("Network",), fetch=None),
        EntityType(type="ip_address", resource="IP Address", classes=("IpAddress",), fetch=None),
        EntityType(type="azure_service_tag", resource="Service Tag", classes=("Service",), fetch=None),
    ),
)
