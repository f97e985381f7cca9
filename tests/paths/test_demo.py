"""The paths of the demo tenant, in a table written from its files: the commands find exactly these.

Who holds what: `loader/demo/contoso/governance/role_assignments.yaml`, `identity/directory_roles.yaml`,
`identity/groups.yaml`, `identity/applications.yaml` and `apps/identities.yaml`; the machines' ways in: `network/`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from loader.cli.main import app
from loader.demo import exchanges
from loader.graph import Database
from tests.e2e.support import load

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]

# From, to: the hops. None where there is no path.
PLANTED: dict[tuple[str, str], list[str] | None] = {
    # A guest who owns a subscription.
    ("Will Ng (Northwind consultant)", "tier-0"): ["holds-role>Contoso Sandbox"],
    # An owner through a group.
    ("Bo Nyberg", "tier-0"): ["member-of>Cloud administrators", "holds-role>Contoso Platform"],
    # A Global Administrator, who may give himself roles at the root of Azure.
    ("Hugo Marín", "Tenant Root Group"): [
        "control-directory>Contoso",
        "elevate>all of Azure (/)",
        "contains>Tenant Root Group",
    ],
    # And may reset anybody's password.
    ("Hugo Marín", "Dana Petrov"): ["reset-password>Dana Petrov"],
    # Who gives access to a subscription has what is in it.
    ("Leyla Demir", "kv-contoso-sandbox"): ["give-roles>Contoso Sandbox", "contains>kv-contoso-sandbox"],
    # The owner of an application acts as it, and reads what a vault's own policy lets it read.
    ("Greta Holm", "kv-contoso-images"): [
        "add-credentials>contoso-pipeline",
        "acts-as>contoso-pipeline",
        "read-secrets>kv-contoso-images",
    ],
    # Or has a storage account accept keys again, and takes them, by its role on the subscription.
    ("Greta Holm", "stcontosobackup"): [
        "add-credentials>contoso-pipeline",
        "acts-as>contoso-pipeline",
        "allow-keys-storage>stcontosobackup",
    ],
    # The owner of an application that owns a subscription.
    ("Bo Nyberg", "contoso-automation"): ["add-credentials>contoso-automation"],
    # A workload outside of Azure.
    ("pull-requests", "id-contoso-deploy"): ["signs-in-as>id-contoso-deploy"],
    # A role of a group on a resource group.
    ("Inês Costa", "vm-payments-1"): ["member-of>Payments developers", "run-code>vm-payments-1"],
    ("Inês Costa", "kv-contoso-prod"): None,
    # A role of a group on a management group, a machine's identity, and what that may read.
    ("Dana Petrov", "kv-contoso-prod"): [
        "member-of>Platform engineers",
        "run-code>vm-web-1",
        "acts-as>vm-web-1",
        "read-secrets>kv-contoso-prod",
    ],
    # The same for who owns the group and is in it, by the shorter of both.
    ("Nils Ek", "kv-contoso-prod"): [
        "add-members>Platform engineers",
        "run-code>vm-web-1",
        "acts-as>vm-web-1",
        "read-secrets>kv-contoso-prod",
    ],
    # From the Internet, over a machine.
    ("internet", "kv-contoso-prod"): ["reaches>vm-web-1", "acts-as>vm-web-1", "read-secrets>kv-contoso-prod"],
    # A vault's own policy; a role with data actions on a vault.
    ("Ravi Nair", "kv-contoso-legacy"): ["read-secrets>kv-contoso-legacy"],
    ("Farah Aziz", "kv-contoso-platform"): ["read-secrets>kv-contoso-platform"],
    # Whoever only reads gets nowhere.
    ("Emil Sand", "tier-0"): None,
    ("internet", "tier-0"): None,
}

# Everybody who gets to tier 0 without having been given it, by the shortest way; of the others nobody does.
# Chidi may take up User Administrator, and then resets one of those without a directory role who own the sandbox.
TO_TIER_0 = {"Chidi Okafor": ["reset-password", "holds-role", "Contoso Sandbox"]}

# Hops of one role that are as long as one another: either may be told.
_ALIKE = {
    "read-keys": "read-secrets",
    "read-certificates": "read-secrets",
    "add-credentials-of-single-tenant-applications": "add-credentials",
}


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with Database(*neo4j_connection) as database:
        database.write(lambda run: run.run("MATCH (n) DETACH DELETE n"))
        load(database, exchanges(1))
        yield database


@pytest.fixture(autouse=True)
def _on_it(graph: Database, neo4j_connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(("NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD"), neo4j_connection, strict=True):
        monkeypatch.setenv(name, value)


def azgraph(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def found(*arguments: str) -> Any:
    told = azgraph(*arguments, "--format", "json")
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_the_planted_paths_are_found_and_no_others() -> None:
    told = {
        (source, goal): [
            [f"{_ALIKE.get(hop['hop'], hop['hop'])}>{hop['to']}" for hop in one["hops"]]
            for one in found("paths", "--from", source, "--to", goal)
        ]
        for source, goal in PLANTED
    }
    assert told == {ends: [] if hops is None else [hops] for ends, hops in PLANTED.items()}


def test_one_end_is_enough() -> None:
    assert found("paths", "--from", "Bo Nyberg") == found("paths", "--from", "Bo Nyberg", "--to", "tier-0")
    assert found("paths", "--from", "internet") == []
    everybody = {
        one["hops"][0]["from"]: [*(hop["hop"] for hop in one["hops"]), one["hops"][-1]["to"]]
        for one in found("paths", "--to", "tier-0", "-k", "200")
    }
    assert everybody == TO_TIER_0


def test_each_hop_has_its_evidence_and_its_cut_in_every_format() -> None:
    ends = ("paths", "--from", "internet", "--to", "kv-contoso-prod")
    hops = found(*ends)[0]["hops"]
    assert [hop["cut"] for hop in hops] == [
        "Close vm-web-1 to the Internet.",
        "Take the identity vm-web-1 away from vm-web-1.",
        "Take Key Vault Secrets User on kv-contoso-prod away from vm-web-1.",
    ]
    assert hops[2]["evidence"] == "Key Vault Secrets User on kv-contoso-prod"
    assert "/roleassignments/" in hops[2]["assignment"]
    rows = list(csv.DictReader(io.StringIO(azgraph(*ends, "--format", "csv").stdout)))
    assert [row["how"] for row in rows] == ["reaches", "acts as", "can read secrets of"]
    assert "can read secrets of" in azgraph(*ends, "--format", "markdown").stdout
    table = azgraph(*ends).stdout
    assert "cut: Close vm-web-1 to the Internet." in table
    assert "There is no path." in azgraph("paths", "--from", "Emil Sand", "--to", "tier-0").stdout


def test_who_may_become_global_administrator_is_marked() -> None:
    several = found("paths", "--from", "Bo Nyberg", "--to", "tier-0", "-k", "20")
    marked = [hop["marks"] for one in several for hop in one["hops"] if hop["marks"] and "Global" in hop["how"]]
    assert marked
    assert all(marks[0].startswith("eligible until ") and marks[1] == "needs approval" for marks in marked)
    sure = found("paths", "--from", "Bo Nyberg", "--to", "tier-0", "-k", "20", "--without-eligible")
    assert 0 < len(sure) < len(several)
    assert not any(mark.startswith("eligible") for one in sure for hop in one["hops"] for mark in hop["marks"])


def test_choke_points_and_the_blast_radius_tell_of_whom() -> None:
    points = found("paths", "choke-points")
    lost = {row["name"]: row["lost"] for row in points}
    assert lost["Owner for Greta Holm on Contoso Sandbox"] == 1
    assert [row["lost"] for row in points] == sorted((row["lost"] for row in points), reverse=True)
    reached = {row["name"]: row["tier0"] for row in found("paths", "blast-radius", "Will Ng (Northwind consultant)")}
    assert reached["Contoso Sandbox"] is True
    assert reached["kv-contoso-sandbox"] is False
    assert not any(name.endswith("-prod") for name in reached)


def test_wrong_usage_is_a_sentence() -> None:
    told = azgraph("paths")
    assert told.exit_code != 0
    assert "Say where paths begin or end" in str(told.exception)
    assert "Nothing in the graph is called" in str(azgraph("paths", "--from", "Bo Nybreg", "--to", "tier-0").exception)


def test_the_export_is_written(tmp_path: Any) -> None:
    file = tmp_path / "azgraph.json"
    assert azgraph("export", "bloodhound", str(file)).exit_code == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    kinds = {edge["kind"] for edge in written["graph"]["edges"]}
    assert {"AZGMemberOf", "AZGGiveRoles", "AZGActsAs", "AZGReaches", "AZGSignsInAs", "AZGReadSecrets"} <= kinds
