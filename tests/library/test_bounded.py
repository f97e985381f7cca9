"""What Neo4j Browser is handed has an end, and people are told what was cut."""

from __future__ import annotations

import re

import pytest

from loader.browser.scripts import script
from loader.graph import Database
from loader.library.bounded import ROWS, bounded, cut_note
from loader.library.library import shipped_library

MOST = 1_000
GRAPHS = {one.id: one.graph for one in shipped_library().queries.values() if one.graph}
# A list that is made for one row: `[way = (a)-->(b) | way]`, `collect(path)`. A slice ends it.
COLLECTED = re.compile(r"\| \w+\](?!\[\.\.)|collect\([^()]*\)(?!\[\.\.)")


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_form_ends_itself_and_each_of_its_rows(name: str) -> None:
    text, most = bounded(GRAPHS[name])
    assert text == GRAPHS[name].strip(), "it needs a LIMIT of its own: `query show` is pasted as it stands"
    assert most <= MOST
    for row in re.findall(r"^RETURN .*|^\s*WITH .*collect.*", text, re.MULTILINE):
        assert not COLLECTED.search(row), f"one row may collect any number of ways: {row}"


def test_the_editor_says_where_a_graph_ends() -> None:
    text = script(shipped_library().query("resource-neighbours"), {"id": "x"})
    assert "// Draws at most 1000 ways." in text
    assert text.rstrip().endswith("LIMIT 1000")


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("MATCH (n) RETURN n", ROWS),
        ("MATCH (n) RETURN n\nlimit 7 // 9", 7),
        ("MATCH (n) WITH n LIMIT 3 RETURN n", ROWS),
        ("MATCH (n) RETURN n LIMIT $top", ROWS),
        ("MATCH (n) RETURN n // LIMIT 5", ROWS),
    ],
)
def test_a_graph_form_of_ones_own_gets_an_end(text: str, most: int) -> None:
    assert bounded(text)[1] == most


@pytest.mark.packs
def test_what_was_cut_is_told(database: Database) -> None:
    query = (
        shipped_library()
        .query("resource-neighbours")
        .model_copy(update={"graph": "MATCH path = (:Entity {_key: toLower($id)})--(:Entity) RETURN path LIMIT 3"})
    )
    database.write(
        lambda transaction: transaction.run(
            "CREATE (a:Entity {_key: 'a'}) WITH a UNWIND range(1, 4) AS n CREATE (a)-[:HAS]->(:Entity {_key: 'a' + n})"
        )
    )
    assert "shows 3 ways only" in (cut_note(database, query, {"id": "a"}) or "")
    assert cut_note(database, query, {"id": "a1"}) is None
