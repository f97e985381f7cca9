"""Whatever users of Azure write goes through the whole chain as data: into the graph, and out of every report."""

from __future__ import annotations

import csv
import io
import json

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from loader.model import Json
from tests.e2e.support import PRODUCTION, Azgraph, changed, dump, load

pytestmark = pytest.mark.slow

SCRIPT = "<script>alert('x')</script>"
NASTY = [
    "it's",
    'say "hi"',
    "`) DETACH DELETE n //",
    "}) MATCH (x) DETACH DELETE x WITH 1 AS y //",
    "$rows {row._key}",
    "a\0b",
    "[red]not red[/red]",
    "=1+1",
    "Ünïcödé 🤖 \u202e",
    SCRIPT,
]
STORAGE = f"/subscriptions/{PRODUCTION}/providers/microsoft.storage/storageaccounts"
GROUP = f"/subscriptions/{PRODUCTION}/resourceGroups/rg-data"


def _account(body: Json, number: int, text: str) -> Json:
    """A copy of a badly kept account, so that checks fail on it, with a hostile name and tags."""
    bad = next(one for one in body["value"] if one["name"] == "stcontosolegacy")
    tags = {text: text, "a.b": "dots", "`x`": "ticks", "": "no name"}
    return {
        **bad,
        "id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{text}-{number}",
        "name": text,
        "tags": tags,
    }


def _add_nasty(body: Json) -> None:
    body["value"] += [_account(body, number, text) for number, text in enumerate(NASTY)]
    big = {"name": "x" * 100_000, "tags": {f"tag.{number:05}.`$": str(number) for number in range(10_000)}}
    body["value"].append({**_account(body, 99, "big"), **big})


def _name_user(body: Json) -> None:
    body["value"][0]["displayName"] = SCRIPT


@pytest.fixture
def hostile(contoso: list[Exchange]) -> list[Exchange]:
    # Details of the invented accounts are not answered, so what they would tell is unknown and not guessed.
    return changed(changed(contoso, STORAGE, _add_nasty), "/v1.0/users", _name_user)


def test_hostile_text_is_data_to_the_end(azgraph: Azgraph, database: Database, hostile: list[Exchange]) -> None:
    load(database, hostile)
    stored = {
        row["name"]: row["n"]
        for row in database.read("MATCH (n:azure_storage_account) RETURN n.name AS name, properties(n) AS n")
    }
    for text in NASTY:
        assert stored[text]["tag.a.b"] == "dots", repr(text)
        assert stored[text]["tag.`x`"] == "ticks"
        assert stored[text]["tag." + text.replace("\0", "\\u0000")] == text
    assert sum(name.startswith("tag.") for name in stored["x" * 100_000]) >= 10_000
    stamped = dump(database, stamps=True)
    load(database, hostile)
    assert dump(database, stamps=True) == stamped

    page = azgraph.here("check", "cis-azure-foundations-6.0.0", "--format", "html")
    assert page.code == 0, page.err
    assert SCRIPT not in page.out
    assert "&lt;script&gt;alert(" in page.out
    listed = azgraph.here("check", "cis-azure-foundations-6.0.0", "--format", "json").json
    names = {one["name"] for control in listed["controls"] for one in control["resources"]}
    assert set(NASTY) <= names
    table = azgraph.here("check", "cis-azure-foundations-6.0.0")
    assert table.code == 0, table.err
    rows = list(csv.reader(io.StringIO(azgraph.here("check", "cis-azure-foundations-6.0.0", "--format", "csv").out)))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith("=")], "a spreadsheet would calculate"


def test_ids_in_any_casing_are_one_thing(database: Database, contoso: list[Exchange]) -> None:
    """Services disagree on the casing of one and the same id; neither entities nor relationships double."""
    load(database, contoso)
    graph = dump(database)

    def shout(exchange: Exchange) -> Exchange:
        body = json.loads(exchange.body)
        for item in body.get("value", []):
            if str(item.get("id", "")).startswith("/subscriptions/"):
                item["id"] = item["id"].replace("/resourceGroups/", "/RESOURCEGROUPS/").replace("/rg-", "/RG-")
        return Exchange.of_json(exchange.url, body, status=exchange.status)

    load(database, [shout(one) for one in contoso])
    shouted = dump(database)
    assert shouted.nodes.keys() == graph.nodes.keys()
    assert [edge[:3] for edge in shouted.edges] == [edge[:3] for edge in graph.edges]
    load(database, contoso)
    assert dump(database) == graph
