"""`azgraph changes` and `azgraph alerts` as a script and a person meet them, against the real database."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from loader.cli.main import app

pytestmark = pytest.mark.packs

AREA = "11111111-1111-1111-1111-111111111111"
VAULT = f"/subscriptions/{AREA}/resourcegroups/shop/providers/microsoft.keyvault/vaults/shop"


@pytest.fixture
def azgraph(database, neo4j_connection, monkeypatch):
    """Runs the command on the test's database and gives its result; stderr is kept apart."""
    monkeypatch.setenv("NEO4J_URI", neo4j_connection.uri)
    monkeypatch.setenv("NEO4J_USER", neo4j_connection.user)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_connection.password)

    def run(*arguments, code=0, stderr=False):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == code, (result.output, result.exception)
        return result.stderr if stderr else result.stdout

    return run


@pytest.fixture
def graph(database):
    """Two runs: the first found a vault, the second that it lost its purge protection."""
    now = datetime.now(UTC)

    def write(query, **parameters):
        database.write(lambda transaction: transaction.run(query, **parameters))

    for seq, at in ((1, now - timedelta(days=2)), (2, now - timedelta(hours=1))):
        write(
            "CREATE (:SyncRun {id: 'run-' + toString($seq), seq: $seq, status: 'complete', finishedAt: $at})",
            seq=seq,
            at=at,
        )
        for number, path in enumerate(("enablePurgeProtection", "sku")):
            change = {
                "id": f"{seq}-{number}",
                "runSeq": seq,
                "at": at,
                "op": "updated" if number else "created",
                "entityKey": VAULT,
                "entityType": "azure_keyvault_service",
                "entityName": "shop | vault",
                "path": path,
                "before": "true",
                "after": "false",
            }
            write("CREATE (c:Change) SET c = $change", change=change)
    write(
        "CREATE (:SyncScope {id: $id, step: 'azure_keyvault_service', area: $area, status: 'complete'})",
        id=f"azure_keyvault_service|{AREA}",
        area=AREA,
    )
    write(
        "CREATE (v:Entity:azure_keyvault_service) SET v = $vault",
        vault={
            "_key": VAULT,
            "_type": "azure_keyvault_service",
            "_scope": f"azure_keyvault_service|{AREA}|",
            "name": "shop [red]vault",
            "enablePurgeProtection": False,
            "webLink": "https://portal.example/shop",
        },
    )
    return write


def runs_of(text):
    return [(row["run"], row["op"]) for row in json.loads(text)]


def test_changes_since_a_run_a_date_or_the_last(azgraph, graph):
    assert runs_of(azgraph("changes", "--format", "json")) == [(2, "created"), (2, "updated")]
    assert len(runs_of(azgraph("changes", "--since", "0", "--format", "json"))) == 4
    assert len(runs_of(azgraph("changes", "--since", "run-1", "--format", "json"))) == 2
    assert runs_of(azgraph("changes", "--since", "1", "--op", "updated", "--format", "json")) == [(2, "updated")]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert len(runs_of(azgraph("changes", "--since", yesterday, "--format", "json"))) == 2
    assert len(runs_of(azgraph("changes", "--since", "2020-01-01", "--format", "json"))) == 4
    assert runs_of(azgraph("changes", "--type", "azure_user", "--format", "json")) == []


def test_runs_that_could_not_read_everything_are_named(azgraph, graph):
    assert azgraph("changes", stderr=True) == ""
    for seq, status in ((3, "partial"), (4, "failed"), (5, "running")):
        graph("CREATE (:SyncRun {id: 'run-' + toString($seq), seq: $seq, status: $status})", seq=seq, status=status)
    assert "Of 1 run, 5 is not at its end" in azgraph("changes", stderr=True)
    told = azgraph("changes", "diff", "--from", "2", stderr=True)
    assert "Of 3 runs, 4 failed: what changed there may not be told yet. `azgraph runs show 4` says more." in told
    assert "3 could not read everything" in told
    assert "No run is in that span" in azgraph("changes", "--since", "5", stderr=True)


def test_changes_in_every_format(azgraph, graph):
    rows = list(csv.DictReader(io.StringIO(azgraph("changes", "--format", "csv"))))
    assert (rows[0]["name"], rows[0]["key"], rows[0]["before"]) == ("shop | vault", VAULT, "true")
    assert "shop \\| vault" in azgraph("changes", "--format", "markdown")
    table = azgraph("changes")
    assert "2 rows" in table
    assert max(map(len, table.splitlines())) <= 100


