"""Which accounts have which services, and the vault that an account's key is in."""

from __future__ import annotations

import pytest

from loader.graph import Database
from loader.services.data.storage import ENCRYPTION_VAULTS, has_blobs, has_files, has_queues_and_tables

_EVERYTHING, _NO_FILES = (True, True, True), (True, False, False)


@pytest.mark.parametrize(
    ("kind", "sku", "blobs_files_queues"),
    [
        ("StorageV2", "Standard_LRS", _EVERYTHING),
        ("Storage", "Standard_GRS", _EVERYTHING),
        ("StorageV2", "Premium_LRS", _NO_FILES),
        ("BlobStorage", "Standard_LRS", _NO_FILES),
        ("BlockBlobStorage", "Premium_LRS", _NO_FILES),
        ("FileStorage", "Premium_LRS", (False, True, False)),
        ("SomethingNew", "Standard_LRS", _EVERYTHING),
        (None, None, _EVERYTHING),
    ],
)
def test_only_services_that_a_kind_can_have_are_asked(
    kind: str | None, sku: str | None, blobs_files_queues: tuple[bool, bool, bool]
) -> None:
    account = {"kind": kind, "sku": {"name": sku}}
    assert (has_blobs(account), has_files(account), has_queues_and_tables(account)) == blobs_files_queues


def test_an_account_uses_the_vault_that_its_key_is_in(database: Database) -> None:
    with database.driver.session() as session:
        session.run(
            """
            CREATE (:Entity:azure_keyvault_service {_key: "vault-1", vaultUrl: "https://Shop-Keys.vault.azure.net/"})
            CREATE (:Entity:azure_keyvault_service {_key: "vault-2", vaultUrl: "https://other.vault.azure.net/"})
            CREATE (:Entity:azure_storage_account {
                _key: "own-key", `encryption.keyVaultUri`: "https://shop-keys.vault.azure.net",
                `encryption.keyName`: "shop"})
            CREATE (:Entity:azure_storage_account {_key: "microsofts-key"})
            """
        )
    links = list(ENCRYPTION_VAULTS.links(database.read(ENCRYPTION_VAULTS.query)))
    assert [(link.from_key, link.verb, link.to_key) for link in links] == [("own-key", "USES", "vault-1")]
    assert dict(links[0].properties) == {"keyName": "shop"}
