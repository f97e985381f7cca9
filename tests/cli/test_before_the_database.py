"""What is wrong whatever the graph holds is told before the database is reached, and before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.support import Azgraph, clean_environment

CIS = "cis-azure-foundations-6.0.0"


@pytest.fixture
def azgraph(tmp_path: Path) -> Azgraph:
    """The command with a database that is not there: who reaches for it ends with code 4."""
    environment = clean_environment(
        NEO4J_URI="bolt://127.0.0.1:1", NEO4J_PASSWORD="x", AZGRAPH_HOME=str(tmp_path), COLUMNS="200"
    )
    environment.pop("AZGRAPH_CONFIG", None)
    return Azgraph(environment)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("changes --op modified", "There is no operation 'modified'; choose from created, "),
        ("changes --since yesterday", "'yesterday' is neither a run nor a date"),
        ("changes diff --from 1 --to now", "'now' is neither a run nor a date"),
        ("changes diff --from 1 --op modified", "There is no operation 'modified'"),
        ("query run public-ip-addresses --param a=1", "has no parameter 'a'"),
        ("query run public-ip-addresses --param unattached=maybe", "is not true or false"),
        (f"check {CIS} --param a=1", "has a parameter 'a' to set"),
        (f"check {CIS} --list-checks --format html", "--format html is a report's"),
        (f"check {CIS} --output {{home}}/none/report.html", "none does not exist. Make it first."),
        (f"check {CIS} --format csv --output {{home}}", "is a folder; name a file in it."),
        ("export bloodhound {home}/none/graph.json", "none does not exist. Make it first."),
        ("access who-can fly kv", "There is no capability 'fly'"),
        ("alerts explain nope-nope --entity x", "There is no rule 'nope-nope'"),
        ("alerts try zzz", "`azgraph alerts rules` lists them"),
        ("alerts evaluate --check zzz", "`azgraph check --list-checks` lists them"),
        ("alerts list --since yesterday", "'yesterday' is no time: write a date such as 2027-06-30"),
        ("alerts mute 1 --note x --until soon", "'soon' is no time: write a date such as 2027-06-30"),
        ("paths --to tier-0 --library {home}", "it is meant to be tier0.yaml"),
        ("paths blast-radius x --library {home}", "it is meant to be tier0.yaml"),
        ("browser guide --port 99999999", "less than or equal to 65535"),
        ("changes --neo4j-uri http://x", "--neo4j-uri: this is not an address of Neo4j such as neo4j+s://"),
        ("neo4j restore nofile", "There is no file nofile."),
        ("sync --only azure_vmm", "There is no entity type 'azure_vmm'. Perhaps: azure_vm"),
        ("sync --skip azure_vmm --plan", "There is no entity type 'azure_vmm'"),
        ("watch --listen 9464", "'9464', where /metrics shall be served, is not HOST:PORT"),
        ("watch --listen 127.0.0.1:99999", "is not HOST:PORT with a port up to 65535"),
    ],
)
def test_wrong_usage_is_told_first(azgraph: Azgraph, tmp_path: Path, command: str, told: str) -> None:
    (tmp_path / "tier0.yml").write_text("tags: [tier=0]\n")
    ended = azgraph.here(*command.format(home=tmp_path).split(), AZGRAPH_INTERVAL="1d")
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert told in " ".join(ended.err.replace("│", " ").split())


@pytest.mark.parametrize("uri", ["http://x", "https://x:7473", "bolt+routing://x", "localhost:7687", ""])
def test_an_address_that_the_driver_does_not_know_is_refused(azgraph: Azgraph, tmp_path: Path, uri: str) -> None:
    ended = azgraph.here("changes", NEO4J_URI=uri)
    assert (ended.code, ended.out) == (2, "")
    told = "this is not an address of Neo4j such as " if uri else "this must not be empty."
    assert ended.err.startswith(f"Error: NEO4J_URI: {told}")
    for text in (f'neo4j: {{uri: "{uri or " "}"}}', f'neo4j_uri: "{uri or " "}"'):
        (tmp_path / "azgraph.yaml").write_text(text)
        assert "azgraph.yaml:1: neo4j" in azgraph.here("config", "check").err


@pytest.mark.parametrize("scheme", ["bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc", "Bolt"])
def test_the_schemes_of_the_driver_are_taken(azgraph: Azgraph, scheme: str) -> None:
    uri = f"{scheme}://graph.example:7687"
    shown = azgraph.here("config", "show", "--neo4j-uri", uri, "--format", "json", NEO4J_URI=uri).json
    assert {"name": "neo4j.uri", "value": uri, "from": "flag"} in shown["values"]


def test_a_time_is_taken_as_utc() -> None:
    from datetime import datetime

    from loader.cli.common import moment

    for written in ("2027-06-30", "2027-06-30T00:00", "2027-06-30 00:00:00", "2027-06-30T02:00:00+02:00"):
        assert moment(written) == datetime(2027, 6, 30)  # noqa: DTZ001 - without a zone it is UTC


def test_a_missing_password_is_told_with_the_address_that_was_asked_for(tmp_path: Path) -> None:
    ended = Azgraph(clean_environment(AZGRAPH_HOME=str(tmp_path))).here("changes", "--neo4j-uri", "bolt://127.0.0.1:1")
    assert ended.code == 2
    assert "There is no password for bolt://127.0.0.1:1: set NEO4J_PASSWORD" in ended.err
