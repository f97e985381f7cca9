"""Relationships that need several network answers, on the real database."""

from __future__ import annotations

from typing import Any

import pytest

from loader.conclusions import derivations
from loader.graph import Database, Run
from loader.mapping import build_record
from loader.model import Json, Outcome
from loader.services import entity_types
from tests.services.test_network_rules import rule

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network"
VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web"

pytestmark = pytest.mark.graph


def load(database: Database, **answers: list[Json]) -> None:
    """One run that loads these answers, by entity type, and derives."""
    with Run.start(database, loader_version="test", entity_types=entity_types()) as run:
        for name, found in answers.items():
            records = [build_record(entity_types()[name], answer) for answer in found]
            step = run.step(name, SUBSCRIPTION)
            step.write("", [record for record in records if record])
            step.finish({"": Outcome()}, parents_whole=True)
        run.derive(derivations())
        run.finish("complete")


def group(name: str, *rules: Json) -> Json:
    return {"id": f"{NETWORK}/networkSecurityGroups/{name}", "name": name, "properties": {"securityRules": list(rules)}}


def reference(kind: str, name: str | None) -> Json | None:
    return {"id": f"{NETWORK}/{kind}/{name}"} if name else None


def subnet(name: str, *prefixes: str, network: str = "v", protected_by: str | None = None) -> Json:
    return {
        "@parent": {"id": f"{NETWORK}/virtualNetworks/{network}"},
        "id": f"{NETWORK}/virtualNetworks/{network}/subnets/{name}",
        "name": name,
        "properties": {
            "addressPrefixes": list(prefixes),
            "networkSecurityGroup": reference("networkSecurityGroups", protected_by),
        },
    }


