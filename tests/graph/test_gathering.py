"""Small batches that wait go to the graph together; what is wrong with one of them costs that one only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future

import pytest

from loader.errors import AzgraphError
from loader.graph import gathering
from loader.graph.gathering import Batch, Gathering
from loader.graph.pool import SESSIONS, WritePool
from loader.graph.rows import Pending
from loader.graph.scope_log import Opening
from loader.model import Record

Submit = Callable[..., Future[None]]
Keys = list[list[str]]


class Writer:
    """Keeps what it was to write, by transaction; each waits until it may begin."""

    def __init__(self) -> None:
        self.transactions: Keys = []
        self.may = threading.Semaphore(0)
        self.at_work = threading.Semaphore(0)
        self.refuses: Callable[[list[str]], None] = lambda _: None

    def write(self, batches: list[Batch]) -> None:
        self.at_work.release()
        assert self.may.acquire(timeout=10)
        keys = [one.key for batch in batches for one in batch.records]
        self.transactions.append(keys)
        self.refuses(keys)


@pytest.fixture
def pool() -> Iterator[WritePool]:
    made = WritePool()
    yield made
    made.close()


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def submit(pool: WritePool, writer: Writer) -> Submit:
    """Submits a batch of records with these keys; the first is at work when the second comes."""
    gathered = Gathering(pool, writer.write)
    begun = threading.Event()

    def one(*keys: str, size: int = 1) -> Future[None]:
        records = [Pending(Record(key, "azure_vm", {}), key, "", 0, silent=True) for key in keys]
        written = gathered.submit(Batch(records, size, Opening({"id": "azure_vm|tenant"}, 1)))
        if not begun.is_set():
            begun.set()
            assert writer.at_work.acquire(timeout=10)
        return written

    return one


def let(writer: Writer, *written: Future[None]) -> None:
    """Lets everything be written, and waits for it."""
    writer.may.release(100)
    for one in written:
        one.exception(10)


def test_what_waits_is_written_together(submit: Submit, writer: Writer) -> None:
    let(writer, submit("a"), submit("b", "c"), submit("d"))
    assert writer.transactions == [["a"], ["b", "c", "d"]]


def test_no_more_than_one_transaction_takes(submit: Submit, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "TOGETHER_ROWS", 3)
    monkeypatch.setattr(gathering, "_TOGETHER_BYTES", 100)
    let(writer, submit("a"), submit("b", "c"), submit("d", "e"), submit("f", size=99))
    assert writer.transactions == [["a"], ["b", "c"], ["d", "e", "f"]]


def test_a_key_is_written_once_in_a_transaction(submit: Submit, writer: Writer) -> None:
    """Two scopes may list one and the same entity: the second must find the first's, not be it."""
    let(writer, submit("a"), submit("b"), submit("b", "c"))
    assert writer.transactions == [["a"], ["b"], ["b", "c"]]


def test_a_batch_that_cannot_be_written_costs_itself_only(submit: Submit, writer: Writer) -> None:
    def refuse(keys: list[str]) -> None:
        if "bad" in keys:
            raise ValueError("No.")

    writer.refuses = refuse
    written = [submit(key) for key in ("a", "b", "bad", "c")]
    let(writer, *written)
    assert writer.transactions == [["a"], ["b", "bad", "c"], ["b"], ["bad"], ["c"]]
    assert [isinstance(one.exception(10), ValueError) for one in written] == [False, False, True, False]


def test_what_is_wrong_with_the_graph_is_told_to_all_and_tried_once(submit: Submit, writer: Writer) -> None:
    def refuse(_: list[str]) -> None:
        raise AzgraphError("Neo4j cannot be reached.")

    writer.refuses = refuse
    written = [submit(key) for key in ("a", "b", "c")]
    let(writer, *written)
    assert writer.transactions == [["a"]], "what waits would meet it as well"
    assert all(isinstance(one.exception(10), AzgraphError) for one in written)


def test_no_more_waits_than_memory_should_hold(submit: Submit, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_WAITING_BYTES", 100)
    first, second = submit("a"), submit("b", size=100)
    written: list[Future[None]] = []
    third = threading.Thread(target=lambda: written.append(submit("c")))
    third.start()
    third.join(0.2)
    assert third.is_alive(), "it waits for room"
    let(writer, first, second)
    third.join(10)
    let(writer, *written)
    assert writer.transactions == [["a"], ["b"], ["c"]]


def test_a_batch_of_many_bytes_goes_alone(submit: Submit, writer: Writer) -> None:
    first, second = submit("a"), submit("b", size=1_000_000)
    assert writer.at_work.acquire(timeout=10), "both are at work"
    let(writer, first, second)


def test_what_waits_when_the_pool_closes_is_not_written(pool: WritePool, submit: Submit, writer: Writer) -> None:
    first, second = submit("a"), submit("b")
    closing = threading.Thread(target=pool.close)
    closing.start()
    while not pool.closing:
        pass
    let(writer, first)
    closing.join(10)
    assert not closing.is_alive()
    assert second.cancelled()
    assert writer.transactions == [["a"]]


def test_a_large_batch_does_not_wait_for_small_ones(submit: Submit, writer: Writer) -> None:
    first, second = submit("a"), submit(*[f"k{number}" for number in range(500)])
    assert writer.at_work.acquire(timeout=10), "both are at work"
    let(writer, first, second)
    assert sorted(len(one) for one in writer.transactions) == [1, 500]


def test_nobody_waits_for_what_a_closed_pool_has_dropped(submit: Submit, writer: Writer, pool: WritePool) -> None:
    large = [str(number) for number in range(500)]
    running = [submit(*large) for _ in range(SESSIONS)]
    waiting = submit("b")
    closing = threading.Thread(target=pool.close)
    closing.start()
    with pytest.raises(CancelledError):
        waiting.result(10)
    let(writer, *running)
    closing.join()
    assert ["b"] not in writer.transactions
