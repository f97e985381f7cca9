"""Three dozen random tenants in one graph: what is derived and asked there is what trying everything says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from loader.access.capabilities import CAPABILITIES as TABLE
from loader.access.capabilities import Capability
from loader.conclusions import derivations
from loader.effective import explain, who_can
from loader.errors import UsageError
from loader.graph import Database, Run
from loader.services import entity_types
from tests.access.brute_force import Answer, access_at, is_about, taking_up
from tests.access.in_the_graph import Written, add
from tests.access.random_tenants import CAPABILITIES, random_tenant

pytestmark = pytest.mark.graph

SEEDS = range(36)
# The random tenants' own capabilities, in the place of the shipped table.
_TABLE = tuple(
    Capability(
        name,
        name,
        actions=tuple(action for action, data in actions if not data),
        data_actions=tuple(action for action, data in actions if data),
    )
    for name, actions in CAPABILITIES.items()
)
_MODULES = ("loader.access.capabilities", "loader.effective.roles", "loader.effective.answers")


@pytest.fixture(scope="module")
def graph(neo4j_connection: Any) -> Iterator[Database]:
    with pytest.MonkeyPatch.context() as patch, Database(*neo4j_connection) as database:
        for module in _MODULES:
            patch.setattr(f"{module}.CAPABILITIES", _TABLE)
        database.write(lambda run: run.run("MATCH (n) DETACH DELETE n"))
        written = Written()
        for seed in SEEDS:
            add(written, random_tenant(seed))
        with Run.start(database, loader_version="test", entity_types=entity_types()) as run:
            written.write(database)
            run.derive(derivations())
            run.finish("complete")
        yield database


def test_who_can_and_explain_say_what_trying_everything_says(graph: Database) -> None:
    assert len(TABLE) > len(_TABLE)
    compared = 0
    for seed in SEEDS:
        tenant = random_tenant(seed)
        choices = taking_up(tenant)
        subscription = next(place for place in tenant.parent if place.startswith("/subscriptions/"))
        for place in (list(tenant.parent)[-1], *([subscription] if seed % 2 else [])):
            expected = access_at(tenant, place, choices)
            found: set[Answer] = set()
            for name in CAPABILITIES:
                if not any(is_about(action, place) for action, _ in CAPABILITIES[name]):
                    with pytest.raises(UsageError, match="is nothing that can be done to"):
                        who_can(graph, name, place)
                    continue
                rows = who_can(graph, name, place).rows
                found |= {
                    (row["id"], row["assignment"], name, "eligible" in row["how"], row["condition"])
                    for row in rows
                    if row["id"] in tenant.users
                }
            assert found == expected, f"seed {seed} at {place}"
            user = tenant.users[0]
            explained = {
                (user, row["assignment"], name, "eligible" in row["how"], row["condition"])
                for row in explain(graph, user, place).rows
                for name in row["capabilities"]
            }
            assert explained == {one for one in expected if one[0] == user}, f"seed {seed} at {place}"
            compared += len(expected)
    assert compared > 50


def test_no_more_relationships_than_assignments_and_memberships(graph: Database) -> None:
    derived = graph.read("MATCH ()-[r:CAN|MEMBER_OF|ACTS_AS]->() RETURN count(r) AS count")[0]["count"]
    tenants = [random_tenant(seed) for seed in SEEDS]
    assert derived == sum(len(one.assigned) + len(one.members) for one in tenants)
