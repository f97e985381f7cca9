"""`azgraph alerts` as people and scripts use it, over one small graph."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from loader import config
from loader.cli.alerts import app
from loader.errors import UsageError

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]

RULE = "key-vault-purge-protection-off"


@pytest.fixture
def run(neo4j_connection, monkeypatch):
    """Runs `azgraph alerts …` against the test database; gives exit code, stdout and stderr."""
    uri, user, password = neo4j_connection
    for name, value in (("URI", uri), ("USER", user), ("PASSWORD", password)):
        monkeypatch.setenv(f"NEO4J_{name}", value)
    config.settings.cache_clear()

    def command(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    yield command
    config.settings.cache_clear()


def test_the_commands_in_their_order(run, world):
    hostile = "shop`'\"}) DETACH DELETE (n) //\n\x1b[31m[red]"
    world.vault("shop", **{"tag.owner": "ada"})
    world.write("MATCH (v:azure_keyvault_service) SET v.name = $name", name=hostile)
    world.run()

    code, out, _ = run("try", RULE, "--format", "json")
    (found,) = json.loads(out)["findings"]
    assert (code, found["owner"], found["alert"]) == (0, "ada", "none yet")
    assert "\x1b" not in run("try", RULE)[1]
    assert json.loads(run("list", "--format", "json")[1]) == []

    assert "There is no alert yet" in run("list")[2]

    code, out, _ = run("evaluate", "--rule", RULE, "--check", "keyvault-purge-protection", "--format", "json")
    assert code == 0
    assert [one["opened"] for one in json.loads(out)["rules"]] == [1, 1]
    listed = json.loads(run("list", "--format", "json", "--owner", "ADA", "--rule", RULE)[1])
    assert len(json.loads(run("list", "--format", "json")[1])) == 2
    name = listed[0]["id"]

    for command in ("show", "explain"):
        code, out, _ = run(command, name)
        assert code == 0
        assert "\x1b" not in out
    explained = json.loads(run("explain", name, "--format", "json")[1])
    assert (explained["rows"], explained["state"]) == (1, "open")
    assert "MATCH (v:azure_keyvault_service)" in explained["query"]
    why = json.loads(run("explain", RULE, "--entity", "nothing", "--format", "json")[1])["why"]
    assert why == ["The graph has no entity 'nothing'."]

    run("mute", name, "--note", "known")
    assert json.loads(run("list", "--format", "json", "--state", "muted")[1])[0]["id"] == name
    assert json.loads(run("unmute", name, "--format", "json")[1])["state"] == "open"
    told = json.loads(run("stats", "--format", "json")[1])
    assert told["byOwner"] == [{"owner": "ada", "there": 2, "new": 0, "resolved": 0, "hoursToResolve": None}]
    assert run("stats")[0] == 0
    assert run("list", "--owner", "bob")[2] == "No alert fits. There are: 2 open.\n"
    with pytest.raises(UsageError, match="no rule 'nothing-such'"):
        run("list", "--rule", "nothing-such")
    assert "(1 finding altogether)" in run("explain", name)[1]
    assert "… and" not in run("list", "--limit", "1")[1], "that belongs to stderr"


def test_rules_and_packs_are_listed(run):
    listed = json.loads(run("rules", "--format", "json")[1])
    usual = {one["rule"] for one in listed if one["usual"]}
    assert {"network-admin-ports-open"} <= usual < {one["rule"] for one in listed}
    of_pack = json.loads(run("rules", "--pack", "azure-findings", "--format", "json")[1])
    assert {tuple(one["packs"]) for one in of_pack} == {("azure-findings",)}
    assert "azure-findings" in run("rules", "--pack", "azure-findings")[1]
    assert "net-bastion-shareable-link" in run("rules", "--pack", "network")[1], "an id that can be copied"
    with pytest.raises(UsageError, match="no pack of rules 'none'"):
        run("rules", "--pack", "none")
