"""Azure Firewalls. Their policies are resources of their own; classic rules stand in the firewall's answer."""

from __future__ import annotations

from loader.mapping import read
from loader.model import Arm, EntityType, Json, Service, incoming, outgoing, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group

_ADDRESSES = "properties.ipConfigurations[].properties"


def _classic_rules(firewall: Json) -> int:
    """How many network, application and NAT rules it holds itself, outside of any policy."""
    kinds = ("networkRuleCollections", "applicationRuleCollections", "natRuleCollections")
    return sum(len(read(firewall, f"properties.{kind}[].properties.rules[]")) for kind in kinds)


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
    ),
)

SERVICE = Service(name="Azure Firewall", entity_types=(AZURE_FIREWALL,))
