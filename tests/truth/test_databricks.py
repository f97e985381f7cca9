"""Databricks workspaces: classic (Hybrid) ones with machines in a network, and serverless ones without.

https://learn.microsoft.com/rest/api/databricks/workspaces/list-by-subscription (parameters, encryption, computeMode)
https://learn.microsoft.com/azure/databricks/security/network/classic/vnet-inject, …/security/keys/customer-managed-keys
"""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from loader.model import Json
from tests.truth.chain import GROUP, load, resource

pytestmark = pytest.mark.packs
PASS, FAIL, UNKNOWN = "pass", "fail", "not-evaluated"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/data"
OWN_KEY = {
    "keySource": "Microsoft.Keyvault",
    "keyVaultProperties": {"keyVaultUri": "https://orders.vault.azure.net/", "keyName": "data", "keyVersion": "1"},
}


def parameters(**given: Any) -> Json:
    return {"parameters": {name: {"type": "String", "value": value} for name, value in given.items()}}


def inside(public: str, private: str) -> Json:
    return parameters(
        customVirtualNetworkId=NETWORK,
        customPublicSubnetName=public,
        customPrivateSubnetName=private,
        enableNoPublicIp=True,
    )


def keys(**entities: Json) -> Json:
    return {"encryption": {"entities": entities}}


def endpoint(status: str) -> Json:
    state = {"privateLinkServiceConnectionState": {"status": status}}
    link = {"privateEndpoint": {"id": f"{GROUP}/providers/Microsoft.Network/privateEndpoints/data"}}
    return {"privateEndpointConnections": [{"properties": link | state}]}


BOTH = keys(managedServices=OWN_KEY, managedDisk=OWN_KEY)
NOWHERE = parameters(customVirtualNetworkId="", customPublicSubnetName="", enableNoPublicIp=False)
# Azure writes no parameters, or empty ones, for a workspace in a network that Databricks manages.
WORKSPACES: dict[str, Json] = {
    "own": {**inside("public", "private"), **BOTH, **endpoint("Approved")},
    "bare-subnet": {**inside("public", "bare"), **keys(managedServices=OWN_KEY), **endpoint("Pending")},
    "far-subnet": {**inside("public", "elsewhere"), **keys(managedDisk=OWN_KEY)},
    "managed": NOWHERE,
    "unset": {},
    "serverless": {"computeMode": "Serverless", **keys(managedServices=OWN_KEY)},
    "serverless-plain": {"computeMode": "Serverless"},
    "odd": {"computeMode": "Sometimes", **inside("public", "private"), **BOTH},
}
VERDICTS: dict[str, dict[str, str]] = {
    "databricks-vnet-injection": {
        **dict.fromkeys(("own", "bare-subnet", "far-subnet"), PASS),
        **dict.fromkeys(("managed", "unset"), FAIL),
        "odd": UNKNOWN,
    },
    "databricks-no-public-ip": {
        **dict.fromkeys(("own", "bare-subnet", "far-subnet"), PASS),
        "managed": FAIL,
        **dict.fromkeys(("unset", "odd"), UNKNOWN),
    },
    "databricks-subnet-nsg": {"own": PASS, "bare-subnet": FAIL, "far-subnet": UNKNOWN, "odd": PASS},
    "databricks-cmk": {
        **dict.fromkeys(("own", "serverless"), PASS),
        **dict.fromkeys(("bare-subnet", "far-subnet", "managed", "unset", "serverless-plain"), FAIL),
        "odd": UNKNOWN,
    },
    "databricks-private-endpoint": {**dict.fromkeys(WORKSPACES, FAIL), "own": PASS},
}


def subnet(name: str, **properties: Any) -> Json:
    return {"id": f"{NETWORK}/subnets/{name}", "name": name, "properties": properties}


def test_workspaces(database: Database) -> None:
    guarded = {"networkSecurityGroup": {"id": f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/data"}}
    subnets = [subnet("public", **guarded), subnet("private", **guarded), subnet("bare")]
    network = {"id": NETWORK, "name": "data", "location": "westeurope", "properties": {"subnets": subnets}}
    provider = "Microsoft.Databricks/workspaces"
    workspaces = [resource(provider, name, properties=properties) for name, properties in WORKSPACES.items()]
    answers = {f"/providers/{provider}": workspaces, "/providers/Microsoft.Network/virtualNetworks": [network]}
    chain = load(database, answers, ["azure_databricks_workspace", "azure_vnet", "azure_subnet"])
    for check, expected in VERDICTS.items():
        assert chain.verdicts(check) == expected, check
