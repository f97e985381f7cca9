"""What differs without anybody having changed anything makes no change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from loader.graph.noise import Noise, property_changes
from loader.mapping import convert
from loader.services import entity_types

NOISE = Noise(entity_types())
IDS = some.lists(some.sampled_from([f"/subscriptions/S/{name}" for name in "aBcD"]), max_size=6)


@given(IDS, some.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_neither_order_nor_casing_of_ids_is_a_change(ids: list[str], chance) -> None:
    again = [one.upper().replace("/SUBSCRIPTIONS", "/subscriptions") if chance.random() < 0.5 else one for one in ids]
    chance.shuffle(again)
    before, after = ({"scopes": convert("texts", one)} for one in (ids, again))
    assert property_changes(before, after, silent=()) == []
    assert property_changes(before, {"scopes": [*ids, "/subscriptions/S/new"]}, silent=()) == ["scopes"]


AT = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entity_type", "name", "before", "after", "told"),
    [
        ("azure_vm", "state", "running", "deallocated", False),
        ("azure_managed_disk", "state", "Attached", "Unattached", True),
        ("azure_user_sign_in_activity", "lastSignInOn", AT, AT + timedelta(days=1), False),
        ("azure_user_group", "memberCount", 3, 4, False),
        ("azure_sql_database", "earliestRestoreOn", AT, AT + timedelta(days=1), False),
        ("azure_security_group", "provisioningState", "Updating", "Succeeded", False),
        ("azure_security_group", "PROVISIONINGSTATE", "Updating", "Succeeded", False),
        ("azure_user", "employeeHireDate", AT, AT.astimezone(timezone(timedelta(hours=2))), False),
        ("azure_user", "employeeHireDate", AT, AT + timedelta(seconds=1), True),
        ("azure_user", "jobTitle", "a", "A", True),
        ("azure_user", "id", "0a000000-0000-4000-8000-000000000001", "0A000000-0000-4000-8000-000000000001", False),
        (
            "azure_user",
            "managerId",
            "0a000000-0000-4000-8000-000000000001",
            "0A000000-0000-4000-8000-000000000001",
            False,
        ),
        (
            "azure_keyvault_key",
            "id",
            "https://Shop.vault.azure.net/keys/a",
            "https://shop.vault.azure.net/keys/a",
            False,
        ),
        ("azure_user", "accountEnabled", True, None, True),
    ],
)
def test_what_is_quiet(entity_type: str, name: str, before: object, after: object, told: bool) -> None:
    found = property_changes({name: before}, {name: after}, silent=NOISE.of(entity_type))
    assert found == ([name] if told else [])
