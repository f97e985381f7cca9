"""Which interfaces reach one another, on the real database: one graph, and pure routes."""

from __future__ import annotations

import pytest

from loader.errors import UsageError
from loader.graph import Database
from loader.model import Json
from loader.reach.lateral import route_to, ways
from tests.services.loading import NETWORK, group, load, reference, subnet
from tests.services.test_network_rules import rule


def _network(name: str, *peers: str) -> Json:
    said = {"peeringState": "Connected", "allowVirtualNetworkAccess": True}
    peerings = [{"properties": {**said, "remoteVirtualNetwork": reference("virtualNetworks", one)}} for one in peers]
    return {
        "id": f"{NETWORK}/virtualNetworks/{name}",
        "name": name,
        "location": "westeurope",
        "properties": {"virtualNetworkPeerings": peerings},
    }


def _interface(name: str, network: str, address: str, group_name: str | None = None) -> Json:
    configuration = {
        "privateIPAddress": address,
        "subnet": {"id": f"{NETWORK}/virtualNetworks/{network}/subnets/s"},
    }
    return {
        "id": f"{NETWORK}/networkInterfaces/{name}",
        "name": name,
        "properties": {
            "ipConfigurations": [{"properties": configuration}],
            "networkSecurityGroup": reference("networkSecurityGroups", group_name),
        },
    }


@pytest.mark.graph
def test_ways_over_peerings_routes_and_rules(database: Database) -> None:
    route = {"name": "spoke", "properties": {"addressPrefix": "10.2.0.0/16", "nextHopType": "None"}}
    load(
        database,
        azure_vnet=[_network("a", "b", "c"), _network("b", "a"), _network("c", "a"), _network("alone")],
        azure_subnet=[subnet("s", f"10.{at}.0.0/24", network=name) for at, name in enumerate(("a", "b", "c", "alone"))],
        azure_route_table=[
            {
                "id": f"{NETWORK}/routeTables/t",
                "name": "t",
                "properties": {
                    "routes": [route],
                    "subnets": [{"id": f"{NETWORK}/virtualNetworks/a/subnets/s"}],
                },
            }
        ],
        azure_security_group=[
            group(
                "db",
                rule("sql", 100, "Allow", "1433", source="10.0.0.0/24"),
                rule("no", 4000, "Deny", "*", protocol="*"),
            )
        ],
        azure_nic=[
            _interface("web", "a", "10.0.0.4"),
            _interface("beside", "a", "10.0.0.5"),
            _interface("db", "b", "10.1.0.4", "db"),
            _interface("dropped", "c", "10.2.0.4"),
            _interface("apart", "alone", "10.3.0.4"),
        ],
    )
    found = {way.target: way.as_row() for way in ways(database.read, "web", None)}
    assert set(found) == {"beside", "db"}
    assert found["beside"]["ports"] == "all"
    assert found["beside"]["network"] == "the same network"
    assert found["db"]["ports"].startswith("1433")
    assert found["db"]["network"] == "peering with b"
    assert any(one.endswith("/sql") for one in found["db"]["rules"])
    assert [way.source for way in ways(database.read, None, "db", port=1433)] == ["beside", "web"]
    assert ways(database.read, "web", "db", port=22) == []
    with pytest.raises(UsageError, match=r"called besides\. Perhaps: beside"):
        ways(database.read, "besides", None)
    with pytest.raises(UsageError, match="Say from where"):
        ways(database.read, None, None)


@pytest.mark.parametrize(
    ("routes", "taken"),
    [
        ([], ""),
        (["0.0.0.0/0 VirtualAppliance 10.0.0.4"], ""),
        (["10.0.0.0/8 VirtualAppliance 10.0.0.4"], "10.0.0.0/8 VirtualAppliance 10.0.0.4"),
        (["10.0.0.0/8 VirtualAppliance 10.0.0.4", "10.1.0.0/16 None"], "10.1.0.0/16 None"),
        (["10.9.0.0/16 None"], ""),
    ],
)
def test_the_narrowest_route_is_taken(routes: list[str], taken: str) -> None:
    assert route_to(routes, ["10.1.0.4"]) == taken
