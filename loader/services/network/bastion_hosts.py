"""Bastion hosts: the way in to machines without an address of their own on the Internet."""

from loader.model import Arm, EntityType, Service, flag, incoming, outgoing, text, texts, whole
from loader.services.shared.arm_ids import in_resource_group

BASTION_HOST = EntityType(
    type="azure_bastion_host",
    resource="Bastion Host",
    classes=("Gateway",),
    arm_type="Microsoft.Network/bastionHosts",
    inventory="Microsoft.Network/bastionHosts",
    documentation="https://learn.microsoft.com/rest/api/virtualnetwork/bastion-hosts/list",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="bastion_hosts.list",
        permission="Microsoft.Network/bastionHosts/read",
    ),
    properties=(
        text("sku", "sku.name", "Developer, Basic, Standard or Premium"),
        text("dnsName", "properties.dnsName", "where it answers"),
        whole("scaleUnits", "properties.scaleUnits", "how many instances"),
        flag("copyPasteDisabled", "properties.disableCopyPaste", "nothing can be copied over the session"),
        flag("tunnelingEnabled", "properties.enableTunneling", "one's own SSH and RDP clients can be used"),
        flag("ipConnectEnabled", "properties.enableIpConnect", "machines can be named by address"),
        flag("shareableLinkEnabled", "properties.enableShareableLink", "a link lets people in without the portal"),
        flag("fileCopyEnabled", "properties.enableFileCopy", "files can be copied"),
        flag("kerberosEnabled", "properties.enableKerberos", "Kerberos signs in"),
        flag("sessionRecordingEnabled", "properties.enableSessionRecording", "sessions are recorded"),
        texts("allowedAddresses", "properties.networkAcls.ipRules[].addressPrefix", "from where it may be used"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing(
            "USES", "azure_public_ip", "properties.ipConfigurations[].properties.publicIPAddress.id", "where it answers"
        ),
        incoming("HAS", "azure_subnet", "properties.ipConfigurations[].properties.subnet.id", "the subnet it is in"),
        incoming("HAS", "azure_vnet", "properties.virtualNetwork.id", "the network of one without a subnet"),
    ),
)

SERVICE = Service(name="Bastion", entity_types=(BASTION_HOST,))
