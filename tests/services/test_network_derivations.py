"""Relationships that need several network answers, on the real database."""

from __future__ import annotations

import pytest

from loader.graph import Database
from tests.services.loading import (
    NETWORK,
    SUBSCRIPTION,
    VM,
    group,
    interface,
    load,
    machine,
    subnet,
)
from tests.services.test_network_rules import rule

pytestmark = pytest.mark.graph


def test_a_machine_uses_its_interfaces_addresses_and_stands_in_their_subnets(database: Database) -> None:
    load(database, azure_subnet=[subnet("s", "10.0.1.0/24")], azure_nic=[interface()], azure_vm=[machine()])
    rows = database.read(
        "MATCH (s:azure_subnet)-[:HAS]->(vm:azure_vm)-[:USES]->(ip:azure_public_ip) "
        "RETURN s.name AS s, vm.name AS vm, ip._key AS ip"
    )
    assert rows == [{"s": "s", "vm": "web", "ip": f"{NETWORK}/publicIPAddresses/ip".lower()}]


def test_rules_for_private_ranges_meet_the_subnets_they_cover_in_reachable_networks(database: Database) -> None:
    load(
        database,
        azure_vnet=[
            {
                "id": f"{NETWORK}/virtualNetworks/v",
                "properties": {
                    "virtualNetworkPeerings": [
                        {"properties": {"remoteVirtualNetwork": {"id": f"{NETWORK}/virtualNetworks/peer"}}}
                    ]
                },
            },
            *({"id": f"{NETWORK}/virtualNetworks/{name}", "properties": {}} for name in ("peer", "stranger")),
        ],
        azure_subnet=[
            subnet("s", "10.0.1.0/24", protected_by="n"),
            subnet("inside", "192.168.0.0/24", "10.0.2.0/24"),
            subnet("wider", "10.0.0.0/8"),
            subnet("six", "fd00:1::/64"),
            subnet("there", "10.0.3.0/24", network="peer"),
            subnet("elsewhere", "10.0.4.0/24", network="stranger"),
        ],
        azure_security_group=[
            group(
                "n",
                rule("in", 100, "Allow", "22", ["10.0.0.0/16", "fd00:1::/48"]),
                rule("out", 100, "Deny", "*", direction="Outbound", destinationAddressPrefix="10.0.3.0/24"),
            ),
            group("unused", rule("in", 100, "Allow", "22", "10.0.0.0/16")),
        ],
    )
    inbound = database.read(
        "MATCH (s:azure_subnet)-[r:ALLOWS]->(g:azure_security_group) "
        "RETURN s.name AS s, g.name AS g, r.fromPort AS port ORDER BY s"
    )
    assert [(row["s"], row["g"], row["port"]) for row in inbound] == [
        (s, "n", 22) for s in ("inside", "s", "six", "there")
    ]
    outbound = database.read("MATCH (:azure_security_group)-[r:DENIES]->(s:azure_subnet) RETURN s.name AS s")
    assert outbound == [{"s": "there"}]


def test_an_unmanaged_disk_leads_to_the_storage_account_of_its_host(database: Database) -> None:
    account = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/contosodisks"
    disk = {"vhd": {"uri": "https://contosodisks.blob.core.windows.net/vhds/web.vhd"}}
    load(
        database,
        azure_vm=[{"id": VM, "name": "web", "properties": {"storageProfile": {"osDisk": disk}}}],
        azure_storage_account=[{"id": account, "name": "contosodisks", "properties": {}}],
    )
    rows = database.read("MATCH (:azure_vm)-[:USES]->(a:azure_storage_account) RETURN a.name AS name")
    assert rows == [{"name": "contosodisks"}]
