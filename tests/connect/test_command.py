"""`azgraph doctor` as a script and a person meet it: exit codes, JSON, words, no secrets."""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from tests.e2e.support import Azgraph, clean_environment
from tests.fakeazure import FakeAzure
from tests.fakeazure.server import SECRET

CHEAP = ("--type", "azure_policy_state", "--type", "azure_user")


@pytest.fixture
def azgraph(database: Database, neo4j_connection: Any) -> Azgraph:
    """Runs `azgraph` as a process on the test's empty database."""
    uri, user, password = neo4j_connection
    return Azgraph(clean_environment(NEO4J_URI=uri, NEO4J_USER=user, NEO4J_PASSWORD=password))


def test_all_there_and_something_missing(azgraph: Azgraph, azure: FakeAzure, database: Database) -> None:
    fine = azgraph("doctor", *CHEAP, **azure.proxied_environment)
    assert fine.code == 0, fine.out + fine.err
    assert "Everything is there." in fine.out
    azure.claims = {}
    azure.serve([])
    told = azgraph.here("doctor", *CHEAP, "--format", "json", **azure.proxied_environment)
    assert told.code == 4
    findings = {one["subject"]: one for one in told.json["findings"]}
    assert findings["Sign-in"]["state"] == "failed"
    assert findings["Neo4j writes"]["state"] == "fine"
    assert database.read("MATCH (n) RETURN count(n) AS n") == [{"n": 0}]


def test_words_for_a_person_without_the_secret(azgraph: Azgraph, azure: FakeAzure) -> None:
    wrong = f"{SECRET}-wrong"
    played = {**azure.proxied_environment, "AZURE_CLIENT_SECRET": wrong}
    told = azgraph.here("doctor", "--no-neo4j", **played)
    assert told.code == 4
    assert "FAILED" in told.out
    assert "AADSTS7000215" in told.out
    assert "To mend it: az ad app credential reset" in told.out
    assert "docs/troubleshooting.md#wrong-client-secret" in told.out
    assert wrong not in told.out + told.err
    assert "Traceback" not in told.err


def test_a_database_that_is_away(azgraph: Azgraph, azure: FakeAzure) -> None:
    told = azgraph.here(
        "doctor", *CHEAP, "--neo4j-uri", "bolt://127.0.0.1:1", "--format", "json", **azure.proxied_environment
    )
    assert told.code == 4
    finding = next(one for one in told.json["findings"] if one["subject"] == "Neo4j")
    assert (finding["state"], finding["command"]) == ("failed", "azgraph neo4j up")
    assert finding["help"] == "docs/troubleshooting.md#neo4j-cannot-be-reached"
