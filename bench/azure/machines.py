"""Networks and machines of a made-up subscription."""

from __future__ import annotations

from bench.azure.made import REGION, Json, Made, Size

_SUBNETS = 4


def resource(group: str, kind: str, name: str, properties: Json, /, **more: object) -> Json:
    """A resource as Azure answers it. kind: "Microsoft.Network/virtualNetworks"."""
    identifier = f"{group}/providers/{kind}/{name}"
    return {"id": identifier, "name": name, "type": kind, "location": REGION, "tags": {"env": "prod"},
            "properties": {"provisioningState": "Succeeded", **properties}, **more}  # fmt: skip


def list_of(group: str, kind: str) -> str:
    """Where a subscription lists the resources of a type."""
    return f"{'/'.join(group.split('/')[:3])}/providers/{kind}"


def make(size: Size, times: int, number: int, groups: list[str], made: Made) -> None:
    """Networks with subnets and security groups, machines with interfaces, disks, addresses and extensions."""
    subnets = []
    for index in range(size.number(4)):
        subnets += _network(groups[index % len(groups)], number, index, made)
    guards = [_guard(groups[index % len(groups)], index, made) for index in range(size.number(10))]
    for index in range(size.number(60 * times)):
        group = groups[index % len(groups)]
        _machine(group, index, subnets[index % len(subnets)], guards[index % len(guards)], made)


def _network(group: str, number: int, index: int, made: Made) -> list[str]:
    kind = "Microsoft.Network/virtualNetworks"
    prefix = f"10.{number % 250}.{index}"
    network = f"{group}/providers/{kind}/vnet-{index}"
    names = [f"snet-{index}-{place}" for place in range(_SUBNETS)]
    subnets = [
        {"id": f"{network}/subnets/{name}", "name": name, "type": f"{kind}/subnets",
         "properties": {"addressPrefix": f"{prefix}.{place * 64}/26"}}
        for place, name in enumerate(names)
    ]  # fmt: skip
    answer = resource(
        group, kind, f"vnet-{index}", {"addressSpace": {"addressPrefixes": [f"{prefix}.0/24"]}, "subnets": subnets}
    )
    made.add("azure_vnet", list_of(group, kind), answer, (group, "HAS", network))
    for one in subnets:
        made.entity("azure_subnet", str(one["id"]), [(network, "CONTAINS", str(one["id"]))])
    return [str(one["id"]) for one in subnets]


def _guard(group: str, index: int, made: Made) -> str:
    kind = "Microsoft.Network/networkSecurityGroups"
    answer = resource(group, kind, f"nsg-{index}", {"securityRules": [], "defaultSecurityRules": []})
    return made.add("azure_security_group", list_of(group, kind), answer, (group, "HAS", str(answer["id"])))


def _machine(group: str, index: int, subnet: str, guard: str, made: Made) -> None:
    network, compute = f"{group}/providers/Microsoft.Network", f"{group}/providers/Microsoft.Compute"
    name = f"vm-{index:04}"
    machine, nic = f"{compute}/virtualMachines/{name}", f"{network}/networkInterfaces/{name}-nic"
    disks = [f"{compute}/disks/{name}-{use}" for use in ("os", "data")]
    settings = {"name": "first", "properties": {"primary": True, "privateIPAddress": f"10.9.{index % 250}.4",
                                                "subnet": {"id": subnet}}}  # fmt: skip
    made.add(
        "azure_nic",
        list_of(group, "Microsoft.Network/networkInterfaces"),
        resource(
            group, "Microsoft.Network/networkInterfaces", f"{name}-nic",
            {"primary": True, "virtualMachine": {"id": machine}, "networkSecurityGroup": {"id": guard},
             "ipConfigurations": [settings]},
        ),
        (group, "HAS", nic), (subnet, "HAS", nic), (guard, "PROTECTS", nic),
    )  # fmt: skip
    for disk in disks:
        answer = resource(
            group, "Microsoft.Compute/disks", disk.rpartition("/")[2], {"diskSizeGB": 64, "diskState": "Attached"},
            managedBy=machine, sku={"name": "Premium_LRS"},
        )  # fmt: skip
        made.add("azure_managed_disk", list_of(group, "Microsoft.Compute/disks"), answer, (group, "HAS", disk))
    extension = f"{machine}/extensions/AzureMonitorLinuxAgent"
    made.add(
        "azure_vm",
        list_of(group, "Microsoft.Compute/virtualMachines"),
        resource(
            group, "Microsoft.Compute/virtualMachines", name,
            {
                "vmId": name,
                "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
                "storageProfile": {
                    "imageReference": {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"},
                    "osDisk": {"osType": "Linux", "managedDisk": {"id": disks[0]}},
                    "dataDisks": [{"lun": 0, "managedDisk": {"id": disks[1]}}],
                },
                "osProfile": {"computerName": name, "linuxConfiguration": {"disablePasswordAuthentication": True}},
                "networkProfile": {"networkInterfaces": [{"id": nic}]},
            },
            resources=[{"id": extension}],
        ),
        (group, "HAS", machine), (subnet, "HAS", machine), (machine, "USES", nic),
        *((machine, "USES", disk) for disk in disks),
    )  # fmt: skip
    made.objects[f"{machine}/instanceview".lower()] = {
        "statuses": [{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/running"}]
    }
    answer = {
        "id": extension, "name": "AzureMonitorLinuxAgent", "type": "Microsoft.Compute/virtualMachines/extensions",
        "properties": {"publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent",
                       "typeHandlerVersion": "1.2"},
    }  # fmt: skip
    made.add("azure_vm_extension", f"{machine}/extensions", answer, (machine, "USES", extension))
