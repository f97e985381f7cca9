"""`--library` as its page shows it: what the page has is pasted into a shell, over a real Neo4j."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from loader import config
from loader.cli.main import app
from loader.errors import ExitCode, UsageError
from loader.graph import Database
from loader.library.example_format import CheckExample, ExampleGraph, ExampleNode
from loader.library.examples import place_example
from tests.e2e.support import ROOT, Ended, clean_environment

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]
PAGE = ROOT / "docs" / "own-library.md"
MAKE, TEST, ASK = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
CIS = "cis-azure-foundations-6.0.0"
Command = Callable[..., Ended]


@pytest.fixture
def azgraph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs a command in this process, in the folder `tmp_path`, without the user's own configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AZGRAPH_HOME", str(tmp_path))
    for name in ("AZGRAPH_CONFIG", "AZGRAPH_LIBRARY"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, **variables: str) -> Ended:
        config.settings.cache_clear()
        told = CliRunner().invoke(app, arguments, env=variables)
        if told.exception and not isinstance(told.exception, SystemExit):
            raise told.exception
        return Ended(told.exit_code, told.stdout, told.stderr)

    yield run
    config.settings.cache_clear()


@pytest.fixture
def pasted(azgraph: Command, tmp_path: Path) -> Path:
    """The folder that the page makes."""
    subprocess.run(["bash", "-e", "-c", MAKE], cwd=tmp_path, check=True)
    return tmp_path / "contoso"


@pytest.fixture
def graph(database: Database, neo4j_connection: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two machines and a storage account, as a sync would have left them; commands find them. Keys by alias."""
    for name, value in zip(("URI", "USER", "PASSWORD"), neo4j_connection, strict=True):
        monkeypatch.setenv(f"NEO4J_{name}", value)
    nodes = {
        "owned": ExampleNode(type="azure_vm", properties={"tag.owner": "ada"}),
        "orphan": ExampleNode(type="azure_vm"),
        "plain": ExampleNode(type="azure_storage_account", properties={"enableHttpsTrafficOnly": False}),
    }
    example = CheckExample.model_validate({"name": "one", "graph": ExampleGraph(nodes=nodes), "pass": ["owned"]})
    keys = place_example(database, example, ["azure_vm", "azure_storage_account", "azure_security_group"])
    ended = "CREATE (:SyncRun {id: 'run-1', seq: 1, status: 'complete', startedAt: $now, finishedAt: $now})"
    database.write(lambda transaction: transaction.run(ended, now=datetime.now(UTC)))
    return keys


def by_id(listed: list[dict[str, Any]], key: str = "id") -> dict[str, dict[str, Any]]:
    return {one[key]: one for one in listed}


