"""A list that the identity may read in part only is not taken for whole."""

from __future__ import annotations

import pytest

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.model import Json, Outcome, Status
from loader.services import entity_types
from loader.services.shared.actions import allows
from loader.sync.rights import read_in_part, rights_in

SUB = "c0ffee00-0000-4000-8000-000000000001"
URL = f"https://management.azure.com/subscriptions/{SUB}/providers/Microsoft.Authorization/permissions"
READER: Json = {"actions": ["*/read"], "notActions": []}


@pytest.mark.parametrize(
    ("blocks", "allowed"),
    [
        ([READER], True),
        ([{"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}], True),
        ([{"actions": ["microsoft.compute/*/READ"]}], True),
        ([{"actions": ["Microsoft.Compute/virtualMachines/*"], "notActions": ["*/read"]}], False),
        ([{"actions": ["*"], "notActions": ["*/read"]}, READER], True),
        ([{"actions": ["Microsoft.Network/*"]}], False),
        ([{"actions": None}, {}], False),
        ([], False),
    ],
)
def test_actions_are_matched_as_azure_does(blocks: list[Json], allowed: bool) -> None:
    assert allows(blocks, "Microsoft.Compute/virtualMachines/read") is allowed


async def test_the_rights_on_a_subscription_are_asked_for() -> None:
    async with sessions.exchanges([Exchange.of_json(URL, {"value": [READER]})]) as session:
        assert await rights_in(session, SUB) == [READER]
    async with sessions.exchanges([]) as session:
        assert await rights_in(session, SUB) is None, "a recording without it says nothing"
    refused = Exchange.of_json(URL, {"error": {"code": "AuthorizationFailed"}}, status=403)
    async with sessions.exchanges([refused]) as session:
        told = await rights_in(session, SUB)
    assert isinstance(told, Outcome)
    assert told.status is Status.FORBIDDEN
    assert "Microsoft.Authorization/permissions/read" in told.reason


def test_where_nobody_knows_what_may_be_read_no_list_is_whole() -> None:
    types = entity_types()
    for unknown in (Outcome(Status.FORBIDDEN, "Grant it."), Outcome(Status.FAILED, "Azure answered 503.")):
        outcome = read_in_part(types["azure_vm"], unknown)
        assert outcome is not None
        assert (outcome.status, outcome.settled, outcome.accounted) == (unknown.status, False, False)
        assert unknown.reason in outcome.reason
        inventory = read_in_part(types["azure_resource"], unknown)
        assert inventory is not None
        assert (inventory.settled, inventory.accounted) == (False, True)
        assert read_in_part(types["azure_user"], unknown) is None
        assert read_in_part(types["azure_keyvault_key"], unknown) is None


def test_only_lists_of_the_whole_subscription_are_concerned() -> None:
    types = entity_types()
    outcome = read_in_part(types["azure_vm"], [])
    assert outcome is not None
    assert outcome.status is Status.FORBIDDEN
    assert "Microsoft.Compute/virtualMachines/read" in outcome.reason
    assert read_in_part(types["azure_vm"], [READER]) is None
    assert read_in_part(types["azure_vm"], None) is None
    assert read_in_part(types["azure_user"], []) is None
    assert read_in_part(types["azure_keyvault_key"], []) is None
