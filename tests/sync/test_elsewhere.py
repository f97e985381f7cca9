"""Areas that others load: the graph of the demo tenant is that of one process, and who is lost ends the run partial."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from typing import Any

import pytest

from loader.azure import sessions
from loader.azure.session import AzureSession
from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from loader.graph import Database
from loader.sync import Options, StepReport, Summary, sync
from loader.sync.elsewhere import Message, Sent, Taken, take
from loader.sync.sink import SharedKept
from loader.sync.task import AreaTask
from tests.e2e.support import PRODUCTION, changes, dump, wipe

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]

# Lists of the tenant and of subscriptions, children, parts, details, and what no subscription owns. (What a principal
# that is not loaded is called depends on who names it first, in one process as well.)
ONLY = (
    "azure_user_group",
    "azure_service_principal",
    "azure_role_assignment",
    "azure_role_definition",
    "azure_policy_assignment",
    "azure_nic",
    "azure_storage_account",
    "azure_keyvault_secret",
)


@pytest.fixture(autouse=True)
def _nothing_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows from the graph follows from the same graph."""
    monkeypatch.setattr("loader.sync.run.derivations", lambda: ())
    monkeypatch.setattr("loader.sync.run.namings", lambda: ())


class Beside:
    """Takes tasks as another process would, each for itself; lost: areas of which nobody comes back."""

    def __init__(self, session: AzureSession, database: Database, lost: Collection[str]) -> None:
        self._session, self._database, self._lost = session, database, lost
        self.sent: Sequence[Sent] = ()

    async def load(
        self, messages: Sequence[Message], told: Callable[[StepReport], None]
    ) -> AsyncGenerator[tuple[AreaTask, Taken | None]]:
        for one in messages:
            message: Message = pickle.loads(pickle.dumps(one))
            shared = SharedKept(set(), set())
            taken = await take(message, self._session, self._database, shared, told, "beside")
            lost = message.task.area in self._lost
            yield one.task, None if lost else pickle.loads(pickle.dumps(taken))


def load(
    database: Database, answers: Iterable[Exchange], *, beside: bool, lost: Collection[str] = (), **options: Any
) -> Summary:
    async def run() -> Summary:
        async with sessions.exchanges(answers) as session:
            others = Beside(session, database, lost) if beside else None
            chosen = Options(only=ONLY, accept_older=True, **options)
            return await sync(session, database, chosen, lambda _step: None, elsewhere=others)

    return asyncio.run(run())


def told(summary: Summary) -> list[tuple[Any, ...]]:
    """How each step ended. What several subscriptions list counts for the one that asks first, which nobody knows."""
    return [(step.name, step.scope, step.status, step.reason) for step in summary.steps]


def test_what_others_load_is_what_one_process_loads(database: Database) -> None:
    days = [exchanges(1), exchanges(2)]
    found = []
    for beside in (False, True):
        wipe(database)
        summaries = [load(database, answers, beside=beside) for answers in days]
        found.append((dump(database), changes(database), [told(one) for one in summaries], summaries[1].changes))
    alone, others = found
    assert alone == others
    assert alone[1]


def test_an_area_that_nobody_could_load_is_told_and_repaired(database: Database) -> None:
    answers = exchanges(1)
    load(database, answers, beside=False)
    whole = dump(database)
    wipe(database)
    partial = load(database, answers, beside=True, lost={PRODUCTION})
    assert partial.status == "partial"
    assert any(PRODUCTION in note and "died" in note for note in partial.notes)
    lost = {step.name for step in partial.steps if step.scope == PRODUCTION and step.status == "failed"}
    assert {"azure_role_assignment", "azure_storage_account"} <= lost
    assert load(database, answers, beside=True).status == "complete"
    assert dump(database) == whole
