"""From when on a change can have happened: since what it was found in was last read whole, its details too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loader.graph.actors import ActorBook
from loader.graph.bookkeeping import ScopeState

RUN_1, RUN_2, RUN_3 = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))
MARGIN = timedelta(minutes=5)


class Rows:
    """In place of the graph: one change, and when runs began."""

    def __init__(self, scope: str) -> None:
        self._scope = scope

    def read(self, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        if "SyncRun" in query:
            began = {1: RUN_1, 2: RUN_2, 3: RUN_3}
            return [{"seq": seq, "at": began[seq]} for seq in parameters["seqs"] if seq in began]
        return [{"id": "c", "op": "updated", "key": "k", "type": "t", "path": "p", "scope": self._scope}]


def state(
    step: str, read: int | None, whole: int | None, *incomplete: str, older: datetime | None = None
) -> ScopeState:
    incompletes = frozenset(incomplete)
    return ScopeState(step, "s", evaluated=True, read=read, whole=whole, incomplete=incompletes, older_at=older)


@pytest.mark.parametrize(
    ("scope", "states", "since"),
    [
        ("t|s|", [state("t", 3, 3)], RUN_3),
        # Run 3 did not read the list: what it sees now may have changed after run 2.
        ("t|s|", [state("t", 2, 2)], RUN_2),
        # Of one vault the keys were not read, of the others they were.
        ("t|s|vault-1", [state("t", 3, 1, "vault-1")], RUN_1),
        ("t|s|vault-2", [state("t", 3, 1, "vault-1")], RUN_3),
        # A detail that was refused since run 1 may tell now what changed long ago.
        ("t|s|", [state("t", 3, 3), state("t.detail", 1, 1)], RUN_1),
        ("t|s|", [state("t", 3, 3), state("t.detail", None, None)], RUN_3),
        ("t|s|", [state("t", 3, 3), state("tt.detail", 1, 1)], RUN_3),
        # Run 3 left some of it at an older age.
        ("t|s|vault-1", [state("t", 3, 3, older=RUN_1)], RUN_1),
        ("t|s|", [state("t", 3, 3), state("t.detail", 3, 3, older=RUN_2)], RUN_2),
        ("t|s|", [state("t", 3, 3), state("u", 3, 3, older=RUN_1)], RUN_3),
        # Never read whole, never heard of, or so long ago that the run is forgotten: nobody knows.
        ("t|s|", [state("t", None, None)], None),
        ("t|s|", [], None),
        ("", [], None),
        ("t|s|", [state("t", 0, 0)], None),
    ],
)
def test_since_when_a_change_can_have_happened(scope: str, states: list[ScopeState], since: datetime | None) -> None:
    book = ActorBook(Rows(scope), None, 4, {one.id: one for one in states})  # type: ignore[arg-type]
    assert book.changes()[0].since == (since - MARGIN if since else None)
