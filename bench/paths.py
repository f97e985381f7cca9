"""What access and paths cost: deriving, asking who can do what, a path, choke points, over tenants of several sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.access_tenant import TENANT, AccessTenant
from bench.server import Server
from bench.took import Took, took, worst
from loader.conclusions import code, derivations, namings
from loader.effective import access_of, explain, who_can
from loader.graph import Database, Run
from loader.graph.schema import ensure_schema
from loader.model import Link, Outcome, Record, Target
from loader.paths import (
    Ends,
    Growing,
    blast_radius,
    choke_points,
    declared,
    find_paths,
    read_network,
    tier0_nodes,
)
from loader.paths.finding import TIER0
from loader.paths.reading import anchor
from loader.services import entity_types, type_of

SIZES = (50_000, 100_000, 200_000)
# How many users and vaults are asked about, how often each, and how many paths to a vault.
_ASKED, _TIMES, _NEXT = 4, 2, 3
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
    """What each took at one size. ceiling: creating the relationships that `derive` makes, out of memory.

    given: assignments and memberships; derived: the relationships that follow from them. path, radius and choke include
    reading the graph; command: `azgraph paths` as a process. found: how many paths there were in all, so that none was
    not quick for nothing. load: how many programs were at work on the machine meanwhile.
    """

    entities: int
    given: int
    derived: int
    derive: Took
    ceiling: Took
    unchanged: Took
    one_more: Took
    who_can: Took
    access_of: Took
    explain: Took
    path: Took
    radius: Took
    choke: Took
    command: Took
    found: int
    load: float


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
    derive = took(server, lambda: _derive(database))
    _tell(f"{size:,} entities: derived in {derive}")
    derived, ceiling = _ceiling(server)
    unchanged = took(server, lambda: _derive(database), _TIMES)
    one_more = took(server, lambda: _derive(database, one_more=tenant))
    vaults = tenant.vaults[:: max(1, len(tenant.vaults) // _ASKED)][:_ASKED]
    users = tenant.users[:: max(1, len(tenant.users) // _ASKED)][:_ASKED]
    found: list[int] = []

    def each(ask: Callable[[str, str], object]) -> Took:
        """The worst of several questions; the first time each is planned counts for none."""
        ask(users[-1], vaults[-1])
        return worst([took(server, lambda one=one: ask(*one), _TIMES) for one in zip(users, vaults, strict=True)])  # type: ignore[misc]

    to_tier0 = each(lambda user, _: found.append(_paths(database, user, TIER0, 1)))
    to_vaults = each(lambda user, vault: found.append(_paths(database, user, vault, _NEXT)))
    cost = Cost(
        entities=size,
        given=tenant.assignments + tenant.memberships,
        derived=derived,
        derive=derive,
        ceiling=ceiling,
        unchanged=unchanged,
        one_more=one_more,
        who_can=each(lambda _, vault: who_can(database, "read-secrets", vault)),
        access_of=each(lambda user, _: access_of(database, user)),
        explain=each(lambda user, vault: explain(database, user, vault)),
        path=worst([to_tier0, to_vaults]),
        radius=each(lambda user, _: _radius(database, user)),
        choke=took(server, lambda: _choke(database)),
        command=took(server, lambda: _command(server, tenant.first), _TIMES),
        found=sum(found),
        load=psutil.getloadavg()[2],
    )
    _tell(str(cost))
    return cost


def _derive(database: Database, *, one_more: AccessTenant | None = None) -> None:
    """A run that derives. one_more: it finds a new assignment of a role."""
    with Run.start(database, loader_version="bench", entity_types=entity_types(), resolve_type=type_of) as run:
        if one_more is not None:
            step = run.step("azure_role_assignment", _NEW_AREA)
            step.write("", [_assignment(one_more)])
            step.finish({"": Outcome()})
        run.derive(derivations(), namings(), code=code())
        run.finish("complete")


def _assignment(tenant: AccessTenant) -> Record:
    links = (
        Link("ASSIGNED", Target(tenant.first, "azure_user")),
        Link("ALLOWS", Target(TENANT, "azure_account")),
    )
    return Record("/providers/microsoft.authorization/roleassignments/one-more", "azure_role_assignment", {}, links)


def _ceiling(server: Server) -> tuple[int, Took]:
    """How many relationships were derived, and what creating them again by plain statements takes."""
    rows: dict[str, list[list[Any]]] = defaultdict(list)
    for row in server.database.read(_DERIVED):
        rows[row["verb"]].append([row["start"], row["end"], row["told"]])

    def create() -> None:
        for verb, several in rows.items():
            for at in range(0, len(several), _BATCH):
                session.run(_PLAIN, rows=several[at : at + _BATCH], verb=verb).consume()

    with server.database.session(access="WRITE") as session:
        session.run(_FORGET).consume()
        return sum(map(len, rows.values())), took(server, create)


def _paths(database: Database, user: str, goal: str, count: int) -> int:
    """How many paths there are of those that are asked for; the ends are given by their keys."""
    network = Growing(database)
    if goal == TIER0:
        nodes = tuple(tier0_nodes(database, network, declared([]).tier0))
    else:
        nodes = (anchor(database, network, goal),)
    return len(find_paths(database, network, Ends((network.entity(user),), user), Ends(nodes, goal), count))


def _radius(database: Database, user: str) -> None:
    network = Growing(database)
    tier0 = tier0_nodes(database, network, declared([]).tier0)
    blast_radius(database, network, Ends((network.entity(user),), user), tier0)


def _choke(database: Database) -> None:
    network = read_network(database)
    choke_points(database, network, tuple(tier0_nodes(database, network, declared([]).tier0)), most=20)


def _command(server: Server, user: str) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "loader.cli",
            "paths",
            "--from",
            user,
            "--to",
            TIER0,
            "--neo4j-uri",
            server.database.uri,
        ],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "NEO4J_USER": server.database.user, "NEO4J_PASSWORD": server.password},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
