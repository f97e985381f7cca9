"""`azgraph query` and `azgraph check` as scripts use them."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from loader import config
from loader.cli.check import check
from loader.cli.query import app as query_app
from loader.errors import UsageError
from loader.library import shipped_library
from loader.library.examples import place_example

pytestmark = pytest.mark.packs
PACK = "cis-azure-foundations-6.0.0"


@pytest.fixture
def run(neo4j_connection, monkeypatch):
    """Runs a command against the test database; gives exit code and stdout."""
    uri, user, password = neo4j_connection
    monkeypatch.setenv("NEO4J_URI", uri)
    monkeypatch.setenv("NEO4J_USER", user)
    monkeypatch.setenv("NEO4J_PASSWORD", password)
    config.settings.cache_clear()
    app = typer.Typer()
    app.add_typer(query_app, name="query")
    app.command("check")(check)

    def command(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout

    yield command
    config.settings.cache_clear()


def place(database, name: str) -> None:
    one = shipped_library().check(name)
    place_example(database, one.examples[0], [*one.resource, *one.needs])


def test_a_pack_as_json_has_all_its_controls(run, database):
    place(database, "network-ssh-from-internet")
    code, out = run("check", PACK, "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert len(document["controls"]) == 127
    ssh = next(one for one in document["controls"] if one["id"] == "7.2")
    assert ssh["verdict"] == "fail"
    assert sum(document["summary"].values()) == 127


def test_fail_on_ends_with_code_1_only_for_findings_as_bad(run, database):
    place(database, "keyvault-purge-protection")
    part = ("check", PACK, "--service", "keyvault", "--format", "csv", "--fail-on")
    assert run(*part, "critical")[0] == 0
    assert run(*part, "medium")[0] == 1


@pytest.mark.first_neo4j
def test_a_report_is_written_to_a_file(run, database, tmp_path):
    part = ("check", PACK, "--control", "9.3.4")
    for form in ("html", "table", "csv", "json"):
        everything = ["--all"] if form == "table" else []
        assert run(*part, *everything, "--format", form, "--output", str(tmp_path / form)) == (0, "")
        assert "Storage accounts accept encrypted connections only" in (tmp_path / form).read_text()
    with pytest.raises(UsageError, match="cannot be written"):
        run(*part, "--output", str(tmp_path / "nowhere" / "report"))


def test_packs_and_queries_are_listed_without_a_database(run):
    assert any(line.startswith(PACK) for line in run("check", "--list")[1].splitlines())
    code, out = run("query", "list", "--area", "network", "--format", "json")
    assert code == 0
    assert {one["area"] for one in json.loads(out)} == {"network"}
    assert "cypher: |" in run("query", "show", "public-ip-addresses")[1]


def test_packs_and_checks_are_listed_as_json(run):
    packs = {one["id"]: one for one in json.loads(run("check", "--list", "--format", "json")[1])}
    assert packs[PACK]["controls"] > 10
    checks = {one["id"]: one for one in json.loads(run("check", "--list-checks", "--format", "json")[1])}
    assert checks.keys() == shipped_library().checks.keys()
    one = checks["keyvault-purge-protection"]
    assert one["severity"] == shipped_library().check("keyvault-purge-protection").severity
    assert PACK in one["packs"]
    of_pack = json.loads(run("check", PACK, "--list-checks", "--format", "json")[1])
    assert 0 < len(of_pack) < len(checks)
    assert all(one["packs"] == [PACK] for one in of_pack)
    assert "keyvault-purge-protection" in run("check", "--list-checks")[1]
    with pytest.raises(UsageError, match="--format sarif is a report's"):
        run("check", "--list-checks", "--format", "sarif")


def test_a_query_is_run_in_every_format(run, database):
    one = shipped_library().query("public-ip-addresses")
    place_example(database, one.examples[0], one.needs)
    code, out = run("query", "run", one.id, "--param", "unattached=true", "--format", "json")
    assert code == 0
    assert [row["name"] for row in json.loads(out)] == ["pip-left"]
    assert "203.0.113.11" in run("query", "run", one.id)[1]
    assert run("query", "run", one.id, "--format", "csv")[1].startswith("key,name,address,")
    assert run("query", "run", one.id, "--format", "markdown")[1].startswith("| key | name |")
    chosen = ("query", "run", one.id, "--columns", "address,name")
    assert run(*chosen, "--format", "csv")[1].startswith("address,name\n")
    assert {tuple(row) for row in json.loads(run(*chosen, "--format", "json")[1])} == {("address", "name")}
    assert run(*chosen)[1].splitlines()[2].split() == ["address", "name"]
    with pytest.raises(UsageError, match=r"no column 'adress'\. Perhaps: address"):
        run("query", "run", one.id, "--columns", "adress")


def test_no_result_says_of_what_there_is_none(run, database):
    one = shipped_library().query("storage-public-containers")
    out = run("query", "run", one.id)[1]
    assert "The graph has none of what the question is about: " in out
    assert "azure_storage_account, azure_storage_container" in out
    place_example(database, shipped_library().query("public-ip-addresses").examples[0], [])
    out = run("query", "run", "network-contents", "--param", f"network={place_network(database)}")[1]
    assert "Nothing fits network=vnet. Looked among 3 entities." in " ".join(out.split())


def place_network(database):
    database.write(
        lambda transaction: transaction.run(
            "CREATE (:Entity:azure_vnet {_key: '/subscriptions/1/vnet', name: 'vnet', displayName: 'vnet'})"
        )
    )
    return "vnet"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("check",), "Which pack.* cis-azure-foundations-6.0.0, .*pci-dss"),
        (("check", "nothing"), "no pack"),
        (("query", "run", "nothing"), "no query"),
        (("query", "run", "public-ip-addresses", "--param", "unattached"), "name=value"),
        (("query", "run", "public-ip-addresses", "--param", "x=1"), "no parameter 'x'"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(run, database, arguments, reason):
    with pytest.raises(UsageError, match=reason):
        run(*arguments)
