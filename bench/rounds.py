"""First loads and re-syncs, side by side: in each round every side does its work once, in another order each time."""

from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import loading, peer
from bench.server import Server
from bench.tenant import LEAST_ENTITIES, Tenant

# One re-sync is short, so each round does a few of them.
_RESYNCS = 3
_WARM_UP_SHARE = 10

Seconds = dict[str, float]


@dataclass(frozen=True, slots=True)
class Samples:
    """Seconds of everything that was timed, one value for each round."""

    rounds: list[Seconds]

    def median(self, name: str) -> float:
        """The median seconds of one thing."""
        return statistics.median(one[name] for one in self.rounds)

    def ratio(self, slow: str, fast: str) -> tuple[float, float, float]:
        """How many times longer `slow` took than `fast`: median of the rounds' own ratios, the least, the greatest."""
        ratios = [one[slow] / one[fast] for one in self.rounds]
        return statistics.median(ratios), min(ratios), max(ratios)


def measure(server: Server, tenant: Tenant, rounds: int, python: Path | None) -> Samples:
    """Runs all sides `rounds` times. python: cartography's interpreter, None to leave it out."""
    # The server compiles its code while it works; nothing of this round counts.
    _round(_Sides(server, Tenant(max(LEAST_ENTITIES, tenant.entities // _WARM_UP_SHARE)), python), 0)
    sides = _Sides(server, tenant, python)
    gc.collect()
    gc.freeze()
    samples = []
    for number in range(rounds):
        samples.append(_round(sides, number))
        told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in samples[-1].items())
        print(f"Round {number + 1} of {rounds}, seconds: {told}", file=sys.stderr, flush=True)
    return Samples(samples)


def _round(sides: _Sides, number: int) -> Seconds:
    """One round; who begins changes from round to round, so that no side always has the warmest or fullest store."""
    found: Seconds = {}
    work = sides.all()
    first = number % len(work)
    for side in work[first:] + work[:first]:
        sides.server.empty()
        found |= side()
    # Nodes were timed alone too, so what is more for the whole tenant is its relationships'.
    found["edges"] = found["first"] - found["nodes"]
    found["ceiling"] = found["ceiling nodes"] + found["ceiling edges"]
    return found


class _Sides:
    """What is compared. Each side starts with an empty database and gives the seconds it took."""

    def __init__(self, server: Server, tenant: Tenant, python: Path | None) -> None:
        self.server, self._database = server, server.database
        self._tenant, self._python = tenant, python
        self._records = loading.all_records(tenant)
        self._bare = {name: [loading.without_links(one) for one in group] for name, group in self._records.items()}
        self._changed = [loading.one_percent_changed(self._records, edition) for edition in range(1, _RESYNCS + 1)]
        self._nodes = loading.node_rows(self._records)
        self._edges = loading.edge_rows(self._records)

    def all(self) -> list[Callable[[], Seconds]]:
        """The sides, in the order of the first round."""
        sides = [self.ceiling, self.ceiling_with_schema, self.nodes, self.reversed, self.whole]
        return [*sides, self.cartography] if self._python is not None else sides

    def ceiling(self) -> Seconds:
        """CREATE of nodes into a graph without any constraint or index, then of relationships, by an indexed key."""
        nodes = loading.timed(lambda: loading.create_nodes(self._database, self._nodes))
        loading.make_schema(self._database)
        edges = loading.timed(lambda: loading.create_edges(self._database, self._edges))
        self._check()
        return {"ceiling nodes": nodes, "ceiling edges": edges}

    def ceiling_with_schema(self) -> Seconds:
        """CREATE of nodes where azgraph's constraint and indexes are kept up meanwhile."""
        loading.make_schema(self._database)
        return {"indexed nodes": loading.timed(lambda: loading.create_nodes(self._database, self._nodes))}

    def nodes(self) -> Seconds:
        """azgraph, without relationships."""
        return {"nodes": loading.seconds_of_sync(self._database, self._bare)}

    def reversed(self) -> Seconds:
        """azgraph, with every far end coming after what points at it."""
        seconds = loading.seconds_of_sync(self._database, self._records, reverse=True)
        self._check()
        return {"reversed": seconds}

    def whole(self) -> Seconds:
        """azgraph: the first load, then re-syncs of it; then MERGE of everything over the same graph."""
        first = loading.seconds_of_sync(self._database, self._records)
        self._check()
        unchanged, changed, current = [], [], self._records
        for edition in self._changed:
            unchanged.append(loading.seconds_of_sync(self._database, current))
            changed.append(loading.seconds_of_sync(self._database, edition))
            current = edition
        merged = loading.timed(lambda: loading.merge_nodes(self._database, self._nodes, seq=1_000))
        merged += loading.timed(lambda: loading.merge_edges(self._database, self._edges))
        self._check()
        return {
            "first": first,
            "unchanged": statistics.median(unchanged),
            "changed": statistics.median(changed),
            "merged again": merged,
        }

    def cartography(self) -> Seconds:
        """cartography's `load()`, twice."""
        assert self._python is not None
        return peer.load_twice(self._python, self.server, self._tenant)

    def _check(self) -> None:
        """A side that wrote less would look fast."""
        wanted = self._tenant.entities, self._tenant.relationships
        if self.server.counted() != wanted:
            raise RuntimeError(f"The graph holds {self.server.counted()} entities and relationships, not {wanted}.")
