"""What has the same ARM id in every tenant is an entity of each."""

from __future__ import annotations

import pytest

from loader.mapping import build_record
from loader.model import EntityType
from loader.services.governance.tenant_settings import ENTRA_LOGS, INTUNE_LOGS, SUBSCRIPTION_POLICY

CONTOSO, FABRIKAM = "cccccccc-0000-4000-8000-00000000000c", "ffffffff-0000-4000-8000-00000000000f"


@pytest.mark.parametrize("entity_type", [ENTRA_LOGS, INTUNE_LOGS, SUBSCRIPTION_POLICY], ids=lambda one: one.type)
def test_settings_of_two_tenants_are_two(entity_type: EntityType) -> None:
    answer = {"id": "/providers/Microsoft.Example/policies/default", "name": "default", "properties": {}}
    records = [build_record(entity_type, {**answer, "@tenant": tenant}) for tenant in (CONTOSO, FABRIKAM)]
    assert [record.key for record in records if record] == [
        f"{CONTOSO}/providers/microsoft.example/policies/default",
        f"{FABRIKAM}/providers/microsoft.example/policies/default",
    ]
    assert [[link.target.key for link in record.links] for record in records if record] == [[CONTOSO], [FABRIKAM]]
