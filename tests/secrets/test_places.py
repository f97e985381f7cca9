"""Where secrets stand in answers of types that azgraph does not load, and in what says of itself that it is one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loader.secrets import Cleaning, Finding, Places
from loader.services import entity_types

GROUP = "/subscriptions/c0ffee00-0000-4000-8000-000000000001/resourceGroups/shop/providers"
N = "pl4nted-N33dle"
# What stands around the needle: the type of the answer, and its properties.
DOCUMENTS: dict[str, tuple[str, Any]] = {
    "parameter of a job": ("Microsoft.Automation/automationAccounts/a/jobs/j", {"parameters": {"days": N}}),
    "parameter of a schedule": ("Microsoft.Automation/automationAccounts/a/jobSchedules/j", {"parameters": {"x": [N]}}),
    "secure parameter": (
        "Microsoft.Databricks/workspaces/w",
        {"parameters": {"custom": {"type": "SecureString", "value": N}}},
    ),
    "secure object": (
        "Microsoft.Solutions/applications/a",
        {"outputs": {"x": {"type": "secureObject", "value": {"y": N}}}},
    ),
    "secure default": (
        "Microsoft.Blueprint/blueprints/b",
        {"parameters": {"x": {"type": "secureString", "defaultValue": N}}},
    ),
    "linked service": (
        "Microsoft.DataFactory/factories/f/linkedservices/l",
        {"typeProperties": {"accessCredential": {"type": "SecureString", "value": N}}},
    ),
    "headers of a web hook": (
        "Microsoft.Contoso/hooks/w",
        {"customHeaders": {"X-Contoso": N, "Authorization": f"Basic {N}"}},
    ),
    "key of an endpoint": (
        "Microsoft.CognitiveServices/accounts/a",
        {"apiProperties": {"qnaAzureSearchEndpointKey": N}},
    ),
    "headers of a probe": (
        "Microsoft.App/containerApps/a",
        {"template": {"containers": [{"probes": [{"httpGet": {"httpHeaders": [{"name": "X", "value": N}]}}]}]}},
    ),
    "token as the user of an address": (
        "Microsoft.X/ys/y",
        {"description": f"git clone https://{N}:x-oauth-basic@github.com/a/b"},
    ),
    "token before nothing": ("Microsoft.X/ys/y", {"description": f"https://{N}:@dev.azure.com/contoso/_git/shop"}),
    "storage of a batch pool": (
        "Microsoft.Batch/batchAccounts/b/pools/p",
        {"mountConfiguration": [{"azureBlobFileSystemConfiguration": {"accountKey": N, "sasKey": N}}]},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_secret_is_taken_out_where_it_stands(name: str) -> None:
    path, properties = DOCUMENTS[name]
    found: list[Finding] = []
    document = {"id": f"{GROUP}/{path}", "name": "it", "properties": properties}
    cleaned = Cleaning(Places(entity_types().values()), found.append).json({"value": [document]})
    assert N not in json.dumps(cleaned)
    assert found
    assert cleaned["value"][0]["properties"].keys() == properties.keys()


@pytest.mark.parametrize(
    "properties",
    [
        {"parameters": {"x": {"type": "String", "value": "westeurope"}}},
        {"customHeaders": None, "headers": ["content-type"]},
        {"description": "https://contoso@dev.azure.com/contoso, https://user:@, see https://x.example/a:b"},
        {"searchKeyword": "shop", "endpointKeyType": "Primary"},
    ],
    ids=str,
)
def test_what_only_looks_so_stays(properties: Any) -> None:
    document = {"id": f"{GROUP}/Microsoft.X/ys/y", "properties": properties}
    assert Cleaning(Places(entity_types().values())).json(document) == document
