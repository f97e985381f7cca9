"""Paths over a small graph on a real Neo4j: each kind of hop, in a table; nothing is found that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loader.errors import UsageError
from loader.graph import Database
from loader.paths import (
    beginning,
    blast_radius,
    choke_points,
    declared,
    find_paths,
    read_network,
    target,
    tier0_nodes,
)
from tests.paths.contoso import GROUP, SUB, VAULT, Small, names, people, scopes

pytestmark = pytest.mark.graph


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with Database(*neo4j_connection) as database:
        database.write(lambda run: run.run("MATCH (n) DETACH DELETE n"))
        small = Small()
        scopes(small)
        people(small)
        small.write(database)
        yield database


def paths(database: Database, source: str, goal: str, count: int = 1, *, eligible: bool = True) -> list[list[str]]:
    network = read_network(database, eligible=eligible)
    found = find_paths(database, network, beginning(database, network, source), target(database, network, goal), count)
    return [names(one.as_json()) for one in found]


TABLE = {
    ("ada", "tier-0"): ["member-of>Inner", "member-of>Admins", "holds-role>Production"],
    ("ada", VAULT): ["member-of>Inner", "member-of>Admins", "give-roles>Production", "contains>kv"],
    ("bea", "kv"): ["run-code>web", "acts-as>web", "read-secrets>kv"],
    ("bea", "tier-0"): None,
    ("internet", "data=secret"): ["reaches>web", "acts-as>web", "read-secrets>kv"],
    ("cy", "tier-0"): ["add-credentials>Shop", "acts-as>Shop", "holds-role>Contoso"],
    ("pull requests", "tier-0"): ["signs-in-as>Shop", "acts-as>Shop", "holds-role>Contoso"],
    ("dan", "Production"): ["reset-password>Hal", "add-members>Admins", "give-roles>Production"],
    ("elle", "tier-0"): ["holds-role>all of Azure (/)"],
    ("fay", "Root group"): ["control-directory>Contoso", "elevate>all of Azure (/)", "contains>Root group"],
    ("gus", "data=secret"): ["list-keys-storage>data"],
    ("hal", "tier-0"): ["add-members>Admins", "holds-role>Production"],
    ("ida", "tier-0"): ["attach-identity>deploy", "acts-as>deploy", "holds-role>Root group"],
    ("jo", "tier-0"): ["may-join>Admins", "holds-role>Production"],
    ("kim", "tier-0"): None,
    ("kim", "kv"): ["read-secrets>kv"],
    ("kim", "kv2"): None,
    ("lou", "kv2"): ["read-secrets>kv2"],
    ("mia", "data"): ["list-keys-storage>data"],
    ("mia", "keyless"): None,
    ("ned", "keyless"): ["allow-keys-storage>keyless"],
    ("oli", "next"): ["run-code-in-slot>next"],
    ("oli", "arc"): None,
    ("quin", "next"): ["run-code-in-slot>next"],
    ("quin", "web"): None,
    ("ray", "next"): ["give-roles-on-slot>next"],
    ("pia", "arc"): ["run-code-on-arc-machine>arc"],
    ("pia", "box"): None,
    ("sam", "keyless"): ["run-code-in-container-group>aci", "acts-as>runner", "read-blobs>keyless"],
    ("sam", "job"): None,
    ("tom", "keyless"): ["run-code-in-container-job>job", "acts-as>runner", "read-blobs>keyless"],
    ("tom", "box"): None,
    ("tom", "idle job"): None,
    ("uma", "keyless"): ["run-code-in-automation>auto", "acts-as>runner", "read-blobs>keyless"],
    ("uma", "flow"): None,
    ("uma", "idle auto"): None,
    ("vic", "keyless"): ["run-code-in-logic-app>flow", "acts-as>runner", "read-blobs>keyless"],
    ("vic", "auto"): None,
    ("vic", "idle flow"): None,
    ("ada", "box"): ["member-of>Inner", "member-of>Admins", "run-code-in-container-app>box"],
}


@pytest.mark.parametrize(("source", "goal"), TABLE)
def test_the_shortest_path_is_the_one_that_was_planted(graph: Database, source: str, goal: str) -> None:
    expected = TABLE[source, goal]
    assert paths(graph, source, goal) == ([] if expected is None else [expected])


def test_the_next_paths_follow_without_loops_and_never_twice(graph: Database) -> None:
    network = read_network(graph)
    found = find_paths(graph, network, beginning(graph, network, "ada"), target(graph, network, VAULT), 50)
    assert [one.cost for one in found] == sorted(one.cost for one in found)
    told = [tuple(names(one.as_json())) for one in found]
    assert len(told) == len(set(told)) > 1
    for one in found:
        ends = [one.hops[0].start.key, *(hop.end.key for hop in one.hops)]
        assert len(ends) == len(set(ends))


def test_what_has_to_be_taken_up_is_marked_and_can_be_left_out(graph: Database) -> None:
    network = read_network(graph)
    found = find_paths(graph, network, beginning(graph, network, "elle"), target(graph, network, "tier-0"), 1)
    assert found[0].hops[0].marks == ("eligible", "needs approval")
    assert found[0].hops[0].cut == "End the eligibility of Elle for Owner on all of Azure (/)."
    assert paths(graph, "elle", "tier-0", eligible=False) == []
    assert paths(graph, "jo", "tier-0", eligible=False) == []
    network = read_network(graph)
    guarded = find_paths(graph, network, beginning(graph, network, "gus"), target(graph, network, "data"), 1)
    assert guarded[0].hops[0].marks == ("under a condition: @Resource[x]",)


def test_the_blast_radius_has_all_that_is_reached_and_nothing_else(graph: Database) -> None:
    network = read_network(graph)
    start = beginning(graph, network, "bea")
    high = tier0_nodes(graph, network, declared([]).tier0)
    assert [one.entity.type for one in blast_radius(graph, network, start, high)] == [
        "azure_vm",
        "azure_service_principal",
        "azure_keyvault_service",
    ]
    cy = {one.entity.name: one.tier0 for one in blast_radius(graph, network, beginning(graph, network, "cy"), high)}
    assert cy["Contoso"]
    assert not cy["Shop"]


def test_choke_points_name_the_best_cut_first(graph: Database) -> None:
    network = read_network(graph)
    goals = target(graph, network, "data=secret").nodes
    points = choke_points(graph, network, goals, most=50)
    told = {one.what: one for one in points}
    assert [one.lost for one in points] == sorted((one.lost for one in points), reverse=True)
    # Bea and the Internet reach the vault through the machine alone.
    assert told["Key Vault Secrets User for web on kv"].lost >= 2
    assert told["Key Vault Secrets User for web on kv"].cut.startswith("Take away: ")


def test_a_cut_cuts(graph: Database) -> None:
    """What is said to be lost is: without the best cut, that many get there no longer."""
    network = read_network(graph)
    best = choke_points(graph, network, target(graph, network, "tier-0").nodes, most=1)[0]
    alive = read_network(graph)
    goals = target(graph, alive, "tier-0").nodes
    people = ["ada", "bea", "cy", "dan", "elle", "fay", "gus", "hal", "ida", "jo", "kim", "lou", "internet", "pull"]
    before = sum(bool(find_paths(graph, alive, one, goal, 1)) for one, goal in _ends(alive, people, goals))
    cut = read_network(graph)
    node = cut.index.get(best.key)
    if node is None:
        node = next(one for one, row in cut.evidence.items() if row["assignment"] == best.key)
    for _, _, edge in [*cut.graph.in_edges(node), *cut.graph.out_edges(node)]:
        cut.weights[edge] = float("inf")
    goals = tuple(one for one in target(graph, cut, "tier-0").nodes if one != node)
    after = sum(bool(find_paths(graph, cut, one, goal, 1)) for one, goal in _ends(cut, people, goals))
    assert before == best.of
    assert before - after == best.lost


def _ends(network: Any, people: list[str], goals: tuple[int, ...]) -> Iterator[tuple[Any, Any]]:
    from loader.paths import Ends

    for key in people:
        if key in network.index:
            yield Ends((network.index[key],), key), Ends(goals, "tier 0")


def test_wrong_names_are_refused_with_what_was_perhaps_meant(graph: Database) -> None:
    network = read_network(graph)
    with pytest.raises(UsageError, match=r"Nothing in the graph is called 'adda'\. Perhaps: Ada"):
        beginning(graph, network, "adda")
    with pytest.raises(UsageError, match=r"called 'intrnet'\. Perhaps: internet"):
        beginning(graph, network, "intrnet")
    with pytest.raises(UsageError, match=r"called 'tier0'\. Perhaps: tier-0"):
        target(graph, network, "tier0")
    with pytest.raises(UsageError, match=r"has the tag 'dat=secret'\. Perhaps: data=secret\.$"):
        target(graph, network, "dat=secret")


def test_tier_0_is_overridden_by_a_file_of_ones_own(graph: Database, tmp_path: Path) -> None:
    (tmp_path / "tier0.yaml").write_text("azure_scopes: [azure_root]\ntags: ['data=secret']\n")
    tier0 = declared([tmp_path]).tier0
    assert tier0.directory_roles is not None
    assert "Global Administrator" in tier0.directory_roles
    network = read_network(graph)
    found = target(graph, network, "tier-0", [tmp_path]).nodes
    assert {network.index[VAULT]} <= set(found)
    assert not {network.index[SUB], network.index[GROUP]} & set(found)
    (tmp_path / "tier0.yaml").write_text("azure_scopes: [everything]\n")
    with pytest.raises(UsageError, match=r"tier0.yaml:1: azure_scopes.0: 'everything' is no scope"):
        declared([tmp_path])
