"""Diagnostic settings are one declaration for many kinds of parent."""

from __future__ import annotations

import pytest

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.model import Arm
from loader.services import entity_types
from loader.services.monitoring.monitor import DIAGNOSED, DIAGNOSTIC_SETTING

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
_PROVIDERS = f"{SUBSCRIPTION}/resourceGroups/Shop/providers"


def test_every_parent_is_a_type_that_is_fetched() -> None:
    types = entity_types()
    assert [name for name in DIAGNOSED if name not in types or types[name].fetch is None] == []


@pytest.mark.parametrize(
    "parent",
    [
        SUBSCRIPTION,
        f"{_PROVIDERS}/Microsoft.KeyVault/vaults/shop-keys",
        f"{_PROVIDERS}/Microsoft.Network/networkSecurityGroups/web",
    ],
)
async def test_the_settings_of_any_parent_are_asked_at_its_own_id(parent: str) -> None:
    setting = {"id": f"{parent}/providers/microsoft.insights/diagnosticSettings/all", "name": "all"}
    url = f"https://management.azure.com{parent}/providers/Microsoft.Insights/diagnosticSettings"
    fetch = DIAGNOSTIC_SETTING.fetch
    assert isinstance(fetch, Arm)
    async with sessions.exchanges([Exchange.of_json(url, {"value": [setting]})]) as session:
        pages = [page async for page in session.pages(fetch, subscription=None, parent={"id": parent})]
    assert pages == [[setting]]
