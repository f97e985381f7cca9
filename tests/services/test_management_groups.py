"""One answer for the root holds the whole tree."""

from __future__ import annotations

from loader.mapping import build_record
from loader.model import Json
from loader.services.governance.management_groups import MANAGEMENT_GROUP, tree

TENANT = "cccccccc-0000-4000-8000-000000000001"
_PREFIX = "/providers/Microsoft.Management/managementGroups/"


def _group(name: str, *children: Json) -> Json:
    identity = {"id": _PREFIX + name, "type": "Microsoft.Management/managementGroups", "name": name}
    return {**identity, "displayName": name.title(), "children": list(children)}


ROOT: Json = {
    "id": _PREFIX + TENANT,
    "type": "Microsoft.Management/managementGroups",
    "name": TENANT,
    "properties": {
        "tenantId": TENANT,
        "displayName": "Tenant Root Group",
        "children": [
            _group("production", _group("shop", {"id": "/subscriptions/1", "type": "/subscriptions", "name": "1"})),
            _group("sandbox"),
        ],
    },
}


def test_every_group_of_the_tree_becomes_an_entity() -> None:
    records = [build_record(MANAGEMENT_GROUP, group) for group in tree(ROOT)]
    found = {record.properties["displayName"]: record for record in records if record}
    assert set(found) == {"Tenant Root Group", "Production", "Shop", "Sandbox"}
    assert found["Shop"].properties["parentId"] == _PREFIX + "production"
    assert found["Shop"].properties["tenantId"] == TENANT
    links = {(name, link.verb, link.target.key) for name, record in found.items() for link in record.links}
    assert links == {
        ("Tenant Root Group", "HAS", TENANT),
        ("Tenant Root Group", "CONTAINS", (_PREFIX + "production").lower()),
        ("Tenant Root Group", "CONTAINS", (_PREFIX + "sandbox").lower()),
        ("Production", "CONTAINS", (_PREFIX + "shop").lower()),
        ("Shop", "CONTAINS", "/subscriptions/1"),
    }


def test_null_children_are_no_children() -> None:
    group = {"id": _PREFIX + "empty", "name": "empty", "properties": {"children": None}}
    assert list(tree(group)) == [group]
