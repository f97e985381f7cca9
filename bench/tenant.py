"""An invented tenant of any size: 2.5 relationships an entity, keys and properties as long as Azure's.

Everything follows from an entity's number, so rows need no memory and are the same in every process. It uses only the
standard library, because cartography reads the same rows in a virtual environment of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SUBSCRIPTION = "00000000-0000-4000-8000-00000000c070"
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LinkTo:
    """`count` relationships of each entity to entities of `kind`. incoming: they point from there to here."""

    verb: str
    kind: str
    count: int = 1
    incoming: bool = False

    @property
    def name(self) -> str:
        """What cartography's rows call the field with the far ends' keys."""
        return f"{self.verb}_{self.kind}".lower()


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity type. share: how many of 100 entities are of it."""

    type: str
    label: str
    provider: str
    share: int
    links: tuple[LinkTo, ...] = ()


_IN_GROUP = LinkTo("HAS", "azure_resource_group", incoming=True)
# Far ends come first: cartography loses relationships to nodes that are not there yet.
KINDS = (
    Kind("azure_user", "User", "", 10),
    Kind("azure_resource_group", "Group", "", 1, (LinkTo("OWNS", "azure_user", incoming=True),)),
    Kind("azure_subnet", "Network", "microsoft.network/subnets", 4, (_IN_GROUP,)),
    Kind(
        "azure_nic",
        "NetworkInterface",
        "microsoft.network/networkinterfaces",
        25,
        (_IN_GROUP, LinkTo("USES", "azure_subnet", 2)),
    ),
    Kind("azure_managed_disk", "Disk", "microsoft.compute/disks", 25, (_IN_GROUP,)),
    Kind(
        "azure_vm",
        "Host",
        "microsoft.compute/virtualmachines",
        25,
        (
            _IN_GROUP,
            LinkTo("USES", "azure_nic"),
            LinkTo("USES", "azure_managed_disk", 2),
            LinkTo("OWNS", "azure_user", incoming=True),
        ),
    ),
    Kind(
        "azure_role_assignment",
        "AccessPolicy",
        "microsoft.authorization/roleassignments",
        10,
        (LinkTo("ASSIGNED", "azure_user"), LinkTo("ALLOWS", "azure_vm")),
    ),
)
# Far fewer, and an entity would point at the same far end twice.
LEAST_ENTITIES = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One entity: its key, its properties, and for each `LinkTo` of its kind the keys of the far ends."""

    key: str
    properties: dict[str, Any]
    far_ends: list[tuple[LinkTo, list[str]]]


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of `entities` entities."""

    entities: int
    _kinds: dict[str, Kind] = field(default_factory=lambda: {kind.type: kind for kind in KINDS})

    def __post_init__(self) -> None:
        if self.entities < LEAST_ENTITIES:
            raise ValueError(f"A tenant for measuring has at least {LEAST_ENTITIES} entities.")

    def count(self, kind: Kind) -> int:
        """How many entities are of a kind; the kinds' counts add up to `entities` for multiples of 100."""
        return self.entities * kind.share // 100

    @property
    def relationships(self) -> int:
        """How many relationships the tenant has."""
        return sum(self.count(kind) * link.count for kind in KINDS for link in kind.links)

    def rows(self, kind: Kind) -> Iterator[Row]:
        """All entities of a kind, always the same ones."""
        return (self._row(kind, number) for number in range(self.count(kind)))

    def _row(self, kind: Kind, number: int) -> Row:
        key = self._key(kind, number)
        name = f"{kind.type.removeprefix('azure_')}-contoso-{number:07}"
        # A key is an id in lower case; a link to the portal has the id as Azure writes it.
        identity = key.replace("resourcegroups", "resourceGroups").replace("microsoft.", "Microsoft.")
        properties = {
            "id": identity,
            "name": name,
            "displayName": name,
            "webLink": f"https://portal.azure.com/#@contoso.onmicrosoft.com/resource{identity}",
            "subscriptionId": SUBSCRIPTION,
            "resourceGroup": f"rg-contoso-{number % 200:05}",
            "location": ("westeurope", "northeurope", "eastus")[number % 3],
            "provisioningState": "Succeeded",
            "createdOn": _EPOCH + timedelta(seconds=number),
            "enabled": number % 7 != 0,
            "sizeGb": 32 << number % 5,
            "sku": f"Standard_{number % 11}",
            "zones": ["1", "2", "3"][: 1 + number % 3],
            "tag.Environment": ("production", "test")[number % 2],
            "tag.Owner": f"team-{number % 40}@contoso.example",
        }
        return Row(key, properties, [(link, self._far_ends(number, at, link)) for at, link in enumerate(kind.links)])

    def _far_ends(self, number: int, at: int, link: LinkTo) -> list[str]:
        """Keys scattered over all entities of the far kind: neighbours in a list are none in the store."""
        kind = self._kinds[link.kind]
        count = self.count(kind)
        first = _scatter(number * 8 + at) % count
        return [self._key(kind, (first + step) % count) for step in range(link.count)]

    def _key(self, kind: Kind, number: int) -> str:
        if kind.type == "azure_user":
            return f"{_scatter(number):08x}-0000-4000-8000-{number:012x}"
        group = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-contoso-"
        if kind.type == "azure_resource_group":
            return f"{group}{number:05}"
        name = kind.type.removeprefix("azure_").replace("_", "-")
        return f"{group}{number % 200:05}/providers/{kind.provider}/{name}-contoso-{number:07}"


def _scatter(number: int) -> int:
    """A 32 bit number that looks random and is always the same (Knuth's multiplicative hash, twice)."""
    mixed = number * 0x9E3779B1 & 0xFFFFFFFF
    return (mixed ^ mixed >> 15) * 0x85EBCA77 & 0xFFFFFFFF


def batches(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size` items."""
    while batch := list(itertools.islice(items, size)):
        yield batch
