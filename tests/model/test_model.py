"""The data model that azgraph promises: entities.csv and relationships.csv, held against the declarations."""

from loader.model_listing import model_listing
from loader.services import entity_types, type_of
from tests.model.promised import rows


def test_every_entity_type_is_declared_with_its_name_and_classes():
    declared = {one["type"]: one for one in model_listing()["entities"]}
    promised = rows("entities.csv")
    assert len(promised) == 95
    assert [row["type"] for row in promised if row["type"] not in declared] == []
    for row in promised:
        assert declared[row["type"]]["resource"] == row["resource"]
        assert set(row["classes"].split("|")) <= set(declared[row["type"]]["classes"]), row["type"]


def test_every_relationship_is_declared_in_its_direction():
    declared = {(one["from"], one["verb"], one["to"]) for one in model_listing()["relationships"]}
    promised = [(row["from"], row["verb"], row["to"]) for row in rows("relationships.csv")]
    assert len(promised) == 142
    assert [one for one in promised if one not in declared] == []


def test_an_arm_id_tells_its_type():
    subscription = "/subscriptions/c0ffee00-0000-4000-8000-000000000001"
    group = f"{subscription}/resourcegroups/shop"
    assert type_of(subscription) == "azure_subscription"
    assert type_of(group) == "azure_resource_group"
    assert type_of(f"{group}/providers/microsoft.network/virtualnetworks/hub/subnets/web") == "azure_subnet"
    assert type_of("/providers/microsoft.management/managementgroups/root") == "azure_management_group"
    assert type_of(f"{group}/providers/microsoft.contoso/things/one") is None
    assert type_of("0b0b0b0b-0000-4000-8000-000000000001") is None


def test_resource_types_are_told_apart_by_one_entity_type_each():
    arm_types = [one.arm_type.lower() for one in entity_types().values() if one.arm_type]
    twice = {one for one in arm_types if arm_types.count(one) > 1}
    # Sites are web apps and function apps; which of them an id alone does not tell.
    assert twice <= {"microsoft.web/sites"}
