"""The two ends of traffic, as rules see them: addresses, application security groups, service tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loader.services.shared.addresses import (
    EVERYTHING,
    WHOLE_INTERNET,
    Network,
    inside,
    internet_share,
    is_internet,
    only_public,
    parse_network,
)

ANY = frozenset({"*", "any"})
INTERNET, VIRTUAL_NETWORK = "internet", "virtualnetwork"
# Tags that are no service's public addresses: https://learn.microsoft.com/azure/virtual-network/service-tags-overview
_NO_SERVICE = frozenset({INTERNET, VIRTUAL_NETWORK, "azureloadbalancer"})


@dataclass(frozen=True)
class End:
    """One end. `networks`: where it is; `groups`: its application security groups; `tags`: service tags it belongs to.

    Both in lower case. The Internet of one IP version has the tag alone, and `version`.
    """

    networks: tuple[Network, ...] = ()
    groups: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    version: int = 4

    @property
    def is_internet(self) -> bool:
        """Everybody, rather than a part of the Internet."""
        return INTERNET in self.tags and not self.networks

    @property
    def _is_service(self) -> bool:
        """The addresses of a service of Azure, by its tag."""
        return bool(self.tags) and not self.networks and not self.tags & _NO_SERVICE

    def met_by(self, prefixes: Iterable[str]) -> bool:
        """Some of it is named: an Allow for these lets something through. Of the Internet it takes a large part."""
        named = [one.strip().lower() for one in prefixes]
        if self._by_name(named):
            return True
        networks = _networks(named)
        if self.is_internet:
            mine = [str(one) for one in networks if one.version == self.version]
            return is_internet(internet_share(mine))
        if not self.networks:
            return not self.is_internet and any(one in EVERYTHING for one in networks)
        return any(inside(own, one) or inside(one, own) for own in self.networks for one in networks)

    def covered_by(self, prefixes: Iterable[str]) -> bool:
        """All of it is named: a Deny for these leaves nothing."""
        named = [one.strip().lower() for one in prefixes]
        if self._by_name(named):
            return True
        networks = _networks(named)
        if self.is_internet:
            return (
                EVERYTHING[self.version == 6] in networks
                or internet_share(str(one) for one in networks if one.version == self.version) >= 1
            )
        if self._is_service:
            return EVERYTHING[self.version == 6] in networks
        return bool(self.networks) and all(any(inside(own, one) for one in networks) for own in self.networks)

    def _by_name(self, named: list[str]) -> bool:
        if any(one in ANY or one in self.tags or one in self.groups for one in named):
            return True
        # The tag Internet is every public address, Azure's own too; what stands in a virtual network is not on it.
        public = self._is_service or (bool(self.networks) and all(only_public(one) for one in self.networks))
        return public and VIRTUAL_NETWORK not in self.tags and any(one in WHOLE_INTERNET for one in named)


def everybody(version: int = 4) -> End:
    """The whole Internet, over one version of IP."""
    return End(tags=frozenset({INTERNET}), version=version)


def part_of_internet(name: str) -> End:
    """A public range or address, or a service tag by its name."""
    network = parse_network(name)
    if network is None:
        return End(tags=frozenset({name.lower()}))
    return End(networks=(network,), version=network.version)


def within(addresses: Iterable[str], groups: Iterable[str] = ()) -> End:
    """Something in a virtual network: an interface by its addresses, or a subnet by its ranges."""
    networks = tuple(network for one in addresses if (network := parse_network(one)))
    return End(networks, frozenset(one.lower() for one in groups), frozenset({VIRTUAL_NETWORK}))


def of_version(end: End, version: int) -> End:
    """The same with its addresses of one IP version. One whose addresses are not known keeps none."""
    return End(tuple(one for one in end.networks if one.version == version), end.groups, end.tags, version)


def _networks(named: Iterable[str]) -> list[Network]:
    return [network for one in named if (network := parse_network(one))]
