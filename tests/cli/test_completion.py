"""What the Tab key offers: at once, without the SDKs, and never an error."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loader.cli import completion
from loader.cli.main import app
from loader.config import settings
from loader.library.library import shipped_library


def offered(*words: str) -> list[str]:
    asked = {"_AZGRAPH_COMPLETE": "complete_bash", "COMP_WORDS": shlex.join(["azgraph", *words])}
    result = CliRunner().invoke(app, prog_name="azgraph", env={**asked, "COMP_CWORD": str(len(words))})
    return [line for line in result.stdout.split("\n") if line]


@pytest.fixture(autouse=True)
def _settings_of_each_test() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_names_are_offered_where_they_are_asked_for() -> None:
    assert offered("query", "run", "who-can-access-r") == ["who-can-access-resource"]
    assert offered("query", "show", "who-can-access-r") == ["who-can-access-resource"]
    assert "network" in offered("query", "list", "--area", "n")
    assert offered("access", "who-can", "read-s") == ["read-secrets"]
    assert offered("alerts", "list", "--rule", "rbac-owner-a") == ["rbac-owner-added"]
    assert offered("changes", "--type", "azure_keyvault_s") == ["azure_keyvault_secret", "azure_keyvault_service"]
    assert offered("sync", "--only", "azure_vm_s") == ["azure_vm_scale_set"]


def test_files_are_what_the_library_has() -> None:
    library = shipped_library()
    context = type("Context", (), {"params": {}})()
    assert completion.complete_query(context, "") == sorted(library.queries)
    assert completion.complete_check(context, "") == sorted(library.checks)
    assert completion.complete_pack(context, "") == sorted(library.packs)


def test_ones_own_library_is_offered_too(tmp_path) -> None:
    (tmp_path / "queries" / "contoso").mkdir(parents=True)
    (tmp_path / "queries" / "contoso" / "contoso-question.yaml").write_text("not read")
    assert offered("query", "run", "--library", str(tmp_path), "contoso-q") == ["contoso-question"]


@pytest.mark.packs
def test_subscriptions_come_from_the_graph(database, neo4j_connection, monkeypatch) -> None:
    monkeypatch.setenv("NEO4J_URI", neo4j_connection.uri)
    monkeypatch.setenv("NEO4J_USER", neo4j_connection.user)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_connection.password)
    database.write(
        lambda transaction: transaction.run(
            "CREATE (:Entity:azure_subscription {_key: 'a', displayName: 'Contoso Production'})"
        )
    )
    assert offered("sync", "--subscription", "Cont") == ["Contoso Production"]


@pytest.mark.parametrize("uri", ["bolt://127.0.0.1:1", "nonsense", None])
def test_a_database_that_does_not_answer_offers_nothing(uri, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("AZGRAPH_HOME", str(tmp_path))
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong")
    if uri is None:
        monkeypatch.delenv("NEO4J_URI", raising=False)
    else:
        monkeypatch.setenv("NEO4J_URI", uri)
    assert offered("sync", "--subscription", "C") == []


def test_completing_imports_no_sdk() -> None:
    program = (
        "import sys; sys.argv = ['azgraph']\n"
        "from loader.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([one for one in sys.modules if one.split('.')[0] in ('azure', 'msgraph', 'neo4j')])"
    )
    words = {
        "_AZGRAPH_COMPLETE": "complete_bash",
        "COMP_WORDS": "azgraph query run who-can-access-r",
        "COMP_CWORD": "3",
    }
    told = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **words}, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines() == ["who-can-access-resource", "[]"]


def test_the_shells_are_offered_it() -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout


def test_instances_are_offered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "azgraph.yaml"
    monkeypatch.setenv("AZGRAPH_CONFIG", str(path))
    path.write_text("instances: [{name: contoso, tenant: a.com}, {name: fabrikam, tenant: b.com}]\n")
    assert offered("sync", "--instance", "con") == ["contoso"]
    assert offered("watch", "--instance", "") == ["contoso", "fabrikam"]
    path.write_text("instances: 3\n")
    assert offered("sync", "--instance", "") == []
