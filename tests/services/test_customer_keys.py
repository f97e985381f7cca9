"""Keys of the customer's own: how services name them, and which vault resource they are in."""

from __future__ import annotations

import pytest

from loader.graph import Database
from loader.services.data.cosmos_db import speaks_sql
from loader.services.shared.customer_keys import key_id
from tests.services.loading import load

GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g/providers"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://v.vault.azure.net/keys/k/0123", "https://v.vault.azure.net/keys/k"),
        ("https://V.vault.azure.net:443/keys/k", "https://v.vault.azure.net/keys/k"),
        ("https://v.vault.azure.net/keys/", None),
        ("", None),
    ],
)
def test_a_key_has_one_id_however_it_is_named(address: str, key: str | None) -> None:
    assert key_id(address) == key


@pytest.mark.parametrize(
    ("account", "speaks"),
    [
        ({"kind": "GlobalDocumentDB", "properties": {"capabilities": []}}, True),
        ({"properties": {"capabilities": None}}, True),
        ({"kind": "MongoDB"}, False),
        ({"kind": "GlobalDocumentDB", "properties": {"capabilities": [{"name": "EnableGremlin"}]}}, False),
    ],
)
def test_only_accounts_that_speak_sql_are_asked_for_sql_databases(account: dict[str, object], speaks: bool) -> None:
    assert speaks_sql(account) is speaks


@pytest.mark.graph
def test_keys_lead_to_the_vault_that_answers_at_their_address(database: Database) -> None:
    def vault(name: str) -> dict[str, object]:
        address = f"https://{name}.vault.azure.net/"
        return {"id": f"{GROUP}/Microsoft.KeyVault/vaults/{name}", "name": name, "properties": {"vaultUri": address}}

    namespace, workspace = f"{GROUP}/Microsoft.EventHub/namespaces/n", f"{GROUP}/Microsoft.Synapse/workspaces/w"
    load(
        database,
        azure_keyvault_service=[vault("a"), vault("ab")],
        azure_event_hub_key=[
            {"keyName": "k", "keyVaultUri": "https://A.vault.azure.net", "@parent": {"id": namespace}}
        ],
        azure_synapse_key=[
            {
                "id": f"{workspace}/keys/d",
                "name": "d",
                "properties": {"keyVaultUrl": "https://ab.vault.azure.net:443/keys/k"},
            }
        ],
    )
    found = database.read(
        "MATCH (vault:azure_keyvault_service)-[r:HAS|USES]-(key) WHERE key:azure_event_hub_key OR key:azure_synapse_key"
        " RETURN vault.name AS vault, type(r) AS verb, key._type AS key ORDER BY vault"
    )
    assert found == [
        {"vault": "a", "verb": "USES", "key": "azure_event_hub_key"},
        {"vault": "ab", "verb": "HAS", "key": "azure_synapse_key"},
    ]
