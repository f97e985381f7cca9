"""What the command owes to scripts: exit codes, pure stdout, one plain sentence instead of a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loader.demo import exchanges
from tests.e2e.support import ROOT, Azgraph, clean_environment, recorded
from tests.fakeazure import FakeAzure

# Nothing listens on port 1.
NOWHERE = "bolt://127.0.0.1:1"


@pytest.fixture
def azgraph() -> Azgraph:
    """The command with a database that is not there: these tests end before it is needed, or because of it."""
    return Azgraph(clean_environment(NEO4J_URI=NOWHERE, NEO4J_USER="neo4j", NEO4J_PASSWORD="secret-of-neo4j"))


def _is_a_sentence(said: str) -> bool:
    """One line that people can read, and no traceback."""
    last = said.strip().splitlines()[-1]
    return "Traceback" not in said and last.startswith("Error: ") and len(last) > 40


@pytest.mark.parametrize("arguments", [["--help"], ["sync", "--help"], ["--version"]])
def test_help_imports_no_sdk(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from loader.cli.main import main\n"
        f"sys.argv = ['azgraph', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('|'.join(sys.modules))\n"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(told.stdout.splitlines()[-1].split("|"))
    heavy = {"azure.mgmt", "azure.core", "azure.identity", "msgraph", "neo4j", "httpx", "jinja2"}
    assert not heavy & imported
    assert "loader.cli.sync" in imported


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync", "--no-such-flag"],
        ["sync", "--format", "xml"],
        ["sync", "--replay", "/no/such/folder"],
        ["nonsense"],
        ["query", "run", "no-such-query"],
        ["check", "no-such-pack"],
        ["check", "cis-azure-foundations-6.0.0", "--fail-on", "dreadful"],
        ["neo4j", "nonsense"],
    ],
)
def test_wrong_usage_ends_with_2(azgraph: Azgraph, arguments: list[str]) -> None:
    told = azgraph.here(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.strip()
    assert "Traceback" not in told.err


@pytest.mark.parametrize("text", ["{", "[]", '{"log": {"entries": [{"request": {}}]}}', "\0"])
def test_a_bad_recording_is_named(azgraph: Azgraph, tmp_path: Path, text: str) -> None:
    bad = tmp_path / "broken.har"
    bad.write_text(text)
    told = azgraph.here("sync", "--replay", bad, "--format", "json")
    assert (told.code, told.out) == (2, "")
    assert "broken.har" in told.err
    assert _is_a_sentence(told.err)


@pytest.mark.parametrize("command", ["demo", "check cis-azure-foundations-6.0.0", "changes", "alerts list"])
def test_a_database_that_is_away_ends_with_4(azgraph: Azgraph, command: str) -> None:
    told = azgraph.here(*command.split(), "--format", "json")
    assert (told.code, told.out) == (4, "")
    assert _is_a_sentence(told.err)
    assert NOWHERE in told.err
    assert "azgraph neo4j up" in told.err


@pytest.mark.parametrize(("arguments", "code"), [(["nonsense"], 2), (["changes", "--format", "json"], 4)])
def test_the_process_ends_as_the_command_does(azgraph: Azgraph, arguments: list[str], code: int) -> None:
    """The tests above run it in their own process."""
    told, here = azgraph(*arguments), azgraph.here(*arguments)
    assert told.code == code
    assert (told.code, told.out, told.err.splitlines()[-1]) == (here.code, here.out, here.err.splitlines()[-1])


def test_debug_shows_the_traceback_without_the_password(azgraph: Azgraph) -> None:
    told = azgraph("--debug", "demo")
    assert told.code == 4
    assert "Traceback" in told.err
    assert _is_a_sentence(told.err.splitlines()[-1])
    assert "secret-of-neo4j" not in told.err


def test_the_model_as_json(azgraph: Azgraph) -> None:
    listing = azgraph.here("model", "--format", "json").json
    assert listing.keys() == {"entities", "relationships"}
    assert all({"type", "classes", "resource", "step"} <= one.keys() for one in listing["entities"])
    assert all(one.keys() >= {"from", "verb", "to"} for one in listing["relationships"])
    types = [one["type"] for one in listing["entities"]]
    assert len(types) == len(set(types))
    assert {"azure_vm", "azure_storage_account", "azure_user"} <= set(types)


def test_the_summary_as_json(database: Any, neo4j_connection: Any, tmp_path: Path) -> None:
    uri, user, password = neo4j_connection
    azgraph = Azgraph(clean_environment(NEO4J_URI=uri, NEO4J_USER=user, NEO4J_PASSWORD=password))
    recording = recorded(exchanges(1), tmp_path / "contoso.har")
    told = azgraph.here(
        "sync", "--replay", recording, "--only", "azure_vnet", "--only", "azure_user", "--format", "json"
    )
    summary = told.json
    assert summary["entities"]
    assert summary["relationships"]
    assert summary.keys() >= {"run", "status", "entities", "relationships", "changes", "steps", "http"}
    assert summary["changes"].keys() == {"created", "updated", "deleted", "linked", "unlinked"}
    assert summary["http"].keys() == {"calls", "sent", "throttled", "retried"}
    fields = {"name", "scope", "status", "reason", "calls", "entities", "seconds", "quiet"}
    assert all(step.keys() == fields for step in summary["steps"])
    assert all(name.count("|") == 2 for name in summary["relationships"])


def test_no_rights_at_all_end_with_4(database: Any, neo4j_connection: Any) -> None:
    """Signed in, but nothing is visible: not an empty tenant. The graph is left alone."""
    uri, user, password = neo4j_connection
    with FakeAzure([]) as nothing:
        azgraph = Azgraph(clean_environment(NEO4J_URI=uri, NEO4J_USER=user, NEO4J_PASSWORD=password))
        told = azgraph.here("sync", "--format", "json", **nothing.proxied_environment)
    assert told.code == 4
    assert _is_a_sentence(told.err)
    assert database.read("MATCH (n:Entity) RETURN count(n) AS n") == [{"n": 0}]


def test_an_unknown_subscription_is_wrong_usage_and_names_the_visible(database: Any, neo4j_connection: Any) -> None:
    uri, user, password = neo4j_connection
    with FakeAzure(exchanges(1)) as azure:
        azgraph = Azgraph(clean_environment(NEO4J_URI=uri, NEO4J_USER=user, NEO4J_PASSWORD=password))
        told = azgraph.here("sync", "--subscription", "Nowhere", "--format", "json", **azure.proxied_environment)
        names = [one["displayName"] for one in json.loads(_subscriptions())["value"]]
    assert (told.code, told.out) == (2, "")
    assert all(name in told.err for name in names)
    assert _is_a_sentence(told.err)


def _subscriptions() -> str:
    return str(next(one.body for one in exchanges(1) if one.url.split("?")[0].endswith("/subscriptions")))
