"""Every name, constraint and index that a graph of azgraph's may have, before the tests ask a server anything.

Neo4j warns of a text that asks for a name which the graph never had, and plans the text anew once a graph has it. Tests
begin with an empty graph: of what Neo4j did in those of `tests/truth` a quarter was such planning, by samples. And it
forgets all plans whenever a constraint or an index is made or taken away, by whichever test comes first to need it.
"""

from __future__ import annotations

from neo4j import Driver

from loader.alerts.store import ensure_schema as ensure_schema_of_alerts
from loader.conclusions import derivations, namings
from loader.graph import Database
from loader.library import shipped_library
from loader.library.cypher import tokens
from loader.notify.outbox import ensure_schema as ensure_schema_of_notices
from loader.services import entity_types

_MAKE = {
    "label": "UNWIND $names AS name CALL db.createLabel(name) RETURN count(*)",
    "verb": "UNWIND $names AS name CALL db.createRelationshipType(name) RETURN count(*)",
    "property": "UNWIND $names AS name CALL db.createProperty(name) RETURN count(*)",
}


def make_schema(database: Database) -> None:
    """All constraints and indexes; those of alerts come with the graph's own."""
    ensure_schema_of_alerts(database)
    ensure_schema_of_notices(database)


def make_known(driver: Driver) -> None:
    """Has the server know the names of the model, and every word of the texts that ask for them."""
    types = entity_types().values()
    words = {word for text in _texts() for word in _words(text)}
    links = [link.verb for one in types for link in one.relationships]
    names = {
        "label": {label for one in types for label in one.labels},
        "verb": {*links, *(verb for one in derivations() for _, verb, _ in one.relationships)},
        "property": {*words, *(kept.name for one in types for kept in one.properties)},
    }
    with driver.session() as session:
        for kind, made in names.items():
            session.run(_MAKE[kind], names=sorted(made)).consume()


def _texts() -> list[str]:
    library = shipped_library()
    asked = [one.cypher for one in (*library.queries.values(), *library.checks.values())]
    return [*asked, *(one.query for one in (*derivations(), *namings()))]


def _words(text: str) -> set[str]:
    return {one.text.strip("`") for one in tokens(text) if one.kind in ("word", "quoted")}
