"""`azgraph access` over the demo tenant: exact answers, every format, names, and what is not known."""

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

pytestmark = pytest.mark.graph

STORAGE = "stcontosodata"
CHIDI = "chidi.okafor@contoso.example"


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


def access(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["access", *arguments])


def answer(*arguments: str) -> dict[str, Any]:
    told = access(*arguments, "--format", "json")
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)
    return found


@pytest.mark.first_neo4j
def test_a_deny_assignment_takes_away_from_all_but_whom_it_spares() -> None:
    found = answer("who-can", "list-keys-storage", STORAGE)
    assert {row["who"] for row in found["rows"]} == {"Astrid Lind"}
    assert found["known"] is True
    explained = answer("explain", CHIDI, STORAGE)["rows"]
    denied = [row for row in explained if row["takenAway"]]
    assert {row["role"] for row in denied} == {"Contributor"}
    assert all(row["deniedBy"] and "list-keys-storage" in row["takenAway"] for row in denied)
    assert not any("list-keys-storage" in row["capabilities"] for row in denied)


def test_the_chain_names_each_step() -> None:
    rows = answer("who-can", "give-roles", "Contoso Production")["rows"]
    through = next(row for row in rows if row["who"] == "Bo Nyberg" and row["role"] == "Owner")
    assert [one["name"] for one in through["chain"]] == ["Bo Nyberg", "Cloud administrators", "Contoso Production"]
    assert through["through"] == "Cloud administrators"
    assert through["plain"] is True
    assert "/roleassignments/" in through["assignment"]


def test_the_capabilities_are_listed() -> None:
    told = json.loads(access("capabilities", "--format", "json").stdout)
    assert {"give-roles", "read-secrets"} <= {one["capability"] for one in told}
    assert all(one["title"] and one["actions"] for one in told)


def test_eligible_is_told_apart_from_active() -> None:
    rows = answer("of", CHIDI)["rows"]
    taken_up = [row for row in rows if row["how"].startswith("eligible")]
    assert {(row["role"], row["scope"]) for row in taken_up} == {
        ("Contributor", "Contoso Production"),
        ("User Administrator", "Contoso"),
    }
    assert not any(row["plain"] for row in taken_up)
    assert any(row["how"] == "active" and row["through"] == "Platform engineers" for row in rows)


@pytest.mark.first_neo4j
@pytest.mark.parametrize("command", [["who-can", "give-roles", "Contoso Production"], ["of", CHIDI]])
def test_every_format_has_the_same_rows(command: list[str]) -> None:
    count = len(answer(*command)["rows"])
    assert len(list(csv.DictReader(io.StringIO(access(*command, "--format", "csv").stdout)))) == count
    assert len(access(*command, "--format", "markdown").stdout.strip().splitlines()) == count + 2
    assert f"{count} rows." in access(*command).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["who-can", "give-rolls", "Contoso Production"], "Perhaps: give-roles"),
        (["who-can", "give-roles", "Contoso Productoin"], "Nearest: Contoso Production"),
        (["of", "Astrid Lynd"], "Nearest: Astrid Lind"),
        (["who-can", "run-code", STORAGE], "nothing that can be done to"),
        (["explain", "\"`'}) DETACH DELETE n //", STORAGE], "the graph has no"),
    ],
)
def test_what_there_is_not_is_refused_with_what_was_perhaps_meant(arguments: list[str], told: str) -> None:
    refused = access(*arguments)
    assert refused.exit_code != 0
    assert told in str(refused.exception)


def test_a_step_that_failed_is_named_and_nobody_is_not_said(graph: Database) -> None:
    found = {"step": "azure_role_assignment", "area": "c0705000-9a01-4d3e-8b57-61f2c4d80a11"}
    scope = "MATCH (s:SyncScope {step: $step, area: $area}) SET s.status = "
    try:
        graph.write(lambda run: run.run(scope + "'forbidden', s.reason = 'No right.'", **found))
        told = answer("who-can", "give-roles", "Contoso Production")
        assert told["known"] is False
        assert any("azure_role_assignment" in one for one in told["notKnown"])
        nobody = access("explain", "Farah Aziz", "vm-jump")
        assert "Not known" in nobody.output
    finally:
        graph.write(lambda run: run.run(scope + "'complete' REMOVE s.reason", **found))


def test_a_disabled_subscription_is_not_silently_no(graph: Database) -> None:
    change = "MATCH (s:azure_subscription {displayName: 'Contoso Production'}) SET s.state = $state"
    try:
        graph.write(lambda run: run.run(change, state="Disabled"))
        told = answer("who-can", "give-roles", "Contoso Production")
        assert any("is disabled" in one for one in told["notKnown"])
    finally:
        graph.write(lambda run: run.run(change, state="Enabled"))


def test_what_is_derived_of_the_demo_runs_the_attackers_way(graph: Database) -> None:
    acting = {
        (row["actor"], row["kind"])
        for row in graph.read(
            "MATCH (a)-[r:ACTS_AS]->(:azure_service_principal) RETURN a.displayName AS actor, r.kind AS kind"
        )
    }
    assert {("vm-web-1", "system-assigned"), ("contoso-webshop", "application")} <= acting
    eligible = graph.read(
        "MATCH (a)-[r:MAY_BECOME]->(b) RETURN a.displayName AS who, b.displayName AS role, r.needsApproval AS asks"
    )
    assert {(row["who"], row["role"], row["asks"]) for row in eligible} >= {("Bo Nyberg", "Global Administrator", True)}
    owners = graph.read("MATCH (:azure_user)-[r:CAN {kind: 'owner'}]->(o:azure_user_group) RETURN r.roleName AS role")
    assert {row["role"] for row in owners} == {"Owner of the group"}
    denied = graph.read("MATCH ()-[r:CAN]->() WHERE size(r.deniedBy) > 0 RETURN DISTINCT r.kind AS kind")
    assert [row["kind"] for row in denied] == ["azure"]
