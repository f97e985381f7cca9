"""Random sequences of runs against a small model of the graph that says what may be deleted.

The model: an area holds, for each type, what was written and not since left out of a list that was read to its end by a
run that finished; failures, refusals, quiet ends that say nothing, and kills delete nothing; the guard keeps a large
share. Written without a look at how the graph room works.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.graph import Database, Run
from loader.model import Outcome, Quiet, Status
from tests.graph.tenant import AREA, TYPES, entity, key

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]

KINDS = ("vm", "nic", "disk")
TENANTS = ("cccccccc-0000-4000-8000-00000000000c", "ffffffff-0000-4000-8000-00000000000f")
# How a step ends, and whether what it did not list may go.
ENDS = [
    (Outcome(), True),
    (Outcome(Status.UNAVAILABLE, "n", Quiet.NOT_OFFERED), True),
    (Outcome(Status.UNAVAILABLE, "n", Quiet.RETIRED), True),
    (Outcome(Status.UNAVAILABLE, "n", Quiet.NOT_LICENSED), False),
    (Outcome(Status.UNAVAILABLE, "n", Quiet.DISABLED), False),
    (Outcome(Status.FORBIDDEN, "n"), False),
    (Outcome(Status.FAILED, "n"), False),
    (Outcome(Status.SKIPPED, "n"), False),
]


@dataclass
class Load:
    """One run: whose, what each kind's list gives and how it ends, and where the run is cut off, if it is."""

    tenant: int
    lists: dict[str, tuple[frozenset[int], int]]
    cut: str


@dataclass
class Model:
    """What must be in the graph: by tenant and kind the numbers, and what may be there or not after a kill."""

    there: dict[tuple[int, str], set[int]] = field(default_factory=dict)

    def play(self, load: Load) -> None:
        before = {kind: set(self.there.get((load.tenant, kind), ())) for kind in load.lists}
        for kind, (listed, _) in load.lists.items():
            self.there[load.tenant, kind] = before[kind] | listed
        if load.cut != "":
            return
        gone = {kind: before[kind] - listed for kind, (listed, end) in load.lists.items() if ENDS[end][1]}
        stored, going = sum(map(len, before.values())), sum(map(len, gone.values()))
        if load.tenant == 0 and going == stored and going > 5:
            return  # a subscription of which nothing is left
        for kind, numbers in gone.items():
            self.there[load.tenant, kind] -= numbers


LOADS = st.builds(
    Load,
    tenant=st.integers(0, 1),
    lists=st.dictionaries(
        st.sampled_from(KINDS),
        st.tuples(st.frozensets(st.integers(0, 5), max_size=5), st.integers(0, len(ENDS) - 1)),
        min_size=1,
    ),
    cut=st.sampled_from(["", "", "", "killed", "lost"]),
)


def area_of(load: Load) -> str:
    """The first tenant loads a subscription, the second its directory: both kinds of areas are met."""
    return AREA if load.tenant == 0 else "tenant"


def run(database: Database, load: Load) -> None:
    sync = Run.start(database, loader_version="1", entity_types=TYPES, tenant=TENANTS[load.tenant])
    for kind, (listed, end) in load.lists.items():
        step = sync.step(f"azure_{kind}", area_of(load))
        step.write("", [entity(kind, 100 * load.tenant + number) for number in sorted(listed)])
        step.finish({"": ENDS[end][0]})
        sync.record_step(f"azure_{kind}", area_of(load), ENDS[end][0])
    if load.cut == "killed":
        sync._pool.close()
        sync._lease.stop()
        database.write(lambda transaction: transaction.run("MATCH (l:SyncLease) DELETE l"))
        return
    if load.cut == "lost":
        sync._lease.stop()
        database.write(lambda transaction: transaction.run("MATCH (l:SyncLease) SET l.holder = 'another'"))
        with pytest.raises(Exception, match="taken over"):
            sync.derive([])
        sync._pool.close()
        database.write(lambda transaction: transaction.run("MATCH (l:SyncLease) DELETE l"))
        return
    sync.derive([])
    sync.finish("complete")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=st.lists(LOADS, min_size=1, max_size=5))
def test_the_graph_holds_what_the_model_says(database: Database, loads: list[Load]) -> None:
    database.write(lambda transaction: transaction.run("MATCH (n) DETACH DELETE n"))
    model = Model()
    for load in loads:
        run(database, load)
        model.play(load)
        expected = {
            key(kind, 100 * tenant + number) for (tenant, kind), numbers in model.there.items() for number in numbers
        }
        found = {row["key"] for row in database.read("MATCH (n:Entity) WHERE n._stub IS NULL RETURN n._key AS key")}
        assert found == expected
