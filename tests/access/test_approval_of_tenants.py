"""Two tenants in one graph, which share the built-in roles: each one asks for an approval, or none, by itself."""

from __future__ import annotations

import pytest

from loader.conclusions import derivations
from loader.graph import Database, Run
from loader.mapping import build_record
from loader.model import Json, Outcome
from loader.services import entity_types, type_of

pytestmark = pytest.mark.graph

ROLE = "62e90394-69f5-4237-9190-012177145e10"
TENANTS = {f"c0705000-0000-4000-8000-00000000000{number}": number == 1 for number in (1, 2)}


def _answers(tenant: str, *, asked: bool) -> dict[str, Json]:
    holder = f"{tenant[:-2]}a{tenant[-1]}"
    rules = [{"id": "Approval_EndUser_Assignment", "setting": {"isApprovalRequired": asked}}]
    return {
        "azure_account": {"id": tenant},
        "azure_user": {"id": holder},
        "azure_ad_role_definition": {"id": ROLE, "templateId": ROLE, "displayName": "Global Administrator"},
        "azure_ad_role_policy": {"id": f"of {tenant}", "roleDefinitionId": ROLE, "policy": {"rules": rules}},
        "azure_ad_role_eligibility": {
            "id": f"for {holder}",
            "principalId": holder,
            "roleDefinitionId": ROLE,
            "directoryScopeId": "/",
        },
    }


def test_an_approval_is_asked_for_by_the_tenant_that_the_role_is_taken_up_in(database: Database) -> None:
    types = entity_types()
    for tenant, asked in TENANTS.items():
        with Run.start(database, loader_version="1", entity_types=types, resolve_type=type_of) as run:
            for name, answer in _answers(tenant, asked=asked).items():
                record = build_record(types[name], {**answer, "@tenant": tenant})
                assert record is not None
                step = run.step(name, f"tenant:{tenant}")
                step.write("", [record])
                step.finish({"": Outcome()})
            run.derive(derivations())
            run.finish("complete")
    for verb in ("CAN", "MAY_BECOME"):
        found = database.read(
            f"MATCH (who:azure_user)-[way:{verb}]->() RETURN DISTINCT who._key AS who, way.needsApproval AS asked"
        )
        assert {row["who"][-1]: row["asked"] for row in found} == {"1": True, "2": False}, verb
