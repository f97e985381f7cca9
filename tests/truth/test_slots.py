"""Deployment slots are apps of their own, with all checks of apps; what one lacks is not held against another."""

from __future__ import annotations

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from tests.truth.chain import SUB, answered, listed, load, tenant

pytestmark = pytest.mark.graph

SITE = f"{SUB}/resourceGroups/shop/providers/Microsoft.Web/sites/shop"
SLOT = f"{SITE}/slots/staging"
TYPES = ("azure_web_app", "azure_function_app", "azure_web_app_slot", "azure_function_app_slot")


def settings(app: str, minimum: str) -> list[Exchange]:
    """https://learn.microsoft.com/rest/api/appservice/web-apps/get-configuration, and -slot."""
    return [
        answered(f"{app}/config/web", {"id": f"{app}/config/web", "properties": {"minTlsVersion": minimum}}),
        answered(f"{app}/config/authsettingsV2", {"properties": {"platform": {"enabled": True}}}),
        listed(f"{app}/basicPublishingCredentialsPolicies"),
        listed(f"{app}/config/configreferences/appsettings"),
        listed(f"{app}/config/configreferences/connectionstrings", {"name": "DB", "properties": {"vaultName": "kv"}}),
    ]


def site() -> list[Exchange]:
    app = {"id": SITE, "name": "shop", "kind": "app", "location": "westeurope", "properties": {"httpsOnly": True}}
    return [*tenant(), listed(f"{SUB}/providers/Microsoft.Web/sites", app), *settings(SITE, "1.2")]


def slot() -> Exchange:
    """https://learn.microsoft.com/rest/api/appservice/web-apps/list-slots."""
    staging = {"id": SLOT, "name": "shop/staging", "kind": "app", "properties": {"httpsOnly": False}}
    return listed(f"{SITE}/slots", staging)


def test_a_slot_is_judged_by_its_own_settings(database: Database) -> None:
    chain = load(database, [*site(), slot(), *settings(SLOT, "1.0")], TYPES)
    both = {"shop": "pass", "shop/staging": "fail"}
    assert chain.verdicts("appservice-min-tls") == both
    assert chain.verdicts("appservice-https-only") == both
    assert chain.verdicts("appservice-keyvault-references") == {"shop": "pass", "shop/staging": "pass"}
    of_site = database.read("MATCH (:azure_web_app)-[:HAS]->(slot:azure_web_app_slot) RETURN slot.name AS name")
    assert [row["name"] for row in of_site] == ["shop/staging"]


def test_a_slot_whose_settings_are_not_known_leaves_the_app_its_verdict(database: Database) -> None:
    chain = load(database, [*site(), slot()], TYPES)
    assert chain.verdicts("appservice-min-tls") == {"shop": "pass", "shop/staging": "not-evaluated"}


def test_slots_that_could_not_be_listed_are_told_beside_their_app(database: Database) -> None:
    chain = load(database, site(), TYPES)
    assert chain.verdicts("appservice-min-tls") == {"shop": "pass", "shop: azure_web_app_slot": "not-evaluated"}
