"""Small networks in wire form, and a run that loads and derives them on the real database."""

from __future__ import annotations

from loader.conclusions import derivations
from loader.graph import Database, Run
from loader.mapping import build_record
from loader.model import Json, Outcome
from loader.services import entity_types

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Network"
VM = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web"


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