def test_the_page_works_when_pasted(pasted: Path, graph: dict[str, str], neo4j_connection: Any) -> None:
    uri, user, password = neo4j_connection
    environment = clean_environment(
        NEO4J_URI=uri, NEO4J_USER=user, NEO4J_PASSWORD=password, PYTHONPATH=str(ROOT), AZGRAPH_LIBRARY=""
    )
    command = f'azgraph() {{ {shlex.quote(sys.executable)} -m loader.cli "$@"; }}'
    told = subprocess.run(
        ["bash", "-e", "-c", f"{command}\n{ASK}"], cwd=pasted.parent, env=environment, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    assert "Which virtual machines have no owner tag?" in told.stdout
    assert "Machines have an owner" in told.stdout
    assert re.search(r"machine-without-owner .* ok", told.stdout)
    assert "Of rule network-admin-ports-open, title is " in told.stderr


def test_a_pack_of_the_users_says_what_is_overridden(azgraph: Command, pasted: Path, graph: dict[str, str]) -> None:
    ask = ("check", "contoso-baseline", "--library", "contoso")
    controls = by_id(azgraph(*ask, "--format", "json").json["controls"])
    assert [one["key"] for one in controls["1.1"]["resources"] if one["verdict"] == "fail"] == [graph["orphan"]]
    assert controls["1.1"]["overridden"] == []
    (change,) = controls["1.2"]["overridden"]
    assert (change["shipped"], change["own"]) == ({"severity": "high"}, {"severity": "critical"})
    assert change["by"] == "contoso/overrides.yaml:2"
    assert controls["1.2"]["severity"] == "critical"
    assert controls["1.2"]["reason"].endswith(change["sentence"])
    for form in ("table", "csv", "markdown", "html", "sarif", "junit", "ocsf"):
        told = " ".join(azgraph(*ask, "--format", form).out.split())
        assert "severity is critical (shipped: high), by contoso/overrides.yaml:2" in told, form
    assert azgraph(*ask, "--format", "csv", "--fail-on", "critical").code == 1


def test_a_shipped_pack_has_the_users_parameters(
    azgraph: Command, pasted: Path, graph: dict[str, str], database: Database
) -> None:
    controls = by_id(azgraph("check", CIS, "--format", "json", AZGRAPH_LIBRARY="contoso").json["controls"])
    assert {name for name, control in controls.items() if control["overridden"]} == {"9.3.4", "9.3.1.2"}
    assert controls["9.3.4"]["severity"] == "critical"
    assert controls["9.3.1.2"]["overridden"][0]["shipped"] == {"parameters.key_age": "90d"}
    # The user's own parameters ask something else, so their totals are no point of the shipped pack's trend.
    (kept,) = database.read("MATCH (r:PackResult) RETURN r.pack AS pack")
    assert kept["pack"].startswith(f"{CIS}|")


def test_rules_of_the_library_open_alerts_and_say_what_is_overridden(
    azgraph: Command, pasted: Path, graph: dict[str, str]
) -> None:
    evaluated = azgraph("alerts", "evaluate", "--library", "contoso", "--format", "json").json["rules"]
    rules = by_id(evaluated, "rule")
    assert rules["machine-without-owner"]["opened"] == 1
    assert rules["machine-without-owner"]["overridden"] == []
    ports = rules["network-admin-ports-open"]
    assert ports["title"] == "The Internet reaches a port for administrators"
    assert ports["overridden"][0]["own"]["parameters.ports"] == ["22", "3389", "5986"]


def test_an_alert_is_shown_with_what_is_overridden_of_its_rule(
    azgraph: Command, tmp_path: Path, graph: dict[str, str]
) -> None:
    folder = write(tmp_path / "contoso", "rules:\n  storage-http: {severity: critical}\n")
    rule = RULE.replace("the-id", "storage-http")
    (tmp_path / "own" / "alertrules").mkdir(parents=True)
    (tmp_path / "own" / "alertrules" / "storage-http.yaml").write_text(rule)
    both = ("--library", "own", "--library", folder.name)
    azgraph("alerts", "evaluate", "--rule", "storage-http", *both)
    (alert,) = azgraph("alerts", "list", "--format", "json").json
    assert (alert["entityKey"], alert["severity"]) == (graph["plain"], "critical")
    (change,) = azgraph("alerts", "show", alert["id"], *both, "--format", "json").json["overridden"]
    assert (change["by"], change["shipped"]) == ("contoso/overrides.yaml:2", {"severity": "low"})
    assert "severity is critical (shipped: low)" in " ".join(azgraph("alerts", "show", alert["id"], *both).out.split())
    assert azgraph("alerts", "show", alert["id"], "--library", "own", "--format", "json").json["overridden"] == []


RULE = """\
id: the-id
title: A storage account accepts plain HTTP
severity: low
kind: state
description: What is sent can be read on the way.
remediation: Require secure transfer.
needs: [azure_storage_account]
identity: [entity]
cypher: |
  MATCH (a:azure_storage_account {enableHttpsTrafficOnly: false}) RETURN a._key AS entity, a.name AS name
examples:
  - name: one
    graph:
      nodes:
        plain: {type: azure_storage_account, properties: {enableHttpsTrafficOnly: false}}
        safe: {type: azure_storage_account, properties: {enableHttpsTrafficOnly: true}}
    opens: [plain]
    not: [safe]
"""


@pytest.mark.slow
def test_the_examples_of_the_page_hold(azgraph: Command, pasted: Path, quick_starts: None) -> None:
    """On a Neo4j of their own: the one that the environment names is not there, and is not asked."""
    _, *arguments = shlex.split(TEST)
    told = azgraph(*arguments, NEO4J_URI="bolt://127.0.0.1:1")
    assert told.code == 0, told.err
    assert told.err.splitlines()[-1] == "3 of 3 examples hold."

    check = pasted / "queries" / "checks" / "contoso" / "machine-owner.yaml"
    check.write_text(check.read_text().replace("properties: {tag.owner: ada}", "properties: {tag.owner: ''}"))
    check.write_text(check.read_text().replace("IS NOT NULL AS passed", "<> '' AS passed"))
    told = azgraph(*arguments, "machine-owner", "--format", "json", NEO4J_URI="bolt://127.0.0.1:1")
    assert told.code == ExitCode.FINDINGS
    (row,) = told.json
    assert (row["id"], row["result"], row["file"]) == (
        check.stem,
        "fails",
        f"{Path('contoso') / check.relative_to(pasted)}",
    )
    assert row["faults"][0].startswith("owned must be pass and is fail: ")
    assert not (pasted.parent / "throwaway" / "neo4j").exists()


def test_a_test_of_no_library_says_what_to_name(azgraph: Command) -> None:
    with pytest.raises(UsageError, match="--library DIR"):
        azgraph("library", "test")


def write(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "overrides.yaml").write_text(text)
    return folder


def test_an_overridden_query_says_so_wherever_it_is_shown(azgraph: Command, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "contoso",
        "queries:\n  public-ip-addresses:\n    title: 'Which addresses\n      are free?'\n"
        "    parameters: {unattached: true}\n",
    )
    shipped = azgraph("query", "show", "public-ip-addresses").out
    told = azgraph("query", "show", "public-ip-addresses", "--library", str(folder)).out
    note, rest = told.split("\n", 1)
    assert rest == shipped
    assert note.startswith('# Of query public-ip-addresses, title is "Which addresses are free?" (shipped: "Which ')
    assert note.endswith(f"parameter unattached is true (shipped: false), by {folder}/overrides.yaml:2.")

    described = azgraph("query", "show", "public-ip-addresses", "--library", str(folder), "--format", "json").json
    assert described["title"] == "Which addresses are free?"
    assert described["parameters"]["unattached"]["default"] is True
    assert described["overridden"][0]["shipped"]["parameters.unattached"] is False
    assert Path(described["file"]).name == "public-ip-addresses.yaml"
    assert azgraph("query", "show", "public-ip-addresses", "--format", "json").json["overridden"] == []

    listed = azgraph("query", "list", "--format", "json", AZGRAPH_LIBRARY=str(folder)).json
    assert [one["id"] for one in listed if one["overridden"]] == ["public-ip-addresses"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--list"],
        ["query", "list"],
        ["query", "show", "public-ip-addresses"],
        ["query", "run", "public-ip-addresses"],
        ["alerts", "evaluate"],
        ["alerts", "show", "1"],
    ],
)
def test_every_command_that_reads_the_library_refuses_a_wrong_one(
    azgraph: Command, tmp_path: Path, arguments: list[str]
) -> None:
    group = "rules" if arguments[0] == "alerts" else "checks"
    folder = write(tmp_path / "contoso", f"{group}:\n  storage-secure-transfer: {{severity: enormous}}\n")
    wrong = re.escape(f"{folder}/overrides.yaml:2: {group}.storage-secure-transfer.severity")
    with pytest.raises(UsageError, match=wrong):
        azgraph(*arguments, "--library", str(folder))
    with pytest.raises(UsageError, match=wrong):
        azgraph(*arguments, AZGRAPH_LIBRARY=str(folder))


def test_the_option_wins_over_the_configuration(azgraph: Command, tmp_path: Path) -> None:
    write(tmp_path / "good", "checks:\n  storage-secure-transfer: {severity: low}\n")
    (tmp_path / "config.yaml").write_text("library: nowhere\n")
    with pytest.raises(UsageError, match="The library folder nowhere does not exist"):
        azgraph("query", "list")
    assert azgraph("query", "list", "--library", "good").code == 0
    assert azgraph("query", "list", AZGRAPH_LIBRARY="good").code == 0
    assert azgraph("query", "list", AZGRAPH_LIBRARY="").code == 0


def test_rules_instead_of_the_librarys_do_not_join_them(azgraph: Command, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="either --rules"):
        azgraph("alerts", "evaluate", "--rules", str(tmp_path), "--library", str(tmp_path))
