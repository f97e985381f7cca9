"""Whose password a role may reset, and whom groups take in: Entra's table word by word, then asked of one graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from loader.access.resetting import Held, may_reset
from loader.effective import explain, who_can
from loader.graph import Database
from tests.access.resetting_tenant import (
    ADMIN,
    AUTH,
    BY_RULE,
    CHIEF,
    CLERK,
    FOR_ROLES,
    GROUPS,
    GUARDED,
    GUEST,
    HELP,
    KEEPER,
    KEPT,
    LATER,
    MAIL,
    MANAGED,
    MANY,
    NAMES,
    ORDINARY,
    OUR_PRINCIPAL,
    OURS,
    OWNER,
    PLAIN,
    READER,
    TEAM,
    UNIT_HELP,
    USERS,
    load,
)

WHO = ("Password Admin", "Helpdesk Admin", "Auth Admin", "User Admin", "Privileged Auth Admin", "Global Admin")
# https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#who-can-reset-passwords
TABLE = {
    "Auth Admin": "--x-xx",
    "Directory Readers": "xxxxxx",
    "Global Admin": "----xx",
    "Groups Admin": "---xxx",
    "Guest Inviter": "xxxxxx",
    "Helpdesk Admin": "-x-xxx",
    "Message Center Reader": "-xxxxx",
    "Password Admin": "xxxxxx",
    "Privileged Auth Admin": "----xx",
    "Privileged Role Admin": "----xx",
    "Reports Reader": "-xxxxx",
    "User Admin": "---xxx",
    "User Experience Success Manager": "-xxxxx",
    "Usage Summary Reports Reader": "-xxxxx",
    "a custom role": "----xx",
}


def held_by(*roles: str, guarded: bool = False) -> Held:
    return Held(frozenset(NAMES[one] for one in roles), guarded)


@pytest.mark.parametrize("held", TABLE)
def test_the_table_of_entra(held: str) -> None:
    told = "".join("x" if may_reset(NAMES[one], held_by(held), tenant_wide=True) else "-" for one in WHO)
    assert told == TABLE[held]


@pytest.mark.parametrize("who", [*WHO, "Partner Tier1", "Partner Tier2", "a custom role"])
def test_what_the_table_says_of_those_without_a_role(who: str) -> None:
    highest = who in ("Privileged Auth Admin", "Global Admin", "Partner Tier2")
    assert may_reset(NAMES[who], held_by(), tenant_wide=True)
    assert may_reset(NAMES[who], held_by(guarded=True), tenant_wide=True) is highest
    assert may_reset(NAMES[who], held_by("Directory Readers", "Global Admin"), tenant_wide=True) is highest
    assert may_reset(NAMES[who], held_by("Directory Readers"), tenant_wide=False) is highest


CAN = [
    ("reset-password", PLAIN, "Auth Help Highest Later Pass Root Users"),
    ("reset-password", READER, "Auth Help Highest Later Pass Root UnitHighest Users"),
    ("reset-password", HELP, "Help Highest Later Root Users"),
    ("reset-password", AUTH, "Auth Highest Later Root"),
    ("reset-password", USERS, "Highest Later Root Users"),
    ("reset-password", ADMIN, "Highest Later Root Users"),
    ("reset-password", GUARDED, "Highest Later Root"),
    ("reset-password", OWNER, "Highest Later Root"),
    # Who has to take a role up first is no administrator yet.
    ("reset-password", LATER, "Auth Help Highest Later Pass Root Users"),
    # A guest's password is the other organization's.
    ("reset-password", GUEST, ""),
    # In a unit, those without a role; who has a role for a unit is an administrator.
    ("reset-password", CLERK, "Auth Help Highest Later Pass Root UnitHelp UnitHighest Users"),
    ("reset-password", UNIT_HELP, "Help Highest Later Root Users"),
    # In a restricted one, by nobody else; who has a role for that is left to the highest.
    ("reset-password", CHIEF, "Keeper"),
    ("reset-password", KEEPER, "Highest Later Root"),
    ("add-members", KEPT, ""),
    ("add-members", ORDINARY, "Admin Groups Intune Later Root"),
    ("add-members", TEAM, "Admin Groups Later Root Teams"),
    # Exchange keeps it: its administrators, and its owner.
    ("add-members", MAIL, "Owner Recipients"),
    ("add-owners-of-groups", MAIL, "Recipients"),
    ("add-members", FOR_ROLES, ""),
    ("add-members-of-role-groups", FOR_ROLES, "Later Owner Roles Root"),
    ("add-members-of-role-groups", ORDINARY, ""),
    ("add-members", BY_RULE, ""),
    ("add-owners-of-groups", ORDINARY, "Admin Groups Intune Later Root"),
    ("add-owners-of-groups", TEAM, "Admin Groups Later Root Teams"),
    ("add-owners-of-groups", FOR_ROLES, "Later Root"),
    ("add-credentials", MANAGED, ""),
    # A custom role may be for applications of one tenant alone.
    *((one, OURS, "KeysOfAll KeysOfOurs Later Root") for one in ("add-credentials", "add-owners")),
    *((one, MANY, "KeysOfAll Later Root") for one in ("add-credentials", "add-owners")),
    ("add-credentials", OUR_PRINCIPAL, "KeysOfAll Later Root"),
]


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with Database(*neo4j_connection) as database:
        load(database)
        yield database


@pytest.mark.first_neo4j
@pytest.mark.graph
@pytest.mark.parametrize(("capability", "target", "expected"), CAN)
def test_who_can(graph: Database, capability: str, target: str, expected: str) -> None:
    assert " ".join(sorted(row["who"] for row in who_can(graph, capability, target).rows)) == expected


@pytest.mark.graph
def test_explain_withholds_the_same(graph: Database) -> None:
    rows = {row["role"]: row["capabilities"] for row in explain(graph, GROUPS, FOR_ROLES).rows}
    assert rows == {"Groups Admin": []}
    rows = {row["role"]: row["capabilities"] for row in explain(graph, HELP, PLAIN).rows}
    assert rows == {"Helpdesk Admin": ["reset-password"]}
