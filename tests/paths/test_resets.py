"""Whose password leads on: paths walk to just those of whom `azgraph access who-can` says that they can be reset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from loader.effective import who_can
from loader.graph import Database
from loader.paths import Network, read_network
from loader.paths.network import ENTITY
from tests.access.resetting_tenant import (
    CALLED,
    CHIEF,
    GROUPS,
    KEPT,
    MAIL,
    MANY,
    ORDINARY,
    OUR_PRINCIPAL,
    OURS,
    OWNER,
    TEAM,
    load,
)

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with Database(*neo4j_connection) as database:
        load(database)
        yield database


@pytest.fixture(scope="module")
def network(graph: Database) -> Network:
    return read_network(graph)


def in_one_hop(network: Network, source: str) -> set[str]:
    """The users and groups that a hop leads to, through the roles and layers in between."""
    found, waiting = set(), [network.entity(source)]
    while waiting:
        for _, node, _ in network.graph.out_edges(waiting.pop()):
            if network.sorts[node] == ENTITY:
                found.add(network.names[node])
            else:
                waiting.append(node)
    return found


@pytest.mark.parametrize("goal", CALLED)
def test_paths_reset_those_whom_access_resets(graph: Database, network: Network, goal: str) -> None:
    resets = {row["id"] for row in who_can(graph, "reset-password", goal).rows}
    assert {source for source in CALLED if goal in in_one_hop(network, source)} == resets


def test_nobody_from_outside_changes_the_members_of_a_restricted_unit(network: Network) -> None:
    assert [CALLED[source] for source in CALLED if CHIEF in in_one_hop(network, source)] == ["Keeper"]
    assert KEPT not in in_one_hop(network, OWNER)
    assert ORDINARY in in_one_hop(network, GROUPS)


@pytest.mark.parametrize("group", [ORDINARY, TEAM, MAIL])
def test_paths_add_members_where_access_does(graph: Database, network: Network, group: str) -> None:
    adds = {row["id"] for row in who_can(graph, "add-members", group).rows}
    assert {source for source in CALLED if group in in_one_hop(network, source)} == adds


@pytest.mark.parametrize("application", [OURS, MANY, OUR_PRINCIPAL])
def test_paths_add_credentials_where_access_does(graph: Database, network: Network, application: str) -> None:
    adds = {row["id"] for row in who_can(graph, "add-credentials", application).rows}
    assert {source for source in CALLED if application in in_one_hop(network, source)} == adds
