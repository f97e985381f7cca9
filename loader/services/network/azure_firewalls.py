"""Azure Firewalls. Their policies are resources of their own; classic rules stand in the firewall's answer."""

from __future__ import annotations

from collections.abc import Iterator

from loader.model import Arm, EntityType, Json, Link, Service, Value, incoming, links, outgoing, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS
from loader.services.shared.firewall_ranges import far_ends
from loader.services.shared.ports import port_interval
from loader.services.shared.wire import part, parts, plain
from loader.shapes import read

_ADDRESSES = "properties.ipConfigurations[].properties"


def _classic_rules(firewall: Json) -> int:
    """How many network, application and NAT rules it holds itself, outside of any policy."""
    kinds = ("networkRuleCollections", "applicationRuleCollections", "natRuleCollections")
    return sum(len(read(firewall, f"properties.{kind}[].properties.rules[]")) for kind in kinds)


def _nat_rules(firewall: Json) -> Iterator[Link]:
    """One edge for each classic NAT rule, source and port; said in the words of a policy's NAT rules."""
    for collection in parts(firewall, "properties", "natRuleCollections"):
        said = part(collection, "properties")
        for rule in parts(said, "rules"):
            told = {"name": rule.get("name"), "collection": collection.get("name"), "priority": said.get("priority")}
            told |= {name: rule.get(name) for name in ("translatedAddress", "translatedFqdn", "translatedPort")}
            shared: dict[str, Value] = {name: value for name, value in told.items() if value is not None}
            shared |= {"ruleType": "NatRule", "inbound": True, "egress": False}
            shared |= {"ipProtocols": [str(one) for one in plain(rule, "protocols")]}
            for target, size in far_ends(plain(rule, "sourceAddresses"), allows=True):
                for port_range in plain(rule, "destinationPorts") or ("*",):
                    start, end = port_interval(str(port_range))
                    key = f"{firewall.get('id')}/{collection.get('name')}/{rule.get('name')}:{port_range}".lower()
                    ports: dict[str, Value] = {"portRange": str(port_range), "fromPort": start, "toPort": end}
                    yield Link("ALLOWS", target, incoming=True, key=key, properties=shared | size | ports)


def _public_addresses(firewall: Json) -> list[str]:
    """The addresses of its traffic and of its management."""
    management = read(firewall, "properties.managementIpConfiguration.properties.publicIPAddress.id")
    return [*read(firewall, f"{_ADDRESSES}.publicIPAddress.id"), *management]


AZURE_FIREWALL = EntityType(
    type="azure_network_firewall",
    resource="Network Firewall",
    classes=("Firewall",),
    arm_type="Microsoft.Network/azureFirewalls",
    inventory="Microsoft.Network/azureFirewalls",
    documentation="https://learn.microsoft.com/rest/api/firewall/azure-firewalls/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="azure_firewalls.list_all",
        permission="Microsoft.Network/azureFirewalls/read",
    ),
    properties=(
        text("sku", "properties.sku.name", "AZFW_VNet, or AZFW_Hub for a virtual hub"),
        text("skuTier", "properties.sku.tier", "Basic, Standard or Premium"),
        text("threatIntelMode", "properties.threatIntelMode", "Off, Alert or Deny for known malicious addresses"),
        text("firewallPolicyId", "properties.firewallPolicy.id", "The policy that has its rules"),
        whole("classicRules", _classic_rules, "Rules in the firewall itself rather than in a policy"),
        texts("privateIpAddress", f"{_ADDRESSES}.privateIPAddress", "The next hop of routes through it"),
        text("virtualHubId", "properties.virtualHub.id", "The hub it secures"),
        texts("zones", "zones", "Availability zones"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("USES", "azure_public_ip", _public_addresses, "addresses it answers on"),
        outgoing("HAS", "azure_network_firewall_policy", "properties.firewallPolicy.id", "the policy with its rules"),
        incoming("HAS", "azure_subnet", f"{_ADDRESSES}.subnet.id", "the subnet AzureFirewallSubnet it stands in"),
        links("ALLOWS", FIREWALL_FAR_ENDS, _nat_rules, "whom its classic NAT rules let in", is_incoming=True),
    ),
)

SERVICE = Service(name="Azure Firewall", entity_types=(AZURE_FIREWALL,))