def test_changes_of_what_is_named(azgraph, graph):
    def paths(*arguments):
        return [row["path"] for row in json.loads(azgraph("changes", "--format", "json", *arguments))]

    both = ["enablePurgeProtection", "sku"]
    assert paths("--resource", "shop | vault") == both
    assert paths("--resource", "SHOP [red]vault") == both
    assert paths("--resource", f"/subscriptions/{AREA}") == both
    assert paths("--property", "SKU") == ["sku"]
    assert paths("--property", "enablePurge") == []
    graph("CREATE (s:Entity:azure_subscription {_key: $key, name: 'Shop'})", key=f"/subscriptions/{AREA}")
    assert paths("--subscription", "shop") == both
    graph("MATCH (r:SyncRun {seq: 1}) SET r.tenant = 't-1'")
    assert len(paths("--tenant", "t-1", "--since", "0")) == 2


def test_the_life_of_a_resource(azgraph, graph):
    life = json.loads(azgraph("changes", "show", "shop [red]vault", "--format", "json"))
    assert (life["key"], life["there"]) == (VAULT, True)
    assert [(event["run"], event["op"]) for event in life["events"]] == [
        (1, "updated"), (1, "created"), (2, "updated"), (2, "created"),
    ]  # fmt: skip
    assert "It is there" in azgraph("changes", "show", VAULT)
    page = azgraph("changes", "show", VAULT, "--format", "html")
    assert "default-src 'none'" in page
    assert "shop [red]vault" in page


def test_what_is_gone_tells_what_was_lost(azgraph, graph):
    graph("MATCH (v:azure_keyvault_service) DELETE v")
    of_it = {"entityKey": VAULT, "entityType": "azure_keyvault_service", "entityName": "<b>shop</b>"}
    gone = {"id": "g", "runSeq": 2, "at": datetime.now(UTC), "op": "deleted", "before": '{"sku": "premium"}', **of_it}
    graph("CREATE (c:Change) SET c = $gone", gone=gone)
    shown = azgraph("changes", "show", "<b>shop</b>")
    assert "It is gone" in shown
    assert "sku: premium" in shown
    assert "&lt;b&gt;shop" in azgraph("changes", "show", "<b>shop</b>", "--format", "html")
    assert "&lt;b>shop" in azgraph("changes", "show", "<b>shop</b>", "--format", "markdown")


def test_the_difference_between_two_moments(azgraph, graph):
    found = json.loads(azgraph("changes", "diff", "--from", "0", "--format", "json"))
    assert (found["after"], found["until"]) == (0, 2)
    assert [one["op"] for one in found["changes"]] == ["created"]
    assert json.loads(azgraph("changes", "diff", "--from", "2", "--format", "json"))["changes"] == []
    assert "Nothing is different" in azgraph("changes", "diff", "--from", "2")
    assert "| name |" in azgraph("changes", "diff", "--from", "1", "--format", "markdown")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--since", "yesterday"],
        ["--op", "exploded"],
        ["--resource", "shap"],
        ["--subscription", "x"],
        ["--tenant", "x"],
        ["show", "nobody"],
        ["diff", "--from", "2", "--to", "1"],
    ],
)
def test_wrong_usage_ends_with_code_2(azgraph, graph, arguments):
    from loader.errors import UsageError

    result = CliRunner().invoke(app, ["changes", *arguments])
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2


@pytest.mark.first_neo4j
def test_alerts_from_evaluation_to_the_end(azgraph, graph):
    told = json.loads(azgraph("alerts", "evaluate", "--rule", "key-vault-purge-protection-off", "--format", "json"))
    assert (told["seq"], told["summary"]["opened"], told["rules"][0]["status"]) == (2, 1, "ok")
    table = azgraph("alerts", "evaluate")
    assert "key-vault-purge-protection-off" in table
    assert max(map(len, table.splitlines())) <= 100
    (alert,) = json.loads(azgraph("alerts", "list", "--rule", "key-vault-purge-protection-off", "--format", "json"))
    assert (alert["state"], alert["webLink"]) == ("open", "https://portal.example/shop")
    assert alert["values"]["name"] == "shop [red]vault"
    shown = azgraph("alerts", "show", alert["id"][:8])
    for expected in (
        "shop [red]vault has no purge protection",
        "https://portal.example/shop",
        "run 2: opened",
        "Remediation",
    ):
        assert expected in shown
    assert "shop [red]vault" in azgraph("alerts", "list")
    assert "is acknowledged" in azgraph("alerts", "ack", alert["id"], "--note", "Ada looks")
    assert "is muted" in azgraph("alerts", "mute", alert["id"], "--note", "known")
    assert "is resolved" in azgraph("alerts", "resolve", alert["id"])
    assert alert["id"][:8] not in azgraph("alerts", "list")
    assert alert["id"][:8] in azgraph(
        "alerts", "list", "--state", "resolved", "--severity", "medium", "--format", "csv"
    )


