"""The services of storage accounts whose logs are asked for: those that an account can have, a call each."""

from __future__ import annotations

import pytest

from loader.services.data.storage_diagnostics import services


@pytest.mark.parametrize(
    ("kind", "sku", "names"),
    [
        ("StorageV2", "Standard_LRS", ["blob", "queue", "table"]),
        ("StorageV2", "Premium_LRS", ["blob"]),
        ("BlobStorage", "Standard_LRS", ["blob"]),
        ("FileStorage", "Premium_LRS", []),
    ],
)
def test_only_services_that_an_account_can_have_are_asked(kind: str, sku: str, names: list[str]) -> None:
    account = {"id": "/a", "kind": kind, "sku": {"name": sku}}
    assert list(services(account)) == [f"/a/{name}Services/default" for name in names]
