"""Real answers of a test tenant, 2019 to 2024, go through today's SDKs: partial, never a traceback, nothing guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.support import ROOT, Azgraph
from tests.model.promised import missing_entities, missing_relationships
from tools.coverage import listed

pytestmark = pytest.mark.slow

RECORDINGS = Path(os.environ.get("AZGRAPH_RECORDINGS", ROOT.parent / "shared" / "recordings"))
# Requests that the older product made for the same tenant; a quarter of them must do for the types below, which it
# loaded too, and half for everything that azgraph asks for in eleven subscriptions.
OLD_REQUESTS = 4_861

# Each entity type of which the recordings have an answer, with how many entities it must give at least.
RECORDED = {
    "azure_account": 1, "azure_application_security_group": 3, "azure_diagnostic_setting": 9, "azure_gallery": 5,
    "azure_image": 2, "azure_keyvault_key": 5, "azure_keyvault_secret": 4, "azure_keyvault_service": 6, "azure_lb": 1,
    "azure_location": 51, "azure_managed_disk": 9, "azure_management_group": 3, "azure_monitor_activity_log_alert": 3,
    "azure_monitor_log_profile": 1, "azure_network_firewall": 2, "azure_network_watcher": 6, "azure_nic": 17,
    "azure_private_endpoint": 2, "azure_public_ip": 28, "azure_resource_group": 125, "azure_resource_lock": 3,
    "azure_role_assignment": 80, "azure_role_definition": 495, "azure_security_assessment": 2479,
    "azure_security_center_auto_provisioning_setting": 1, "azure_security_center_contact": 1,
    "azure_security_center_setting": 2, "azure_security_center_subscription_pricing": 10, "azure_security_group": 54,
    "azure_security_group_flow_logs": 1, "azure_service_principal": 400, "azure_shared_image": 8,
    "azure_shared_image_version": 5, "azure_sql_database": 3, "azure_sql_server": 1,
    "azure_sql_server_active_directory_admin": 1, "azure_sql_server_firewall_rule": 4, "azure_storage_account": 10,
    "azure_storage_container": 11, "azure_storage_file_share": 2, "azure_storage_queue": 1, "azure_subnet": 35,
    "azure_subscription": 11, "azure_user": 5, "azure_user_group": 7, "azure_vm": 6, "azure_vm_extension": 2,
    "azure_vnet": 28,
}  # fmt: skip


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not on this machine (AZGRAPH_RECORDINGS)")
def test_all_recordings_load(azgraph: Azgraph) -> None:
    told = azgraph.here("sync", "--replay", RECORDINGS, "--format", "json")
    assert told.code in (0, 3), told.err[-2000:]
    assert "Traceback" not in told.err
    summary = told.json
    assert {
        name: summary["entities"].get(name, 0) for name in RECORDED if summary["entities"].get(name, 0) < RECORDED[name]
    } == {}
    broken = [step for step in summary["steps"] if step["status"] != "complete"]
    assert all(len(step["reason"]) > 40 for step in broken)
    assert {step["status"] for step in broken} <= {"unavailable", "skipped", "forbidden"}, "no step may fail"
    loud = [step for step in broken if step["quiet"] is None]
    assert [
        one for step in loud if (one := f"{step['name']} in {step['scope']}: {step['status']}") not in told.err
    ] == []
    calls = sum(step["calls"] for step in summary["steps"] if step["name"].partition(".")[0] in RECORDED)
    assert calls <= OLD_REQUESTS / 4
    assert summary["http"]["calls"] <= OLD_REQUESTS / 2
    # What docs/coverage.yaml says that they give nothing for.
    assert missing_entities(summary["entities"]) == set(listed("entities"))
    assert missing_relationships(summary["relationships"]) == set(listed("relationships"))
