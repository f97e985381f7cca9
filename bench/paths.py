"""What paths cost: reading the hops, one path, choke points, over tenants of 50,000, 100,000 and 200,000 entities.

`python -m bench.paths` against a running server (NEO4J_URI, NEO4J_USER, NEO4J_PASSWORD), whose graph is deleted.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterator
from typing import Any

import psutil

from loader.graph import Database
from loader.paths import Ends, choke_points, declared, find_paths, read_network, tier0_nodes

SIZES = (50_000, 100_000, 200_000)
_BATCH = 20_000
_WIPE = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
_NODES = "UNWIND $rows AS row CREATE (n:Entity:$(row.t)) SET n._key = row.k, n._type = row.t, n.displayName = row.k"
_EDGES = (
    "UNWIND $rows AS row MATCH (a:Entity {_key: row.a}) MATCH (b:Entity {_key: row.b}) "
    "CREATE (a)-[r:$(row.v)]->(b) SET r = row.p"
)
_KINDS = ("azure_vm", "azure_web_app", "azure_keyvault_service", "azure_storage_account", "azure_nic",
          "azure_managed_disk", "azure_subnet", "azure_public_ip", "azure_sql_server",
          "azure_private_endpoint")  # fmt: skip


def build(database: Database, size: int) -> None:
    """A tenant: a fifth users, a fiftieth groups and identities, the rest resources; a tenth as many roles given."""
    choose = random.Random(size)
    nodes: list[tuple[str, str]] = [("azure_account", "tenant"), ("azure_management_group", "mg")]
    edges: list[tuple[str, str, str, dict[str, Any]]] = [("tenant", "HAS", "mg", {})]
    users = [f"u{one}" for one in range(size // 5)]
    groups = [f"g{one}" for one in range(size // 50)]
    subscriptions = [f"s{one}" for one in range(max(1, size // 2000))]
    resource_groups = [f"r{one}" for one in range(size // 50)]
    nodes += [("azure_user", one) for one in users] + [("azure_user_group", one) for one in groups]
    nodes += [("azure_subscription", one) for one in subscriptions]
    nodes += [("azure_resource_group", one) for one in resource_groups]
    edges += [("mg", "CONTAINS", one, {}) for one in subscriptions]
    edges += [(choose.choice(subscriptions), "HAS", one, {}) for one in resource_groups]
    edges += [(one, "MEMBER_OF", choose.choice(groups), {}) for one in users for _ in range(2)]
    edges += [(one, "MEMBER_OF", choose.choice(groups), {}) for one in groups[::3]]
    for number in range(size - len(nodes)):
        kind, key = _KINDS[number % len(_KINDS)], f"x{number}"
        nodes.append((kind, key))
        edges.append((choose.choice(resource_groups), "HAS", key, {}))
        if kind == "azure_vm" and number % 40 == 0:
            nodes.append(("azure_service_principal", f"i{number}"))
            edges.append((key, "ACTS_AS", f"i{number}", {}))
            edges.append(_can(f"i{number}", choose.choice(resource_groups), ["run-code"], "Contributor"))
    for number in range(size // 10):
        scope = choose.choice(resource_groups if number % 50 else subscriptions)
        capabilities = (
            ["give-roles", "run-code", "read-secrets"] if number % 25 == 0 else ["run-code", "list-keys-storage"]
        )
        edges.append(_can(choose.choice(groups if number % 2 else users), scope, capabilities, "A role", number))
    for rows in _batches([{"t": kind, "k": key} for kind, key in nodes]):
        database.write(lambda run, rows=rows: run.run(_NODES, rows=rows))
    for rows in _batches([{"a": one, "v": verb, "b": other, "p": told} for one, verb, other, told in edges]):
        database.write(lambda run, rows=rows: run.run(_EDGES, rows=rows))


def _can(
    who: str, where: str, capabilities: list[str], role: str, number: int = 0
) -> tuple[str, str, str, dict[str, Any]]:
    told = {"capabilities": capabilities, "roleName": role, "kind": "azure", "assignment": f"{role} {who} {number}"}
    return who, "CAN", where, told


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def measure(database: Database, size: int) -> dict[str, Any]:
    """Seconds and megabytes of each step at one size."""
    database.driver.execute_query(_WIPE)
    build(database, size)
    process = psutil.Process()
    before = process.memory_info().rss
    begun = time.perf_counter()
    network = read_network(database)
    read = time.perf_counter() - begun
    held = process.memory_info().rss - before
    goals = tuple(tier0_nodes(database, network, declared([]).tier0))
    begun = time.perf_counter()
    points = choke_points(database, network, goals, most=20)
    choking = time.perf_counter() - begun
    network = read_network(database)
    begun = time.perf_counter()
    found = find_paths(database, network, Ends((network.index["u7"],), "u7"), Ends(goals, "tier 0"), 1)
    one = time.perf_counter() - begun
    return {"entities": size, "nodes": len(network.names), "edges": len(network.weights), "read s": round(read, 2),
            "MB": held >> 20, "path s": round(one, 2), "found": len(found), "choke points s": round(choking, 2),
            "best": points[0].lost if points else 0}  # fmt: skip


def main() -> None:
    """Prints one row for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    sizes = parser.parse_args().sizes
    address = (os.environ["NEO4J_URI"], os.environ.get("NEO4J_USER", "neo4j"), os.environ.get("NEO4J_PASSWORD", ""))
    with Database(*address) as database:
        database.driver.execute_query("CREATE INDEX bench_key IF NOT EXISTS FOR (n:Entity) ON (n._key)")
        for size in sizes:
            print(measure(database, size), flush=True)


if __name__ == "__main__":
    main()
