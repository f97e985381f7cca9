"""Failure is never emptiness: whatever Azure refuses, cuts off or forgets, nothing is deleted and nothing resolved."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from loader.model import Json, Status
from tests.e2e.support import (
    PLATFORM,
    PRODUCTION,
    SANDBOX,
    Azgraph,
    changed,
    changes,
    dump,
    ended,
    load,
    load_live,
    reasons,
    without,
)
from tests.fakeazure import FakeAzure, Fault

pytestmark = pytest.mark.slow

AT = f"/subscriptions/{PRODUCTION}/providers"
STORAGE = f"{AT}/microsoft.storage/storageaccounts"
VAULT = "kv-contoso-prod.vault.azure.net"
PARTS_OF_STORAGE = ("container", "file_share", "queue", "table")


def _error(code: str, status: int, **headers: str) -> Fault:
    body = json.dumps({"error": {"code": code, "message": "No."}})
    return Fault(status=status, body=body, headers={"Retry-After": "0", **headers})


def _two_pages(body: Json) -> None:
    """The list with its second half on a page of its own, which is not there."""
    body["value"] = body["value"][:3]
    body["nextLink"] = f"https://management.azure.com{AT}/Microsoft.Network/publicIPAddresses?$skiptoken=second"


# Where it happens, what happens, the step that meets it, how that step ends, and what its reason names.
FAULTS: list[tuple[str, Fault, str, Status, str]] = [
    (STORAGE, _error("AuthorizationFailed", 403), "azure_storage_account", Status.FORBIDDEN, "storageAccounts/read"),
    (f"{AT}/microsoft.sql/servers", _error("NotFound", 404), "azure_sql_server", Status.UNAVAILABLE, "not know"),
    (f"{AT}/microsoft.network/virtualnetworks", _error("TooMany", 429), "azure_vnet", Status.FAILED, "throttled"),
    (f"{AT}/microsoft.compute/virtualmachines", _error("Internal", 500), "azure_vm", Status.FAILED, "500"),
    (f"{AT}/microsoft.network/networkinterfaces", Fault(cut=True), "azure_nic", Status.FAILED, "connection broke"),
    (f"{AT}/microsoft.compute/disks", Fault(half=True), "azure_managed_disk", Status.FAILED, "connection broke"),
    ("skiptoken=second", Fault(half=True), "azure_public_ip", Status.FAILED, "connection broke"),
    (f"{VAULT}/keys", _error("Unauthorized", 401), "azure_keyvault_key", Status.FORBIDDEN, "vaults/keys/read"),
]


def test_refused_steps_delete_nothing_and_say_why(
    azure: FakeAzure, database: Database, contoso: list[Exchange]
) -> None:
    undisturbed = load_live(database, azure.proxied_environment)
    graph = dump(database)
    azure.serve(changed(contoso, f"{AT}/Microsoft.Network/publicIPAddresses", _two_pages))
    for place, fault, *_ in FAULTS:
        # A list that is the last of its limit is tried again for as long as that may stay shut.
        azure.break_next(place, *[fault] * 1_000)
    broken = load_live(database, azure.proxied_environment)
    assert broken.status == "partial"
    assert dump(database) == graph
    assert changes(database) == []

    told, why = ended(broken), reasons(broken)
    for _, _, step, status, named in FAULTS:
        assert told[f"{step}|{PRODUCTION}"] is status, step
        assert named in why[f"{step}|{PRODUCTION}"]
    kept = {f"azure_storage_{part}|{PRODUCTION}" for part in PARTS_OF_STORAGE}
    assert {told[step] for step in kept} == {Status.SKIPPED}
    # What has its own lists, or belongs to another subscription, is loaded as ever.
    assert (
        not {step for step in told if step.endswith((f"|{PLATFORM}", f"|{SANDBOX}", "|tenant"))}
        - ended(undisturbed).keys()
    )
    assert f"azure_security_group|{PRODUCTION}" not in told
    stored = {
        f"{row['step']}|{row['area']}": row["status"]
        for row in database.read("MATCH (s:SyncScope) RETURN s.step AS step, s.area AS area, s.status AS status")
    }
    assert {step: stored[step] for step in told} == {step: str(status) for step, status in told.items()}

    azure.serve(contoso)
    again = load_live(database, azure.proxied_environment)
    assert ended(again) == ended(undisturbed)
    assert dump(database) == graph
    assert changes(database) == []


def test_a_script_sees_the_refusal_and_alerts_stay_open(azgraph: Azgraph, azure: FakeAzure, database: Database) -> None:
    """What is loaded is true also beside a refusal; what was refused resolves no alert."""

    def alerts() -> list[Any]:
        assert azgraph.here("alerts", "evaluate").code == 0
        return database.read("MATCH (a:Alert) RETURN a.id AS id, a.state AS state ORDER BY id")

    assert load_live(database, azure.proxied_environment).status == "complete"
    before = alerts()
    assert any(row["state"] == "open" for row in before)
    forbidden = _error("AuthorizationFailed", 403)
    for ending in ("storageaccounts", "vaults", "networksecuritygroups", "virtualmachines", "servers", "users"):
        azure.break_next(f"/{ending}", *[forbidden] * 9)
    told = azgraph.here("sync", "--format", "json", **azure.proxied_environment)
    assert told.code == 3
    assert told.json["status"] == "partial"
    assert "Microsoft.Storage/storageAccounts/read" in told.err
    assert "Traceback" not in told.err
    assert alerts() == before


def test_what_was_not_recorded_is_not_empty(database: Database, contoso: list[Exchange]) -> None:
    load(database, contoso)
    graph = dump(database)
    told = load(database, without(contoso, "/networksecuritygroups", "/v1.0/users", f"/{SANDBOX}/resourcegroups"))
    assert told.status == "partial"
    assert {f"azure_security_group|{one}" for one in (PRODUCTION, PLATFORM, SANDBOX)} < ended(told).keys()
    assert "record again" in reasons(told)["azure_user|tenant"]
    assert dump(database) == graph
    assert changes(database) == []


def test_subscriptions_left_out_and_gone(database: Database, contoso: list[Exchange]) -> None:
    load(database, contoso)
    graph = dump(database)
    load(database, contoso, subscriptions=[SANDBOX.upper()])
    assert dump(database) == graph

    def drop(body: Json) -> None:
        body["value"] = [one for one in body["value"] if one.get("subscriptionId") != SANDBOX]

    fewer = changed(without(contoso, f"/subscriptions/{SANDBOX}"), "/subscriptions", drop)
    kept = load(database, fewer)
    assert kept.status == "partial"
    assert any(SANDBOX in note and "--accept-deletions" in note for note in kept.notes)
    assert dump(database).nodes.keys() == graph.nodes.keys()

    gone = load(database, fewer, accept_deletions=True)
    left = dump(database)
    assert not [key for key, (_, node) in left.nodes.items() if f"|{SANDBOX}|" in node.get("_scope", "")]
    assert gone.changes["deleted"] > 20
    assert f"/subscriptions/{PRODUCTION}" in left.nodes
    settled = load(database, fewer)
    assert settled.status == "complete"
    assert sum(settled.changes.values()) == 0
