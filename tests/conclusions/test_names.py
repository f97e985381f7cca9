"""Nothing that people see is called by a GUID: the names of what Azure itself does not name, over several runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from loader.conclusions import namings
from loader.graph import Database, Run
from loader.mapping import build_record
from loader.model import Outcome, Record
from loader.services import entity_types, type_of

pytestmark = pytest.mark.graph

TENANT = "c0705000-0000-4000-8000-000000000001"
AREA = "c0705000-0000-4000-8000-000000000002"
ADA, GONE = "c0705000-0000-4000-8000-0000000000a1", "c0705000-0000-4000-8000-0000000000a2"
OWNER = "c0705000-0000-4000-8000-0000000000b1"
SCOPE = f"/subscriptions/{AREA}"
HOSTILE = "Ada \"`'}) DETACH DELETE n //\n<b>Lovelace"


def given(number: int, principal: str, **more: Any) -> dict[str, Any]:
    name = f"c0705000-0000-4000-8000-0000000000c{number}"
    properties = {
        "scope": SCOPE,
        "roleDefinitionId": f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}",
        "principalId": principal,
        "principalType": "User",
        **more,
    }
    return {
        "id": f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "properties": properties,
    }


def answers(*assignments: dict[str, Any], ada: str = "Ada Lovelace") -> dict[str, list[dict[str, Any]]]:
    role = f"{SCOPE}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"
    return {
        "azure_role_assignment": list(assignments),
        "azure_subscription": [{"id": SCOPE, "subscriptionId": AREA, "displayName": "Contoso Production"}],
        "azure_user": [{"id": ADA, "displayName": ada}],
        "azure_role_definition": [{"id": role, "name": OWNER, "properties": {"roleName": "Owner"}}],
    }


def records(entity_type: str, found: Iterable[dict[str, Any]]) -> list[Record]:
    built = [build_record(entity_types()[entity_type], one) for one in found]
    return [one for one in built if one is not None]


def load(database: Database, found: Mapping[str, list[dict[str, Any]]]) -> None:
    with Run.start(database, loader_version="1", entity_types=entity_types(), resolve_type=type_of) as run:
        for name, some in found.items():
            step = run.step(name, AREA)
            step.write("", records(name, some))
            step.finish({"": Outcome()})
        run.derive((), namings())
        run.finish("complete")


def start_and_die(database: Database) -> None:
    with Run.start(database, loader_version="1", entity_types=entity_types(), resolve_type=type_of) as run:
        step = run.step("azure_role_assignment", AREA)
        step.write("", records("azure_role_assignment", [given(1, ADA)]))
        step.finish({"": Outcome()})
        raise RuntimeError("killed")


def names(database: Database) -> list[str]:
    rows = database.read("MATCH (n:azure_role_assignment) RETURN n.displayName AS name ORDER BY n._key")
    return [row["name"] for row in rows]


def changes(database: Database) -> list[tuple[str, str, str]]:
    rows = database.read(
        "MATCH (c:Change {entityType: 'azure_role_assignment'}) "
        "RETURN c.op AS op, c.entityName AS name, coalesce(c.path, '') AS path ORDER BY c.runSeq, op, path"
    )
    return [(row["op"], row["name"], row["path"]) for row in rows]


def test_an_assignment_is_called_by_role_holder_and_place_through_its_life(database: Database) -> None:
    load(database, answers(given(1, ADA)))
    assert names(database) == ["Owner for Ada Lovelace on Contoso Production"]
    load(database, answers(given(1, ADA)))
    assert changes(database) == []
    load(database, answers(given(1, ADA, description="For the audit"), given(2, GONE)))
    called, unknown = names(database)
    assert called == "Owner for Ada Lovelace on Contoso Production"
    assert unknown == f"Owner for User {GONE[:8]} on Contoso Production"
    assert changes(database) == [("created", unknown, ""), ("updated", called, "description")]
    # Who is called otherwise now changes the name, and nothing of the assignment.
    load(database, answers(given(1, ADA, description="For the audit"), given(2, GONE), ada="Ada King"))
    assert names(database)[0] == "Owner for Ada King on Contoso Production"
    assert changes(database) == [("created", unknown, ""), ("updated", called, "description")]
    load(database, answers(given(2, GONE), ada="Ada King"))
    assert changes(database)[-1] == ("deleted", "Owner for Ada King on Contoso Production", "")
    assert database.read("MATCH (n:azure_role_assignment) RETURN n.name AS name, n._key AS key") == [
        {"name": given(2, GONE)["name"], "key": given(2, GONE)["id"].lower()}
    ]


def test_a_run_that_ended_before_its_names_is_made_good_by_the_next(database: Database) -> None:
    load(database, answers())
    with pytest.raises(RuntimeError, match="killed"):
        start_and_die(database)
    load(database, answers(given(1, ADA)))
    assert names(database) == ["Owner for Ada Lovelace on Contoso Production"]
    assert {name for _, name, _ in changes(database)} <= {"Owner for Ada Lovelace on Contoso Production"}


def test_a_hostile_name_is_only_a_name(database: Database) -> None:
    load(database, answers(given(1, ADA), ada=HOSTILE))
    assert names(database) == [f"Owner for {HOSTILE} on Contoso Production"]


@pytest.mark.parametrize(
    ("naming", "parts", "name"),
    [
        ("role-assignments", {"role": "Reader", "holder": "Team", "root": True}, "Reader for Team on everything"),
        ("role-assignments", {"role": OWNER}, "An unknown role for an unknown principal"),
        ("directory-role-assignments", {"role": "User Administrator", "holder": "Ada"}, "User Administrator for Ada"),
        (
            "directory-role-eligibilities",
            {"role": "User Administrator", "holder": "Ada", "place": "Warehouse"},
            "User Administrator for Ada on Warehouse, to take up",
        ),
        ("directory-role-policies", {"role": "Global Reader"}, "How Global Reader is taken up"),
        ("directory-role-policies", {"role": OWNER}, None),
        (
            "delegated-permission-grants",
            {"permissions": ["A", "B", "C", "D", "E"], "resource": "Microsoft Graph", "holder": "Shop"},
            "A, B, C and 2 more of Microsoft Graph for Shop",
        ),
        ("app-role-assignments", {"permissions": [], "resource": "Shop", "holder": "Ada"}, "Access of Shop for Ada"),
        ("policy-states", {"rule": OWNER, "title": "https", "resource": "kv"}, "https: kv"),
        ("policy-states", {"rule": "HTTPS only", "title": "https"}, "HTTPS only"),
    ],
)
def test_names_are_made_of_what_is_known(naming: str, parts: dict[str, Any], name: str | None) -> None:
    declared = {one.name: one for one in namings()}
    assert declared[naming].call(parts) == name


def test_every_named_type_is_of_the_model() -> None:
    for naming in namings():
        assert {*naming.types, *naming.inputs} <= set(entity_types()), naming.name
