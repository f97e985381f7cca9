"""The first gate against writing queries, which must be fooled neither by texts nor by clever spellings."""

import pytest

from loader.library.cypher import entity_types_in, writing

pytestmark = pytest.mark.packs


@pytest.mark.parametrize(
    "cypher",
    [
        "CREATE (n)",
        "match (n) detach delete n",
        "MATCH (n) SET n.x = 1",
        "MATCH (n) WHERE n.x > 1. SET n.y = 2",
        "MATCH (n) REMOVE n.x",
        "MERGE (n)",
        "CALL { CREATE (n) }",
        "CALL apoc.cypher.doIt('x', {})",
        "CALL`db`.labels()",
        "MATCH (n) CALL (n) { RETURN 1 AS x } IN TRANSACTIONS RETURN n",
        "LOAD CSV FROM 'https://contoso.example' AS line RETURN line",
        "FOREACH (x IN [1] | CREATE (n))",
        "MATCH (n) /* harmless */ DELETE n",
        "RETURN 'a' // '\nCREATE (n)",
        "RETURN 1; CREATE (n)",
        "RETURN 'it\\'s' CREATE (n)",
        "MATCH (n) \\u0053ET n.x = 1 RETURN n",
        "RETURN '\\u0027 CREATE (n) //'",
        "DROP INDEX x",
        "USE other MATCH (n) RETURN n",
        "RETURN 'never closed",
        "INSERT (n)",
        "RETURN 1 AS a // x\rLOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
        "MATCH (n) CALL (n) { RETURN 1 AS x } IN 3 CONCURRENT TRANSACTIONS RETURN n",
        "OPTIONAL CALL db.labels() YIELD label RETURN label",
        "RETURN apoc.load.json('http://contoso.example') AS a",
        "RETURN `apoc` . load.`json` ('http://contoso.example') AS a",
        "MATCH (n) WHERE genai.vector.encode(n.name, 'x', {}) IS NULL RETURN n",
    ],
)
def test_what_may_write_is_refused(cypher):
    assert writing(cypher) is not None


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (n) WHERE n.name = 'CREATE (n)' RETURN n",
        'RETURN "DELETE" AS word',
        "MATCH (n:Set) RETURN n.set, n . delete, {create: 1} AS map",
        "MATCH (n) WHERE n.`SET` = $set RETURN n // MERGE",
        "MATCH (n) /* DELETE n */ RETURN n AS `create`",
        "CALL { MATCH (n) RETURN n } RETURN n",
        "MATCH (n) CALL (n) { RETURN 1 AS x } RETURN n.created, n.offset",
        "RETURN [1..3], 1.5e3, range(1, 2)",
        "RETURN date.truncate('day', datetime()), point.distance(null, null), DateTime.fromEpoch(1, 1)",
        "MATCH (n) WHERE n.name IN ['apoc.load.json('] RETURN n.name\tAS `a.b(`, 'Zoë – “ok” 😀' AS text",
    ],
)
def test_what_only_reads_is_allowed(cypher):
    assert writing(cypher) is None


@pytest.mark.parametrize(
    "odd",
    list("\r\x00\x08\x1b\x7f\xad\u200b\u200d\u202e\ufeff\ufffe\ufdd0\U0001fffe\ud800")
    + list("\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2003\u2028\u2029\u202f\u3000"),
)
def test_characters_that_cannot_be_seen_are_refused_wherever_they_stand(odd):
    for text in (f"MATCH (n)\n{odd}RETURN n", f"MATCH (n)\nRETURN 'a{odd}b'", f"MATCH (n)\n// a{odd}\nRETURN n"):
        what, line = writing(text)
        assert f"U+{ord(odd):04X}" in what
        assert line == 1


def test_the_line_of_the_fault_is_known():
    assert writing("MATCH (n)\n\n  SET n.x = 1") == ("SET", 2)


def test_entity_types_are_found_as_labels_only():
    text = (
        "MATCH (a:azure_vm|`azure_nic`) WHERE a._type = 'azure_text' // azure_comment\nRETURN a.azure_one, $azure_two"
    )
    assert entity_types_in(text) == {"azure_vm": 0, "azure_nic": 0}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("MATCH (person:person)-[:IS]->(user) RETURN user", ["person"]),
        ("MATCH (user)<-[:IS]-(:person) RETURN user", ["person"]),
        ("MATCH (person:azure_user) RETURN {person: person} AS person, person.person", ["azure_user"]),
    ],
)
def test_what_is_imported_is_named_as_the_label_of_a_node(text, named):
    assert [*entity_types_in(text)] == named
