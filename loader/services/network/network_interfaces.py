"""Network interfaces: where machines, subnets, public addresses and security groups meet.

Two derivations say over the interfaces which public addresses a machine uses and which subnets it stands in.
"""

from __future__ import annotations

from loader.model import Arm, Derivation, EntityType, Service, flag, incoming, outgoing, text, texts
from loader.services.shared.arm_ids import in_resource_group

NETWORK_INTERFACE = EntityType(
    type="azure_nic",
    resource="Network Interface",
    classes=("NetworkInterface",),
    arm_type="Microsoft.Network/networkInterfaces",
    inventory="Microsoft.Network/networkInterfaces",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="network_interfaces.list_all",
        permission="Microsoft.Network/networkInterfaces/read",
    ),
    properties=(
        texts("privateIpAddress", "properties.ipConfigurations[].properties.privateIPAddress", "Its private addresses"),
        text("macAddress", "properties.macAddress", "Its hardware address"),
        flag("ipForwarding", "properties.enableIPForwarding", "It may pass on traffic that is not its own"),
        flag("acceleratedNetworking", "properties.enableAcceleratedNetworking", "It bypasses the host's switch"),
        flag("primary", "properties.primary", "It is the machine's first interface"),
        text("virtualMachineId", "properties.virtualMachine.id", "The machine it is attached to; absent where none is"),
        text("securityGroupId", "properties.networkSecurityGroup.id", "The security group on it; absent where none is"),
        texts("dnsServers", "properties.dnsSettings.dnsServers", "DNS servers that override the network's"),
        text("nicType", "properties.nicType", "Standard or Elastic"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
        text("resourceGuid", "properties.resourceGuid", "Azure's own id of it"),
    ),
    relationships=(
        in_resource_group(),
        incoming("HAS", "azure_subnet", "properties.ipConfigurations[].properties.subnet.id", "where it stands"),
        incoming("PROTECTS", "azure_security_group", "properties.networkSecurityGroup.id", "filters its traffic"),
        outgoing("USES", "azure_public_ip", "properties.ipConfigurations[].properties.publicIPAddress.id"),
        incoming(
            "HAS",
            "azure_application_security_group",
            "properties.ipConfigurations[].properties.applicationSecurityGroups[].id",
            "groups it belongs to, which rules may name",
        ),
    ),
)


MACHINE_USES_ADDRESS = Derivation(
    name="machine-public-addresses",
    inputs=("azure_vm", "azure_nic"),
    relationships=(("azure_vm", "USES", "azure_public_ip"),),
    query="""
        MATCH (vm:azure_vm)-[:USES]->(:azure_nic)-[:USES]->(address:azure_public_ip)
        RETURN DISTINCT vm._key AS `from`, address._key AS `to`
    """,
)

SUBNET_HAS_MACHINE = Derivation(
    name="subnet-machines",
    inputs=("azure_vm", "azure_nic"),
    relationships=(("azure_subnet", "HAS", "azure_vm"),),
    query="""
        MATCH (vm:azure_vm)-[:USES]->(:azure_nic)<-[:HAS]-(subnet:azure_subnet)
        RETURN DISTINCT subnet._key AS `from`, vm._key AS `to`
    """,
)

SERVICE = Service(
    name="Network interfaces",
    entity_types=(NETWORK_INTERFACE,),
    derivations=(MACHINE_USES_ADDRESS, SUBNET_HAS_MACHINE),
)