def test_fail_on_counts_new_alerts(azgraph, graph):
    rule = ("--rule", "key-vault-purge-protection-off")
    graph("CREATE (:AlertRule {id: $id, lastEvaluatedSeq: 1, areas: [$area]})", id=rule[1], area=AREA)
    azgraph("alerts", "evaluate", *rule, "--fail-on", "medium", code=1)


def test_a_rule_that_fails_ends_with_code_3(azgraph, graph, tmp_path):
    text = """
id: broken
title: Broken
severity: low
kind: state
description: It fails.
remediation: Mend it.
needs: [azure_keyvault_service]
identity: [entity]
cypher: |
  MATCH (v:azure_keyvault_service) RETURN v._key / 0 AS entity
examples:
  - name: one
    graph: {nodes: {a: {type: azure_keyvault_service}, b: {type: azure_vnet}}}
    opens: [a]
    not: [b]
"""
    (tmp_path / "broken.yaml").write_text(text)
    azgraph("alerts", "evaluate", "--rules", str(tmp_path), code=3)


def test_who_made_changes(azgraph, graph):
    maker = {"actor": "ada@contoso.example", "actorName": "Ada <b>", "actorKey": "u-1", "client": "Azure Portal"}
    graph("MATCH (c:Change {id: '2-0'}) SET c += $maker", maker=maker)
    graph("MATCH (c:Change {id: '2-1'}) SET c.actorCandidates = ['Ada <b>', 'Bo']")

    def made_by(name):
        rows = json.loads(azgraph("changes", "--since", "0", "--actor", name, "--format", "json"))
        return {(row["path"], row["actor"], tuple(row["candidates"])) for row in rows}

    certain, perhaps = ("enablePurgeProtection", "Ada <b>", ()), ("sku", "", ("Ada <b>", "Bo"))
    assert made_by("ADA@contoso.example") == made_by("u-1") == {certain}
    assert made_by("ada <b>") == {certain, perhaps}
    assert made_by("Bo") == {perhaps}
    assert "one of Ada <b>, Bo" in " ".join(azgraph("changes", "show", VAULT).split())
    page = azgraph("changes", "diff", "--from", "0", "--format", "html")
    assert "<th>who</th>" in page.replace(' scope="col"', "")
    assert "Ada <b>" not in page
    assert "Bo" in azgraph("changes", "show", VAULT, "--format", "markdown")
    refused = CliRunner().invoke(app, ["changes", "--actor", "Bob"])
    assert "Perhaps: Bo" in str(refused.exception)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("changes --type azure_vmm", "`--type azure_vmm`: there is no entity type 'azure_vmm'. Perhaps: azure_vm"),
        ("changes diff --from 1 --type azure_vmm", "there is no entity type 'azure_vmm'. Perhaps: azure_vm"),
        ("alerts list --type azure_vmm", "there is no entity type 'azure_vmm'. Perhaps: azure_vm"),
        ("changes --since 99", "There is no run 99. `azgraph runs list` has those that there are."),
    ],
)
def test_what_there_is_not_is_no_empty_answer(azgraph, graph, command, told):
    ended = CliRunner().invoke(app, command.split())
    assert ended.stdout == ""
    assert told in str(ended.exception)


def test_a_type_of_former_times_is_still_one(azgraph, graph, database):
    database.write(lambda transaction: transaction.run("MATCH (c:Change {id: '2-0'}) SET c.entityType = 'azure_oven'"))
    assert len(json.loads(azgraph("changes", "--type", "azure_oven", "--format", "json"))) == 1
    assert json.loads(azgraph("changes", "--type", "azure_vm", "--format", "json")) == []
