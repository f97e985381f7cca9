"""Values written into Cypher come out of Neo4j as they went in, whatever stands in them."""

import pytest
from neo4j.time import Duration

from loader.browser.links import Browser
from loader.browser.literals import fill_in, literal
from tests.browser.reading import text_in_editor

HOSTILE = [
    "plain",
    "",
    "it's",
    'a "quoted" name',
    "'}) DETACH DELETE n //",
    "back\\slash",
    "\\",
    "\\'",
    "\\u0027 OR true //",
    "\\\\u0027 OR true //",
    "\\U0027",
    "\\uuuu0027",
    "line\nfeed\r\n\ttab",
    "// not a comment",
    "/* nor this",
    "semi; colon; :param x => 1",
    "a&b#c&arg=MATCH (n) DETACH DELETE n",
    "?cmd=play&arg=http://attacker.example",
    "50 % + 50 %25",
    "$param and `quoted`",
    "Zürich 東京 🔑 \u2028 \x00 \x1b[31m \x85",
    "{braces} <script>alert(1)</script>",
]


@pytest.mark.packs
@pytest.mark.parametrize("value", HOSTILE)
def test_texts_come_back_as_they_went_in(database, value):
    assert database.read(f"RETURN {literal(value)} AS value") == [{"value": value}]


@pytest.mark.packs
@pytest.mark.parametrize("value", HOSTILE)
def test_texts_come_back_through_a_link(database, value):
    cypher = text_in_editor(Browser("http://127.0.0.1:7474/browser/").text(f"RETURN {literal(value)} AS value"))
    assert database.read(cypher) == [{"value": value}]


@pytest.mark.packs
@pytest.mark.parametrize("value", [True, False, 0, 42, -7, [], HOSTILE, Duration(days=90), Duration(hours=12)])
def test_other_values_come_back_too(database, value):
    assert database.read(f"RETURN {literal(value)} = $value AS same", {"value": value}) == [{"same": True}]


@pytest.mark.packs
def test_what_is_filled_in_stays_one_operand(database):
    cypher = fill_in(
        "RETURN 3-$less AS number, $text STARTS WITH $start AS begins, {a: $text}.a AS held",
        {
            "less": -1,
            "text": "a\\users",
            "start": "a\\u",
        },
    )
    assert database.read(cypher) == [{"number": 4, "begins": True, "held": "a\\users"}]


def test_only_parameters_are_filled_in():
    cypher = "// $days\nRETURN '$days', \"$days\", `$days`, /* $days */ $days, $days2, $other"
    assert fill_in(cypher, {"days": 3, "days2": 4}) == (
        "// $days\nRETURN '$days', \"$days\", `$days`, /* $days */ 3, 4, $other"
    )
