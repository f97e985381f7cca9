"""One notion of when a policy applies: it knows all that Microsoft Graph's SDK knows, and every check asks it alike."""

from __future__ import annotations

from typing import Any

import pytest
from msgraph.generated.models.authentication_method_modes import AuthenticationMethodModes
from msgraph.generated.models.conditional_access_applications import ConditionalAccessApplications
from msgraph.generated.models.conditional_access_authentication_flows import ConditionalAccessAuthenticationFlows
from msgraph.generated.models.conditional_access_client_applications import ConditionalAccessClientApplications
from msgraph.generated.models.conditional_access_condition_set import ConditionalAccessConditionSet
from msgraph.generated.models.conditional_access_devices import ConditionalAccessDevices
from msgraph.generated.models.conditional_access_grant_control import ConditionalAccessGrantControl
from msgraph.generated.models.conditional_access_grant_controls import ConditionalAccessGrantControls
from msgraph.generated.models.conditional_access_locations import ConditionalAccessLocations
from msgraph.generated.models.conditional_access_platforms import ConditionalAccessPlatforms
from msgraph.generated.models.conditional_access_users import ConditionalAccessUsers

from loader.library import shipped_library
from loader.services.identity.conditional_access_conditions import narrowed_by, unread_conditions
from loader.services.identity.conditional_access_controls import unread_controls
from loader.services.shared.unread import known, unread

PARTS = {
    "applications": ConditionalAccessApplications,
    "authenticationFlows": ConditionalAccessAuthenticationFlows,
    "clientApplications": ConditionalAccessClientApplications,
    "devices": ConditionalAccessDevices,
    "locations": ConditionalAccessLocations,
    "platforms": ConditionalAccessPlatforms,
    "users": ConditionalAccessUsers,
}
# It works with some applications and platforms only, so a policy for some will do: nothing rests on an absence.
ASKS_FOR_SOME = {"ca-token-protection"}
CHECKS = [one for one in shipped_library().checks.values() if "azure_conditional_access_policy" in one.needs]


def fields(model: Any) -> list[str]:
    """The keys of an object in Microsoft Graph's answer."""
    return [name for name in model().get_field_deserializers() if "odata" not in name]


def told(condition: str) -> Any:
    """A value of one condition that says something."""
    part = PARTS.get(condition)
    return {name: ["something"] for name in fields(part)} if part else ["something"]


def test_no_condition_of_the_sdk_is_unknown() -> None:
    conditions = {name: told(name) for name in fields(ConditionalAccessConditionSet)}
    conditions["users"].pop("excludeUsers")
    assert unread_conditions({"conditions": conditions}) == []


@pytest.mark.parametrize("condition", sorted({*fields(ConditionalAccessConditionSet)} - {"applications", "users"}))
def test_every_condition_of_the_sdk_narrows(condition: str) -> None:
    assert len(narrowed_by({"conditions": {condition: told(condition)}})) == 1


def test_no_control_and_no_method_of_the_sdk_is_unknown() -> None:
    def members(enumeration: Any) -> list[str]:
        return [one.value for one in enumeration if one.value != "unknownFutureValue"]

    grant: dict[str, Any] = dict.fromkeys(fields(ConditionalAccessGrantControls))
    grant["builtInControls"] = members(ConditionalAccessGrantControl)
    grant["authenticationStrength"] = {"allowedCombinations": members(AuthenticationMethodModes)}
    assert unread_controls({"grantControls": grant}) == []


@pytest.mark.parametrize("check", [one for one in CHECKS if one.id not in ASKS_FOR_SOME], ids=lambda one: one.id)
def test_every_check_asks_whether_a_policy_applies(check: Any) -> None:
    for word in ("policy.narrowedBy", "policy.unreadConditions", "LEAVES_OUT", "policy.enabled", "$emergency"):
        assert word in check.cypher


def test_what_says_nothing_is_not_unread() -> None:
    answer = {"a": 1, "b": {"c": 1, "d": [None, ""], "e": False}, "f": None, "g@odata.context": "x", "h": {"i": []}}
    assert unread(answer, known("a", b=known("c"))) == ["b.e"]
    assert unread(answer, known("a", "b")) == []
    assert unread(None, known("a")) == []
