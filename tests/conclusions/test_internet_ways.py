"""Ways into one network through all that may stand in between, on the real database: one graph, a row each."""

from __future__ import annotations

import pytest

from loader.graph import Database
from loader.model import Json
from tests.services.loading import NETWORK, SUBSCRIPTION, group, load, reference, subnet
from tests.services.test_network_rules import rule

pytestmark = pytest.mark.graph
INTERNAL = "intern.contoso.appserviceenvironment.net"
MANAGER = f"{NETWORK}/networkManagers/nm"
ADMIN = f"{MANAGER}/securityAdminConfigurations/base"
GATEWAY = f"{NETWORK}/applicationGateways/agw"
BALANCER = f"{NETWORK}/loadBalancers/lb"
SETS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets"


def nic(name: str, address: str, *, public: str | None = None, closed_by: str | None = None) -> Json:
    configuration = {
        "privateIPAddress": address,
        "subnet": {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"},
        "publicIPAddress": reference("publicIPAddresses", public),
    }
    groups = reference("networkSecurityGroups", closed_by)
    return {
        "id": f"{NETWORK}/networkInterfaces/{name}",
        "name": name,
        "properties": {"ipConfigurations": [{"properties": configuration}], "networkSecurityGroup": groups},
    }


def nat(name: str, source: str, to: str, port: str) -> Json:
    ends = {"sourceAddresses": source.split(), "destinationAddresses": ["20.30.40.1"], "destinationPorts": ["4000"]}
    return {"name": name, "ruleType": "NatRule", "translatedAddress": to, "translatedPort": port, **ends}


def network() -> dict[str, list[Json]]:
    office = rule("office", 100, "Allow", "22", source="198.51.100.0/24")
    return {
        "azure_vnet": [{"id": f"{NETWORK}/virtualNetworks/v", "name": "v", "location": "westeurope"}],
        "azure_subnet": [subnet("s", "10.0.1.0/24"), subnet("AzureFirewallSubnet", "10.0.0.0/26")],
        "azure_public_ip": [
            {
                "id": f"{NETWORK}/publicIPAddresses/{one}",
                "name": one,
                "sku": {"name": "Standard"},
                "properties": {"ipAddress": "20.30.40.50", "publicIPAddressVersion": version},
            }
            for one, version in (("four", "IPv4"), ("six", "IPv6"))
        ],
        "azure_security_group": [
            group("all", rule("all", 100, "Allow", ["22", "3389"])),
            group("four", rule("four", 100, "Allow", "22", source="0.0.0.0/0")),
            group("office", office),
            group("closed", rule("closed", 100, "Deny", "*", protocol="*")),
        ],
        "azure_nic": [
            nic("open", "10.0.1.4", public="four", closed_by="all"),
            nic("over-six", "10.0.1.5", public="six", closed_by="four"),
            nic("for-office", "10.0.1.6", public="four", closed_by="office"),
            nic("behind-classic", "10.0.1.7"),
            nic("behind-policy", "10.0.1.8"),
            nic("behind-base", "10.0.1.9"),
            nic("behind-closed", "10.0.1.10", closed_by="closed"),
            nic("behind-gateway", "10.0.1.11"),
            nic("inside", "10.0.1.12"),
            nic("behind-range", "10.0.1.13"),
            nic("behind-halves", "10.0.1.14"),
            nic("behind-private", "10.0.1.15"),
        ],
        "azure_network_firewall": [
            {
                "id": f"{NETWORK}/azureFirewalls/fw",
                "name": "fw",
                "properties": {
                    "firewallPolicy": {"id": f"{NETWORK}/firewallPolicies/own"},
                    "ipConfigurations": [
                        {"properties": {"subnet": {"id": f"{NETWORK}/virtualNetworks/v/subnets/AzureFirewallSubnet"}}}
                    ],
                    "natRuleCollections": [
                        {
                            "name": "c",
                            "properties": {
                                "rules": [
                                    {**nat("classic", "*", "10.0.1.7", "22"), "protocols": ["TCP"]},
                                    {**nat("closed", "*", "10.0.1.10", "22"), "protocols": ["TCP"]},
                                    {
                                        **nat("range", "1.0.0.0-223.255.255.255", "10.0.1.13", "22"),
                                        "protocols": ["TCP"],
                                    },
                                ]
                            },
                        }
                    ],
                },
            }
        ],
        "azure_network_firewall_policy": [
            {
                "id": f"{NETWORK}/firewallPolicies/own",
                "name": "own",
                "properties": {"basePolicy": {"id": f"{NETWORK}/firewallPolicies/base"}},
            },
            {"id": f"{NETWORK}/firewallPolicies/base", "name": "base", "properties": {}},
        ],
        "azure_network_firewall_rule_collection_group": [
            {
                "@parent": {"id": f"{NETWORK}/firewallPolicies/{policy}"},
                "id": f"{NETWORK}/firewallPolicies/{policy}/ruleCollectionGroups/in",
                "name": "in",
                "properties": {"ruleCollections": [{"name": "c", "action": {"type": "DNAT"}, "rules": rules}]},
            }
            for policy, rules in (
                (
                    "own",
                    [
                        {**nat("policy", "198.51.100.7-198.51.100.9", "10.0.1.8", "443"), "ipProtocols": ["TCP"]},
                        {**nat("halves", "0.0.0.0/1 128.0.0.0/1", "10.0.1.14", "22"), "ipProtocols": ["TCP"]},
                        {**nat("private", "10.0.9.1-10.0.9.9", "10.0.1.15", "22"), "ipProtocols": ["TCP"]},
                    ],
                ),
                ("base", [{**nat("inherited", "*", "10.0.1.9", "53"), "ipProtocols": ["UDP"]}]),
            )
        ],
        "azure_application_gateway": [gateway()],
        "azure_web_app": [
            {
                "id": f"{NETWORK}/sites/shop",
                "name": "shop",
                "kind": "app",
                "properties": {"defaultHostName": "shop.example", "publicNetworkAccess": "Enabled"},
                "$web": {
                    "properties": {
                        "ipSecurityRestrictions": [{"ipAddress": "198.51.100.9/32", "action": "Allow", "priority": 1}]
                    }
                },
            }
        ],
        "azure_function_app": [
            {
                "id": f"{NETWORK}/sites/intern",
                "name": "intern",
                "kind": "functionapp",
                "properties": {"defaultHostName": INTERNAL},
                "$web": {"properties": {}},
            }
        ],
        "azure_lb": [
            {
                "id": BALANCER,
                "name": "lb",
                "sku": {"name": "Standard"},
                "properties": {
                    "frontendIPConfigurations": [
                        {
                            "id": f"{BALANCER}/f",
                            "properties": {"publicIPAddress": reference("publicIPAddresses", "four")},
                        }
                    ],
                    "inboundNatPools": [
                        {
                            "id": f"{BALANCER}/inboundNatPools/ssh",
                            "properties": {
                                "protocol": "Tcp",
                                "frontendPortRangeStart": 50000,
                                "frontendPortRangeEnd": 50010,
                                "backendPort": 22,
                                "frontendIPConfiguration": {"id": f"{BALANCER}/f"},
                            },
                        }
                    ],
                },
            }
        ],
        "azure_vm_scale_set": [
            scale_set("pooled", {"loadBalancerInboundNatPools": [{"id": f"{BALANCER}/inboundNatPools/ssh"}]}),
            scale_set("own-addresses", {"publicIPAddressConfiguration": {"name": "out"}}),
            scale_set("internal", {}),
        ],
        "azure_container_group": [
            {
                "id": f"{NETWORK}/containerGroups/{kind}",
                "name": kind,
                "properties": {
                    "ipAddress": {"type": kind, "ip": "20.1.1.1", "ports": [{"protocol": "TCP", "port": 80}]}
                },
            }
            for kind in ("Public", "Private")
        ],
        "azure_network_manager": [
            {
                "id": MANAGER,
                "name": "nm",
                "properties": {},
                "$deployments": {
                    "value": [{"region": "westeurope", "deploymentStatus": "Deployed", "configurationIds": [ADMIN]}]
                },
            }
        ],
        "azure_network_group": [
            {
                "@parent": {"id": MANAGER},
                "id": f"{MANAGER}/networkGroups/g",
                "name": "g",
                "properties": {},
                "$members": {"value": [{"properties": {"resourceId": f"{NETWORK}/virtualNetworks/v"}}]},
            }
        ],
        "azure_security_admin_configuration": [{"@parent": {"id": MANAGER}, "id": ADMIN, "name": "base"}],
        "azure_security_admin_collection": [
            {
                "@parent": {"id": ADMIN},
                "id": f"{ADMIN}/ruleCollections/c",
                "name": "c",
                "properties": {"appliesToGroups": [{"networkGroupId": f"{MANAGER}/networkGroups/g"}]},
            }
        ],
        "azure_security_admin_rule": [
            {
                "@parent": {"id": f"{ADMIN}/ruleCollections/c"},
                "id": f"{ADMIN}/ruleCollections/c/rules/no-rdp",
                "name": "no-rdp",
                "properties": {
                    "access": "Deny",
                    "direction": "Inbound",
                    "priority": 10,
                    "protocol": "Tcp",
                    "sources": [{"addressPrefix": "*"}],
                    "destinations": [{"addressPrefix": "*"}],
                    "sourcePortRanges": ["0-65535"],
                    "destinationPortRanges": ["3389"],
                },
            }
        ],
    }


def gateway() -> Json:
    said = {
        "gatewayIPConfigurations": [{"properties": {"subnet": {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"}}}],
        "frontendIPConfigurations": [
            {"id": f"{GATEWAY}/out", "properties": {"publicIPAddress": reference("publicIPAddresses", "four")}},
            {"id": f"{GATEWAY}/in", "properties": {"privateIPAddress": "10.0.1.200"}},
        ],
        "frontendPorts": [{"id": f"{GATEWAY}/p", "properties": {"port": 443}}],
        "httpListeners": [
            {
                "id": f"{GATEWAY}/l-{end}",
                "properties": {
                    "frontendIPConfiguration": {"id": f"{GATEWAY}/{end}"},
                    "frontendPort": {"id": f"{GATEWAY}/p"},
                },
            }
            for end in ("out", "in")
        ],
        "backendAddressPools": [
            {
                "id": f"{GATEWAY}/b-out",
                "properties": {
                    "backendAddresses": [{"ipAddress": "10.0.1.11"}, {"fqdn": "shop.example"}, {"fqdn": INTERNAL}]
                },
            },
            {"id": f"{GATEWAY}/b-in", "properties": {"backendAddresses": [{"ipAddress": "10.0.1.12"}]}},
        ],
        "backendHttpSettingsCollection": [{"id": f"{GATEWAY}/s", "properties": {"port": 8080}}],
        "requestRoutingRules": [
            {
                "properties": {
                    "httpListener": {"id": f"{GATEWAY}/l-{end}"},
                    "backendAddressPool": {"id": f"{GATEWAY}/b-{end}"},
                    "backendHttpSettings": {"id": f"{GATEWAY}/s"},
                }
            }
            for end in ("out", "in")
        ],
    }
    return {"id": GATEWAY, "name": "agw", "properties": said}


def bastion() -> Json:
    configuration = {
        "subnet": {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"},
        "publicIPAddress": reference("publicIPAddresses", "four"),
    }
    said = {"ipConfigurations": [{"properties": configuration}]}
    return {"id": f"{NETWORK}/bastionHosts/bastion", "name": "bastion", "properties": said}


def scale_set(name: str, configuration: Json) -> Json:
    subnet_of = {"subnet": {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"}}
    interface = {
        "networkSecurityGroup": reference("networkSecurityGroups", "all"),
        "ipConfigurations": [{"properties": {**subnet_of, **configuration}}],
    }
    profile = {"networkProfile": {"networkInterfaceConfigurations": [{"properties": interface}]}}
    return {"id": f"{SETS}/{name}", "name": name, "properties": {"virtualMachineProfile": profile}}


def test_every_way_in_is_found_and_no_other(database: Database) -> None:
    load(database, **network())
    rows = database.read("""
        MATCH (source)-[way:REACHES]->(target)
        RETURN source._key AS source, target.name AS target, way.kind AS kind, way.ports AS ports,
               way.addresses AS addresses
    """)
    assert {(one["target"], one["kind"]): (one["source"], one["ports"], one["addresses"]) for one in rows} == {
        ("open", "public address"): ("internet", ["22"], None),
        ("for-office", "public address"): ("range:198.51.100.0/24", ["22"], 256.0),
        ("behind-classic", "firewall"): ("internet", ["22"], None),
        ("behind-policy", "firewall"): ("range:198.51.100.7-198.51.100.9", ["443"], 3.0),
        ("behind-range", "firewall"): ("internet", ["22"], None),
        ("behind-halves", "firewall"): ("internet", ["22"], None),
        ("behind-base", "firewall"): ("internet", ["udp:53"], None),
        ("behind-gateway", "application gateway"): ("internet", ["8080"], None),
        ("agw", "public address"): ("internet", ["443"], None),
        ("shop", "application gateway"): ("internet", ["8080"], None),
        ("intern", "application gateway"): ("internet", ["8080"], None),
        ("shop", "public endpoint"): ("internet", ["443"], None),
        ("shop", "deployment site"): ("internet", ["443"], None),
        ("shop", "service firewall"): ("address:198.51.100.9", ["443"], 1.0),
        ("pooled", "load balancer"): ("internet", ["22"], None),
        ("own-addresses", "public address"): ("internet", ["22"], None),
        ("Public", "public address"): ("internet", ["80"], None),
    }


@pytest.mark.parametrize(
    ("rules", "share", "expected"),
    [
        ([rule("web", 100, "Allow", "443")], 1.0, "internet"),
        ([rule("web", 100, "Allow", "443", destinationAddressPrefix="20.30.40.50")], 1.0, "internet"),
        ([rule("half", 100, "Allow", "443", source="0.0.0.0/1")], 0.5, "internet"),
        (
            [rule("door", 100, "Allow", "443", source="AzureFrontDoor.Backend")],
            None,
            "servicetag:azurefrontdoor.backend",
        ),
        ([rule("other", 100, "Allow", "8443")], None, None),
    ],
)
def test_who_is_let_to_a_gateway_is_let_to_what_is_behind_it(
    database: Database, rules: list[Json], share: float | None, expected: str | None
) -> None:
    kinds = ("azure_vnet", "azure_public_ip", "azure_application_gateway", "azure_web_app")
    found = {name: one for name, one in network().items() if name in kinds}
    load(
        database,
        **found,
        azure_subnet=[subnet("s", "10.0.1.0/24", protected_by="gw")],
        azure_security_group=[group("gw", *rules)],
        azure_nic=[nic("behind-gateway", "10.0.1.11")],
        azure_bastion_host=[bastion()],
    )
    rows = database.read("""
        MATCH (source)-[way:REACHES]->(target)
        WHERE way.kind = 'application gateway' OR target:azure_application_gateway|azure_bastion_host
        RETURN source._key AS source, target.name AS target, way.ports AS ports, way.internetShare AS share
    """)
    ways = {(one["source"], one["target"]): one["ports"] for one in rows}
    reached = {"agw": ["443"], "bastion": ["443"], "shop": ["8080"], "behind-gateway": ["8080"]}
    assert ways == ({(expected, name): ports for name, ports in reached.items()} if expected else {})
    assert all(one["share"] is None if share is None else abs(one["share"] - share) < 0.1 for one in rows)


def test_nobody_gets_through_a_gateway_that_is_stopped(database: Database) -> None:
    kinds = ("azure_vnet", "azure_public_ip", "azure_web_app")
    stopped = gateway()
    stopped["properties"]["operationalState"] = "Stopped"
    load(
        database,
        **{name: one for name, one in network().items() if name in kinds},
        azure_subnet=[subnet("s", "10.0.1.0/24")],
        azure_nic=[nic("behind-gateway", "10.0.1.11")],
        azure_application_gateway=[stopped],
    )
    ways = "MATCH ()-[way:REACHES]->(target) WHERE way.kind = 'application gateway' OR target.name = 'agw' RETURN way"
    assert database.read(ways) == []
