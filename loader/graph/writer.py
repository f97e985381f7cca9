"""What every batch shares: the transaction, the lease, the count of what was touched, the memory of what is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from loader.graph.database import Counters, Database, Transaction
from loader.graph.links import EndsMissingError, LinkWriter
from loader.graph.touched import Touched
from loader.model import Target

T = TypeVar("T")


# Neo4j runs out of memory when one transaction takes some 8,000 properties off a node.
MAX_REMOVED = 1_000
_SHED = "MATCH (n:Entity {_key: $key}) SET n._hash = null, n += $nothing"


class OverfullNodesError(Exception):
    """Nodes lose more properties than one transaction can take: key → names."""

    def __init__(self, names: Mapping[str, list[str]]) -> None:
        super().__init__(f"{len(names)} nodes lose thousands of properties")
        self.names = names


def refuse_overfull(losses: Mapping[str, Collection[str]]) -> None:
    """Raises OverfullNodesError where a node is to lose too many properties at once. losses: key → names."""
    overfull = {key: sorted(names) for key, names in losses.items() if len(names) > MAX_REMOVED}
    if overfull:
        raise OverfullNodesError(overfull)


class Right(Protocol):
    """The right to write, which each transaction looks at: a lease, or a part of what one allows."""

    def check(self, transaction: Transaction) -> None:
        """Raises AzgraphError where it is lost."""
        ...


class GraphWriter:
    """Runs the write transactions of one run. Safe for threads."""

    def __init__(self, database: Database, lease: Right, links: LinkWriter) -> None:
        self._database, self._lease, self.links = database, lease, links
        self._lock = threading.Lock()
        self.counters = Counters()
        self.touched = Touched()

    def write(self, work: Callable[[Transaction], T], *types: str) -> T:
        """Does `work` in one transaction that holds the lease. types: the entity types it is about.

        It is done again, with nothing taken for granted, where a far end was deleted since it was last seen, and
        after taking properties off piece by piece where a node loses too many of them.
        """
        attempts = 0

        def counted(transaction: Transaction) -> T:
            nonlocal attempts
            attempts += 1
            return work(transaction)

        try:
            result, counters = self._database.write(self._guarded(counted))
        except EndsMissingError:
            with self._lock:
                self.links.forget()
            result, counters = self._database.write(self._guarded(counted))
        except OverfullNodesError as overfull:
            self._shed(overfull.names)
            result, counters = self._database.write(self._guarded(counted))
        with self._lock:
            self.counters.add(counters)
            # A second try finds nothing left to write where the first one was committed and its answer lost.
            if counters.total or attempts > 1:
                self.touched.types.update(types)
        return result

    def leased(self, work: Callable[[Transaction], T]) -> T:
        """The same for what a run notes about itself, which counts as no touch of the graph's entities."""
        return self._database.write(self._guarded(work))[0]

    def _guarded(self, work: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
        def leased(transaction: Transaction) -> T:
            self._lease.check(transaction)
            return work(transaction)

        return leased

    def ensure(self, transaction: Transaction, targets: Iterable[Target]) -> None:
        """Makes stubs for far ends that have no node, and remembers them once that is committed."""
        digests, relabelled = self.links.ensure(transaction, targets)
        self.touched.relabelled |= relabelled
        transaction.after_commit.append(lambda: self.remember(ends=digests))

    def _shed(self, losses: Mapping[str, list[str]]) -> None:
        """Takes properties off nodes in several transactions; without a hash, the next run rewrites the node."""
        for key, names in losses.items():
            for at in range(0, len(names), MAX_REMOVED):
                nothing = dict.fromkeys(names[at : at + MAX_REMOVED])

                def work(transaction: Transaction, key: str = key, nothing: dict[str, None] = nothing) -> None:
                    transaction.run(_SHED, key=key, nothing=nothing)

                self.leased(work)

    def remember(self, *, ends: Iterable[int] = (), written: Iterable[int] = ()) -> None:
        """Takes note of nodes that are in the graph for certain."""
        with self._lock:
            self.links.remember(ends=ends, written=written)
