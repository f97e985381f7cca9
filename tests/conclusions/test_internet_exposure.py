"""Which interfaces the Internet reaches, on the real database."""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from loader.model import Json
from tests.services.loading import (
    NETWORK,
    group,
    interface,
    load,
    public_address,
    reference,
    subnet,
)
from tests.services.test_network_rules import rule

pytestmark = pytest.mark.graph


def reached(database: Database) -> list[tuple[str, list[tuple[int, int]], list[tuple[int, int]]]]:
    rows = database.read(
        "MATCH (:internet)-[r:REACHES]->(:azure_nic) RETURN r.via AS via, properties(r) AS said ORDER BY via"
    )

    def ports(said: Json, protocol: str) -> list[tuple[int, int]]:
        return list(zip(said.get(f"{protocol}From", []), said.get(f"{protocol}To", []), strict=True))

    return [(row["via"].rpartition("/")[2], ports(row["said"], "tcp"), ports(row["said"], "udp")) for row in rows]


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
    told = [one["ports"] for one in database.read("MATCH ()-[r:REACHES]->() RETURN r.ports AS ports")]
    assert told == ([] if tcp is None else [["all" if last == 65535 else str(last) for _, last in tcp]])


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


def test_a_balancer_whose_pool_names_addresses_passes_to_the_interfaces_that_have_them(database: Database) -> None:
    balancer, network = f"{NETWORK}/loadBalancers/lb", f"{NETWORK}/virtualNetworks"

    def member(address: str, name: str) -> Json:
        return {"properties": {"ipAddress": address, "virtualNetwork": {"id": f"{network}/{name}"}}}

    ends = {"frontendIPConfiguration": {"id": f"{balancer}/f"}, "backendAddressPool": {"id": f"{balancer}/p"}}
    found = {
        "azure_vnet": [{"id": f"{network}/v", "name": "v", "properties": {}}],
        "azure_subnet": [subnet("s", "10.0.1.0/24")],
        "azure_security_group": [group("i", rule("any", 100, "Allow", "*"))],
        "azure_nic": [interface(address=None, protected_by="i")],
    }

    def lb(*members: Json) -> Json:
        said = {
            "frontendIPConfigurations": [
                {"id": f"{balancer}/f", "properties": {"publicIPAddress": reference("publicIPAddresses", "lb-ip")}}
            ],
            "backendAddressPools": [
                {"id": f"{balancer}/p", "properties": {"loadBalancerBackendAddresses": list(members)}}
            ],
            "loadBalancingRules": [
                {"properties": {"protocol": "Tcp", "frontendPort": 80, "backendPort": 8080, **ends}}
            ],
        }
        return {"id": balancer, "name": "lb", "sku": {"name": "Standard"}, "properties": said}

    load(database, **found, azure_lb=[lb(member("10.0.1.4", "V"), member("10.0.1.9", "v"))])
    assert reached(database) == [("lb", [(8080, 8080)], [])]
    load(database, **found, azure_lb=[lb(member("10.0.1.4", "other"))])
    assert reached(database) == []


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
