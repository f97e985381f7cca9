"""Verdicts about conditional access, from answers in the shape of those that the documentation shows.

https://learn.microsoft.com/graph/api/conditionalaccessroot-list-policies; the cases stand in conditional_access.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from loader.graph import Database
from tests.truth.chain import GRAPH, cases, load

TYPES = ["azure_account", "azure_conditional_access_policy", "azure_named_location", "azure_user", "azure_user_group"]
USERS = [f"11111111-0000-4000-8000-{number:012d}" for number in range(1, 8)]
# A group of two, one of all, and one that tells nobody who is in it.
GROUPS = [
    ("22222222-0000-4000-8000-000000000001", "Break glass", None, USERS[:2]),
    ("22222222-0000-4000-8000-000000000002", "Everyone", None, USERS),
    ("22222222-0000-4000-8000-000000000003", "Hidden", "HiddenMembership", []),
]
POLICY: dict[str, Any] = {
    "id": "66666666-0000-4000-8000-000000000001",
    "displayName": "Policy",
    "createdDateTime": "2025-01-01T00:00:00Z",
    "modifiedDateTime": None,
    "state": "enabled",
    "conditions": {
        "userRiskLevels": [],
        "signInRiskLevels": [],
        "clientAppTypes": ["all"],
        "servicePrincipalRiskLevels": [],
        "insiderRiskLevels": None,
        "platforms": None,
        "locations": None,
        "devices": None,
        "clientApplications": None,
        "authenticationFlows": None,
        "applications": {
            "includeApplications": ["All"],
            "excludeApplications": [],
            "includeUserActions": [],
            "includeAuthenticationContextClassReferences": [],
            "applicationFilter": None,
        },
        "users": {
            "includeUsers": ["All"],
            "excludeUsers": [],
            "includeGroups": [],
            "excludeGroups": [],
            "includeRoles": [],
            "excludeRoles": [],
            "includeGuestsOrExternalUsers": None,
            "excludeGuestsOrExternalUsers": None,
        },
    },
    "grantControls": {
        "operator": "OR",
        "builtInControls": ["mfa"],
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength@odata.context": f"{GRAPH}/$metadata#authenticationStrength",
        "authenticationStrength": None,
    },
    "sessionControls": None,
}


def policy(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The policy above, enforced for everybody, with changes by dotted path."""
    made = deepcopy(POLICY)
    for path, value in changes.items():
        *way, last = path.split(".")
        place = made
        for step in way:
            place = place[step]
        place[last] = value
    return made


def directory() -> dict[str, Any]:
    """Seven users, three groups, and security defaults that are off."""
    users = [
        {"id": one, "displayName": f"User {at}", "userPrincipalName": f"user{at}@contoso.example"}
        for at, one in enumerate(USERS, 1)
    ]
    members = {
        f"{GRAPH}/groups/{group}/members": [{"@odata.type": "#microsoft.graph.user", "id": one} for one in held]
        for group, _, _, held in GROUPS
    }
    return {
        f"{GRAPH}/identity/conditionalAccess/policies": [],
        f"{GRAPH}/identity/conditionalAccess/namedLocations": [],
        f"{GRAPH}/users": users,
        f"{GRAPH}/groups": [{"id": one, "displayName": name, "visibility": shown} for one, name, shown, _ in GROUPS],
        **members,
        f"{GRAPH}/policies/identitySecurityDefaultsEnforcementPolicy": {"id": "5", "isEnabled": False},
        f"{GRAPH}/policies/deviceRegistrationPolicy": {"id": "d", "multiFactorAuthConfiguration": "notRequired"},
    }


def test_tenants_have_the_verdicts_that_the_documentation_means(database: Database) -> None:
    load(database, directory(), TYPES)
    wrong = []
    for case in cases("conditional_access.yaml"):
        policies = [policy(one) for one in case.get("policies", [{}])]
        chain = load(
            database, {f"{GRAPH}/identity/conditionalAccess/policies": policies}, ["azure_conditional_access_policy"]
        )
        wrong += chain.wrong_verdict(case, "Contoso")
    assert not wrong, "\n".join(wrong)
