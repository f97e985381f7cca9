"""Which lists the inventory may stand for: those of tracked resources only, each with Microsoft's word for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from loader.model import Arm
from loader.services import entity_types, in_each_subscription, parents_of
from loader.services.governance.resources import is_undeclared
from tests.services.test_witnesses import WALKER

SAID = yaml.safe_load((Path(__file__).parent / "witnesses" / "inventory.yaml").read_text(encoding="utf-8"))
TYPES = {name: one for name, one in entity_types().items() if one.inventory}


@pytest.mark.parametrize("name", TYPES)
def test_a_list_that_may_be_spared_is_of_tracked_resources(name: str) -> None:
    one = TYPES[name]
    assert one.inventory in SAID["types"]
    # Function apps are sites that are told apart by their kind.
    assert one.inventory == one.arm_type or one.arm_type is None
    assert isinstance(one.fetch, Arm)
    assert in_each_subscription(one)
    assert (one.fetch.tenant, one.fetch.each) == (False, None)
    # A tracked resource has a location.
    assert "location" in WALKER.start(one).fields()
    # The part of the parent's type comes first in that of its part.
    for parent in parents_of(one):
        above = entity_types()[parent].inventory or entity_types()[parent].arm_type
        assert str(above).lower() == one.inventory.rpartition("/")[0].lower()


def test_every_witness_is_used() -> None:
    assert set(SAID["types"]) == {one.inventory for one in TYPES.values()}


def test_what_no_inventory_has_is_always_asked() -> None:
    for name in ("azure_diagnostic_setting", "azure_role_assignment", "azure_resource_lock", "azure_policy_state",
                 "azure_subnet", "azure_storage_container", "azure_sql_database", "azure_resource_group"):  # fmt: skip
        assert entity_types()[name].inventory == ""


def test_a_resource_of_a_declared_type_is_none_of_its_own() -> None:
    where = "/subscriptions/s/resourceGroups/g/providers"
    assert not is_undeclared({"id": f"{where}/MICROSOFT.web/Sites/app"})
    assert is_undeclared({"id": f"{where}/Microsoft.Logic/workflows/mail"})
