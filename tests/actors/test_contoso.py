"""Who made the changes of Contoso's next day: asked through the SDKs, joined, stored, shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from loader.changes import Filters, changes_since
from loader.changes.span import EVERY_RUN
from loader.demo import exchanges
from loader.graph import Database
from loader.model import Quiet, Status
from loader.sync import Summary
from tests.e2e.support import load

pytestmark = pytest.mark.graph

TYPES = [
    "azure_security_group", "azure_nic", "azure_public_ip", "azure_storage_account", "azure_keyvault_service",
    "azure_vm", "azure_role_assignment", "azure_resource_lock", "azure_user", "azure_user_group",
    "azure_resource_group", "azure_service_principal",
]  # fmt: skip


def two_days(database: Database, **options: bool) -> Summary:
    load(database, exchanges(1), only=TYPES)
    return load(database, exchanges(2, clock=datetime.now(UTC)), only=TYPES, **options)


def test_the_makers_of_changes_are_told(database: Database) -> None:
    summary = two_days(database)
    changes = changes_since(database, EVERY_RUN, Filters())
    who = {(one.name, one.op): one.actor or " or ".join(one.candidates) for one in changes}
    assert who["pip-app-2", "created"] == "Chidi Okafor"
    assert who["stcontosofiles", "updated"] == "contoso-automation"
    assert who["vm-sandbox-2", "deleted"] == "Farah Aziz"
    assert who["keep-payments", "deleted"] == "Chidi Okafor"
    assert who["rg-app", "updated"] == "Bo Nyberg"
    assert who["Yusuf Kaya", "created"] == "Dana Petrov"
    assert who["Tove Falk", "deleted"] == "Dana Petrov"
    assert who["Cloud administrators", "linked"] == "Bo Nyberg"
    assert who["Web shop developers", "unlinked"] == "Dana Petrov"
    # Two were at it: nobody is chosen.
    assert who["nsg-north", "linked"] == "Hugo Marín or contoso-pipeline"
    assert summary.actors["told"] > 10
    assert summary.actors["unclear"] > 0
    assert summary.status == "complete"
    asked = [one.name for one in summary.steps if one.name.startswith("actors.")]
    assert sorted(set(asked)) == [
        "actors.activity-log", "actors.container-changes", "actors.directory-audit", "actors.resource-changes",
    ]  # fmt: skip
    stored = database.read("MATCH (c:Change {entityName: 'stcontosofiles'}) RETURN properties(c) AS c LIMIT 1")[0]["c"]
    assert (stored["client"], stored["operation"]) == ("Terraform", "Microsoft.Storage/storageAccounts/write")
    assert stored["azureTime"] <= datetime.now(UTC)
    # A second look changes nothing, and asks nobody.
    again = load(database, exchanges(2), only=TYPES)
    assert (sum(again.changes.values()), again.actors) == (0, {"told": 0, "unclear": 0, "unknown": 0})
    assert not [one for one in again.steps if one.name.startswith("actors.")]


def test_without_their_answers_a_run_is_no_less_complete(database: Database) -> None:
    """A recording that was made without these logs, and a run that is not to ask."""
    few = ["azure_security_group", "azure_user"]
    load(database, exchanges(1), only=few)
    logs = ("resourcegraph/resources", "eventtypes/management", "auditlogs/")
    answers = [one for one in exchanges(2) if not any(log in one.url.lower() for log in logs)]
    summary = load(database, answers, only=few)
    assert (summary.status, summary.notes) == ("complete", [])
    assert summary.actors == {"told": 0, "unclear": 0, "unknown": sum(summary.changes.values())}
    steps = [one for one in summary.steps if one.name.startswith("actors.")]
    assert {(one.status, one.quiet) for one in steps} == {(Status.SKIPPED, Quiet.OPTIONAL)}
    assert all(one.reason.startswith("Not asked.") for one in steps)

    back = load(database, exchanges(1), only=few, actors=False)
    assert sum(back.changes.values()) > 0
    assert ([one for one in back.steps if one.name.startswith("actors.")], back.actors) == ([], {})
    assert not database.read("MATCH (c:Change) WHERE c.actor IS NOT NULL OR c.actorCandidates IS NOT NULL RETURN c")
