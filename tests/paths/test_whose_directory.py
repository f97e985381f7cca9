"""Nobody is taken over in a directory that he is not of, and no permission counts for its name alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from loader.access.directory_capabilities import GRAPH_APP_ID
from loader.graph import Database
from loader.paths import Growing, Network, beginning, find_paths, read_network, target
from tests.paths.contoso import SUB, Small, names, scopes

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with Database(*neo4j_connection) as database:
        database.write(lambda run: run.run("MATCH (n) DETACH DELETE n"))
        small = Small()
        scopes(small)
        for name in ("dan", "gil", "nia"):
            small.node("azure_user", name, name.capitalize(), accountEnabled=True)
        small.can("dan", "tenant", "reset-password", name="Helpdesk Administrator", kind="directory")
        small.can("gil", "tenant", "add-members", name="Groups Administrator", kind="directory")
        small.can("nia", "tenant", "add-credentials", name="Application Administrator", kind="directory")
        # Whom only assignments name: deleted, or of the directory of a tenant that manages or owns the subscription.
        for entity_type, key in (
            ("azure_user", "gone"), ("azure_user_group", "partners"), ("azure_service_principal", "robot"),
        ):  # fmt: skip
            small.node(entity_type, key, _stub=True)
            small.can(key, SUB, "give-roles", name="Owner")
        # An API of one's own with a role that has the name of one of Microsoft Graph's.
        small.node("azure_service_principal", "graph", "Microsoft Graph", appId=GRAPH_APP_ID)
        small.node("azure_service_principal", "shop-api", "Shop API", appId="shop")
        for holder, api in (("reader", "shop-api"), ("writer", "graph")):
            small.node("azure_service_principal", holder, holder.capitalize())
            small.node("azure_app_role_assignment", f"{holder}'s", permission="RoleManagement.ReadWrite.Directory")
            small.edge(f"{holder}'s", "ASSIGNED", holder)
            small.edge(f"{holder}'s", "ALLOWS", api)
        small.write(database)
        yield database


@pytest.mark.parametrize("read", [read_network, Growing])
@pytest.mark.parametrize(("source", "there"), [("dan", False), ("gil", False), ("nia", True)])
def test_who_is_not_of_the_directory_is_not_taken_over_there(
    graph: Database, read: Callable[..., Network], source: str, there: bool
) -> None:
    """Nia comes to Production, but not as the robot: as the one whom Microsoft Graph lets give roles."""
    network = read(graph)
    found = find_paths(graph, network, beginning(graph, network, source), target(graph, network, "Production"), 9)
    told = [names(one.as_json()) for one in found]
    assert bool(told) is there
    assert all(way[0] == "add-credentials>Writer" for way in told)


@pytest.mark.parametrize("read", [read_network, Growing])
def test_a_permission_of_another_api_is_none_of_microsoft_graph(graph: Database, read: Callable[..., Network]) -> None:
    for source, expected in (("reader", []), ("writer", [["holds-role>Contoso"]])):
        network = read(graph)
        found = find_paths(graph, network, beginning(graph, network, source), target(graph, network, "tier-0"), 1)
        assert [names(one.as_json()) for one in found] == expected
