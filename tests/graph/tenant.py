"""A small invented tenant of Contoso as records, a way to load it, and a way to compare two graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from loader.graph import Database, Run, RunSummary
from loader.model import Arm, EntityType, Link, Outcome, Record, Target, outgoing, quiet, whole

AREA = "11111111-1111-1111-1111-111111111111"
ROOT = f"/subscriptions/{AREA}"
WHOLE = Outcome()
_CALL = Arm(client="a", operation="b", permission="c")

TYPES: Mapping[str, EntityType] = {
    one.type: one
    for one in (
        EntityType(type="azure_resource_group", resource="Resource Group", classes=("Group",), fetch=_CALL),
        EntityType(
            type="azure_vm",
            resource="Virtual Machine",
            classes=("Host",),
            fetch=_CALL,
            properties=(quiet(whole("timesStarted", "times", "how often it was started")),),
            relationships=(outgoing("USES", "ANY_SCOPE", "x"),),
        ),
        EntityType(type="azure_nic", resource="Network Interface", classes=("NetworkInterface",), fetch=_CALL),
        EntityType(type="azure_disk", resource="Disk", classes=("DataStore", "Disk"), fetch=_CALL),
        EntityType(type="azure_secret", resource="Secret", classes=("Secret",), fetch=_CALL),
    )
}


def group_key(number: int = 0) -> str:
    return f"{ROOT}/resourcegroups/shop-{number}"


def key(kind: str, number: int) -> str:
    return f"{group_key(number % 3)}/providers/contoso/{kind}/{kind}-{number}"


def entity(kind: str, number: int, *links: Link, **properties: Any) -> Record:
    """A record of `azure_<kind>`."""
    at = key(kind, number)
    common = {"id": at.replace("resourcegroups", "resourceGroups"), "name": f"{kind}-{number}"}
    return Record(at, f"azure_{kind}", {**common, "displayName": f"{kind}-{number}", **properties}, links)


def groups(count: int = 3) -> list[Record]:
    return [
        Record(
            group_key(n), "azure_resource_group", {"id": group_key(n), "name": f"shop-{n}", "displayName": f"Shop {n}"}
        )
        for n in range(count)
    ]


def vm(number: int, **properties: Any) -> Record:
    """A machine in its group, with a network interface and a disk."""
    return entity(
        "vm",
        number,
        Link("HAS", Target(group_key(number % 3), "azure_resource_group"), incoming=True),
        Link("USES", Target(key("nic", number), "azure_nic", {"id": key("nic", number)})),
        Link("USES", Target(key("disk", number), "azure_disk"), properties={"lun": number % 4}),
        **properties,
    )


def tenant(size: int) -> dict[str, list[Record]]:
    """`size` machines with what belongs to them; machines come first, so that most links point at what comes later."""
    return {
        "azure_vm": [vm(n, size="small") for n in range(size)],
        "azure_nic": [
            entity("nic", n, Link("PROTECTS", Target(f"{ROOT}/nsg/{n % 5}"), incoming=True)) for n in range(size)
        ],
        "azure_disk": [entity("disk", n, gigabytes=n) for n in range(size)],
        "azure_resource_group": groups(),
    }


def next_day(records: Mapping[str, list[Record]]) -> dict[str, list[Record]]:
    """The same tenant with a few machines changed, gone and new."""
    machines = records["azure_vm"]
    changed = [replace(one, properties={**one.properties, "size": "large"}) for one in machines[5:10]]
    return {**records, "azure_vm": machines[:5] + changed + machines[12:] + [vm(5000 + n) for n in range(4)]}


def load(
    database: Database,
    steps: Mapping[str, Iterable[Record]],
    *,
    area: str = AREA,
    outcome: Outcome = WHOLE,
    before_end: Callable[[Run], object] = lambda run: run.derive([]),
    **options: Any,
) -> RunSummary:
    """One run that loads plain lists of one area."""
    with Run.start(database, **{"loader_version": "1", "entity_types": TYPES, **options}) as run:
        for name, records in steps.items():
            writer = run.step(name, area)
            writer.write("", records)
            writer.finish({"": outcome})
        before_end(run)
        return run.finish("complete")


# What differs between two runs that come to the same graph.
_OWN = {"_firstSeenRun", "_changedRun", "_hash"}


def dump(database: Database) -> tuple[list[Any], list[Any]]:
    """All entities and relationships in an order and form of their own."""
    nodes = [
        (sorted(row["labels"]), sorted((k, str(v)) for k, v in row["properties"].items() if k not in _OWN))
        for row in database.read("MATCH (n:Entity) RETURN labels(n) AS labels, properties(n) AS properties")
    ]
    edges = [
        (row["start"], row["verb"], row["end"], sorted((k, str(v)) for k, v in row["properties"].items()))
        for row in database.read(
            "MATCH (a:Entity)-[r]->(b:Entity) "
            "RETURN a._key AS start, type(r) AS verb, b._key AS end, properties(r) AS properties"
        )
    ]
    return sorted(nodes), sorted(edges)


def changes(database: Database) -> list[tuple[Any, ...]]:
    """What changed, without when: (operation, key, path, before, after)."""
    rows = database.read(
        "MATCH (c:Change) RETURN c.op AS op, c.entityKey AS key, c.path AS path, c.before AS b, c.after AS a"
    )
    return sorted((r["op"], r["key"], r["path"], r["b"] or "", r["a"] or "") for r in rows)


def node(database: Database, at: str) -> dict[str, Any] | None:
    """The properties of one entity, None where it is not there."""
    rows = database.read("MATCH (n:Entity {_key: $key}) RETURN properties(n) AS p", {"key": at})
    return rows[0]["p"] if rows else None
