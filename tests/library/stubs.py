"""Stubs for the tests: nodes that are known only because another entity points at them, put in the way of a text.

Generated from the library itself: two stubs of each type that a text names (one with nothing but a key, one that has a
type and no name), standing also at the far ends of every relationship that the model declares for a node of an example.
"""

from __future__ import annotations

from collections.abc import Iterable

from loader import services
from loader.graph.database import Database, Transaction
from loader.library.cypher import entity_types_in
from loader.model import ANY_PRINCIPAL, ANY_RESOURCE, ANY_SCOPE, Relationship

# What stands for the ends that may be of any type.
ANY = {ANY_SCOPE: "azure_resource_group", ANY_RESOURCE: "azure_vm", ANY_PRINCIPAL: "azure_user"}


def place_stubs(world: Database, texts: Iterable[str], needs: Iterable[str]) -> None:
    """Stubs of the types that the texts name, and at the far ends of what the example's own nodes have and may have."""
    types = services.entity_types()
    present = world.read("MATCH (n:Entity) WHERE n._stub IS NULL RETURN n._key AS key, n._type AS type")
    related = world.read(
        "MATCH (a:Entity)-[r]->(b:Entity) WHERE a._stub IS NULL AND b._stub IS NULL "
        "RETURN a._key AS a, type(r) AS verb, b._key AS b, properties(r) AS own, a._type AS aType, b._type AS bType"
    )
    edges = [
        (other, one.verb, row["key"], {}) if one.is_incoming else (row["key"], one.verb, other, {})
        for row in present
        for one in (types[row["type"]].relationships if row["type"] in types else ())
        if one.make is None  # those have properties, as the example's own have
        for other in others(one)
    ]
    # Beside each relationship of the example the same one to and from a stub.
    edges += [(row["a"], row["verb"], row["bType"], row["own"]) for row in related]
    edges += [(row["aType"], row["verb"], row["b"], row["own"]) for row in related]
    named = {name for text in texts for name in entity_types_in(text)} | {need.partition(".")[0] for need in needs}
    keys = {row["key"] for row in present}
    wanted = sorted({*named, *(end for start, _, far, _ in edges for end in (start, far) if end not in keys)})
    stubs = [
        {"labels": labels_of(name), "properties": {"_key": f"stub|{name}|{kind}", "_stub": True} | more}
        for name in wanted
        for kind, more in (("bare", {}), ("typed", {"_type": name}))
    ]
    rows = [
        [start if start in keys else f"stub|{start}|{kind}", verb, far if far in keys else f"stub|{far}|{kind}", own]
        for start, verb, far, own in edges
        for kind in ("bare", "typed")
    ]

    def work(transaction: Transaction) -> None:
        transaction.run("UNWIND $stubs AS stub CREATE (n:$(stub.labels)) SET n = stub.properties", stubs=stubs)
        transaction.run(
            "UNWIND $rows AS row MATCH (a:Entity {_key: row[0]}), (b:Entity {_key: row[2]}) "
            "CREATE (a)-[r:$(row[1])]->(b) SET r = row[3]",
            rows=rows,
        )

    world.write(work)


def labels_of(name: str) -> list[str]:
    declared = services.entity_types().get(name)
    return list(declared.labels) if declared else ["Entity", name]


def others(one: Relationship) -> list[str]:
    named = (one.other,) if isinstance(one.other, str) else one.other
    return [ANY.get(other, other) for other in named]


def is_stub(value: object) -> bool:
    """Whether a value of a row is the key of one."""
    return isinstance(value, str) and value.startswith("stub|")
