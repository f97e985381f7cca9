"""What access and paths cost: deriving, asking who can do what, a path, choke points, over tenants of several sizes."""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.access_tenant import TENANT, AccessTenant
from bench.server import Server
from loader.conclusions import code, derivations, namings
from loader.effective import who_can
from loader.graph import Database, Run
from loader.graph.schema import ensure_schema
from loader.model import Link, Outcome, Record, Target
from loader.paths import Ends, choke_points, declared, find_paths, read_network, tier0_nodes
from loader.services import entity_types, type_of

SIZES = (50_000, 100_000, 200_000)
_ASKED = 5
_BATCH = 5_000
_NEW_AREA = "c0705000-0000-4000-8000-0000000000ff"
_DERIVED = """
MATCH (a:Entity)-[r]->(b:Entity) WHERE r._derivation IS NOT NULL
RETURN type(r) AS verb, a._key AS start, b._key AS end, properties(r) AS told
"""
_FORGET = "MATCH ()-[r]->() WHERE r._derivation IS NOT NULL CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS"
_PLAIN = (
    "UNWIND $rows AS row MATCH (a:Entity {_key: row[0]}) MATCH (b:Entity {_key: row[1]}) "
    "CREATE (a)-[r:$($verb)]->(b) SET r = row[2]"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of each at one size. ceiling: creating the relationships that `derive` makes, out of memory.

    given: assignments and memberships; derived: the relationships that follow from them. path and choke include
    reading the graph, as the commands do. found: how many paths there were, so that none was not quick for nothing.
    """

    entities: int
    given: int
    derived: int
    derive: float
    ceiling: float
    unchanged: float
    one_more: float
    who_can: float
    path: float
    choke: float
    found: int


def measure(server: Server, sizes: Sequence[int]) -> list[Cost]:
    """One row for each size, the smallest first."""
    return [_at(server, size) for size in sizes]


def _at(server: Server, size: int) -> Cost:
    database = server.database
    server.empty()
    ensure_schema(database)
    tenant = AccessTenant(size)
    tenant.write(database)
    database.read("CALL db.awaitIndexes(300)")
    derive = _derive(database)
    _tell(f"{size:,} entities: derived in {derive:.1f} s")
    derived, ceiling = _ceiling(server)
    unchanged = statistics.median(_derive(database) for _ in range(3))
    one_more = _derive(database, one_more=tenant)
    vaults = tenant.vaults[:: max(1, len(tenant.vaults) // _ASKED)][:_ASKED]
    who_can(database, "read-secrets", vaults[0])
    asked = max(_timed(lambda vault=vault: who_can(database, "read-secrets", vault)) for vault in vaults)  # type: ignore[misc]
    _path(database, tenant.first)
    found, path = _path(database, tenant.first)
    choke = _timed(lambda: _choke(database))
    cost = Cost(
        entities=size,
        given=tenant.assignments + tenant.memberships,
        derived=derived,
        derive=derive,
        ceiling=ceiling,
        unchanged=unchanged,
        one_more=one_more,
        who_can=asked,
        path=path,
        choke=choke,
        found=found,
    )
    _tell(str(asdict(cost)))
    return cost


def _derive(database: Database, *, one_more: AccessTenant | None = None) -> float:
    """Seconds of what a run derives. one_more: it finds a new assignment of a role."""
    with Run.start(database, loader_version="bench", entity_types=entity_types(), resolve_type=type_of) as run:
        if one_more is not None:
            step = run.step("azure_role_assignment", _NEW_AREA)
            step.write("", [_assignment(one_more)])
            step.finish({"": Outcome()})
        seconds = _timed(lambda: run.derive(derivations(), namings(), code=code()))
        run.finish("complete")
    return seconds


def _assignment(tenant: AccessTenant) -> Record:
    links = (
        Link("ASSIGNED", Target(tenant.first, "azure_user")),
        Link("ALLOWS", Target(TENANT, "azure_account")),
    )
    return Record("/providers/microsoft.authorization/roleassignments/one-more", "azure_role_assignment", {}, links)


def _ceiling(server: Server) -> tuple[int, float]:
    """How many relationships were derived, and the seconds of creating them again by plain statements."""
    rows: dict[str, list[list[Any]]] = defaultdict(list)
    for row in server.database.read(_DERIVED):
        rows[row["verb"]].append([row["start"], row["end"], row["told"]])
    with server.database.session(access="WRITE") as session:
        session.run(_FORGET).consume()
        begun = time.perf_counter()
        for verb, several in rows.items():
            for at in range(0, len(several), _BATCH):
                session.run(_PLAIN, rows=several[at : at + _BATCH], verb=verb).consume()
        return sum(map(len, rows.values())), time.perf_counter() - begun


def _path(database: Database, user: str) -> tuple[int, float]:
    begun = time.perf_counter()
    network = read_network(database)
    goals = tuple(tier0_nodes(database, network, declared([]).tier0))
    found = find_paths(database, network, Ends((network.index[user],), user), Ends(goals, "tier 0"), 1)
    return len(found), time.perf_counter() - begun


def _choke(database: Database) -> None:
    network = read_network(database)
    choke_points(database, network, tuple(tier0_nodes(database, network, declared([]).tier0)), most=20)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
