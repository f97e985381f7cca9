"""Far ends of firewall rules that no answer describes: the Internet, an address range, one address, a service tag.

They are shared by every tenant of a graph: `internet`, `range:10.0.0.0/8`, `address:20.30.40.50`, `servicetag:storage`.
"""

from __future__ import annotations

from ipaddress import ip_address, summarize_address_range
from typing import cast

from loader.model import EntityType, Service, Target, Value
from loader.services.shared.addresses import (
    EVERYTHING,
    WHOLE_INTERNET,
    Network,
    has_public,
    is_internet,
    parse_network,
    share_of,
    span_blocks,
)

FIREWALL_FAR_ENDS = ("internet", "address_range", "ip_address", "azure_service_tag")


def the_internet() -> Target:
    """The one node that stands for everybody."""
    return _target("internet", "internet", "Internet")


def address_target(prefix: str) -> Target:
    """The far end that an address prefix of a rule stands for; text that is no address is a service tag."""
    text = prefix.strip()
    network = parse_network(text)
    if text.lower() in WHOLE_INTERNET or network in EVERYTHING:
        return the_internet()
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

    A range that is much of the Internet is the Internet. One that is a CIDR block gets the block's key, so that all
    rules for it meet in one node.
    """
    if is_internet(share_of(span_blocks(start, end))):
        return the_internet()
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