def interface(address: str | None = "ip", protected_by: str | None = None, asg: str | None = None) -> Json:
    groups = [{"id": f"{NETWORK}/applicationSecurityGroups/{asg}"}] if asg else []
    configuration = {
        "privateIPAddress": "10.0.1.4",
        "subnet": {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"},
        "publicIPAddress": reference("publicIPAddresses", address),
        "applicationSecurityGroups": groups,
    }
    return {
        "id": f"{NETWORK}/networkInterfaces/nic",
        "name": "nic",
        "properties": {
            "ipConfigurations": [{"properties": configuration}],
            "networkSecurityGroup": reference("networkSecurityGroups", protected_by),
        },
    }


def public_address(sku: str = "Standard") -> Json:
    return {
        "id": f"{NETWORK}/publicIPAddresses/ip",
        "name": "ip",
        "sku": {"name": sku},
        "properties": {"ipAddress": "20.30.40.50"},
    }


def machine() -> Json:
    interfaces = {"networkInterfaces": [{"id": f"{NETWORK}/networkInterfaces/nic"}]}
    return {"id": VM, "name": "web", "properties": {"networkProfile": interfaces}}


def reached(database: Database) -> list[tuple[str, list[tuple[int, int]], list[tuple[int, int]]]]:
    rows = database.read(
        "MATCH (:internet)-[r:REACHES]->(:azure_nic) RETURN r.via AS via, properties(r) AS said ORDER BY via"
    )

    def ports(said: Json, protocol: str) -> list[tuple[int, int]]:
        return list(zip(said.get(f"{protocol}From", []), said.get(f"{protocol}To", []), strict=True))

    return [(row["via"].rpartition("/")[2], ports(row["said"], "tcp"), ports(row["said"], "udp")) for row in rows]


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


SSH = rule("ssh", 100, "Allow", "22")
WEB = rule("web", 100, "Allow", ["22", "443"])
NO_SSH = rule("no-ssh", 90, "Deny", "22")


@pytest.mark.parametrize(
    ("on_interface", "on_subnet", "sku", "tcp"),
    [
        (None, None, "Basic", [(0, 65535)]),
        (None, None, "Standard", None),
        ([SSH], None, "Standard", [(22, 22)]),
        (None, [SSH], "Standard", [(22, 22)]),
        ([WEB], [SSH], "Standard", [(22, 22)]),
        ([WEB], [NO_SSH, WEB], "Standard", [(443, 443)]),
        ([SSH], [NO_SSH, SSH], "Standard", None),
        ([rule("one", 100, "Allow", "22", destinationAddressPrefix="10.0.1.4")], None, "Standard", [(22, 22)]),
        ([rule("other", 100, "Allow", "22", destinationAddressPrefix="10.0.1.5")], None, "Standard", None),
        ([SSH, rule("mine", 90, "Deny", "*", destinationAddressPrefix="10.0.1.0/24")], None, "Standard", None),
        ([SSH, rule("others", 90, "Deny", "*", destinationAddressPrefix="10.0.9.0/24")], None, "Standard", [(22, 22)]),
    ],
)
def test_the_internet_reaches_what_every_group_on_the_way_lets_in(
    database: Database, on_interface: list[Json] | None, on_subnet: list[Json] | None, sku: str, tcp: Any
) -> None:
    groups = [group(name, *rules) for name, rules in (("i", on_interface), ("s", on_subnet)) if rules]
    load(
        database,
        azure_security_group=groups,
        azure_subnet=[subnet("s", "10.0.1.0/24", protected_by="s" if on_subnet else None)],
        azure_nic=[interface(protected_by="i" if on_interface else None)],
        azure_public_ip=[public_address(sku)],
    )
    assert [(via, ports) for via, ports, _ in reached(database)] == ([] if tcp is None else [("ip", tcp)])


def test_a_rule_for_an_application_security_group_is_about_its_members(database: Database) -> None:
    near = {"destinationApplicationSecurityGroups": [reference("applicationSecurityGroups", "web")]}
    rules = group("i", rule("web", 100, "Allow", "443", destinationAddressPrefix=None, **near))
    load(
        database,
        azure_security_group=[rules],
        azure_nic=[interface(protected_by="i")],
        azure_public_ip=[public_address()],
    )
    assert reached(database) == []
    member = interface(protected_by="i", asg="web")
    load(database, azure_security_group=[rules], azure_nic=[member], azure_public_ip=[public_address()])
    assert reached(database) == [("ip", [(443, 443)], [])]


def test_a_balancer_passes_only_the_ports_of_its_rules(database: Database) -> None:
    balancer = f"{NETWORK}/loadBalancers/lb"
    front, back = f"{balancer}/frontendIPConfigurations/f", f"{balancer}/backendAddressPools/p"
    passed = {"protocol": "Tcp", "frontendPort": 80, "backendPort": 8080}
    ends = {"frontendIPConfiguration": {"id": front}, "backendAddressPool": {"id": back}}
    members = {"backendIPConfigurations": [{"id": f"{NETWORK}/networkInterfaces/nic/ipConfigurations/c"}]}
    load(
        database,
        azure_security_group=[group("i", rule("any", 100, "Allow", "*"))],
        azure_nic=[interface(address=None, protected_by="i")],
        azure_lb=[
            {
                "id": balancer,
                "name": "lb",
                "sku": {"name": "Standard"},
                "properties": {
                    "frontendIPConfigurations": [{"id": front, "properties": {"publicIPAddress": {"id": "/ip"}}}],
                    "backendAddressPools": [{"id": back, "properties": members}],
                    "loadBalancingRules": [{"properties": passed | ends}],
                },
            }
        ],
    )
    assert reached(database) == [("lb", [(8080, 8080)], [])]


def test_a_group_whose_rules_are_not_loaded_is_not_taken_for_an_open_one(database: Database) -> None:
    load(
        database,
        azure_security_group=[group("other", SSH)],
        azure_nic=[interface(protected_by="unknown")],
        azure_public_ip=[public_address("Basic")],
    )
    assert reached(database) == []


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
