"""The members of checks' populations. Many checks are about the same type, whose members are then asked for once.

Planning a text takes a server longer than answering it, so checks about a type share one text as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from loader.library.closed import closed_properties
from loader.library.definitions import Check
from loader.packs.known_values import columns
from loader.packs.rows import Row

# The rows of a text, or why there are none.
Answer = tuple[Sequence[Row], str | None]


class Populations:
    """What the checks of one evaluation are about; the threads that ask may be several."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._closed: dict[tuple[str, ...], set[str]] = {}
        self._known: dict[str, Answer] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()
        for check in checks:
            self._closed.setdefault(tuple(check.resource), set()).update(closed_properties(check))

    def of(self, check: Check, ask: Callable[[str], Answer]) -> Answer:
        """The members of a check's population, with the values of what it compares.

        ask: asks the text of the graph; once for all checks about all entities of the same types. What failed is not
        kept: it is told of the check that asked.
        """
        if check.population is not None:
            return ask(check.population_cypher + columns(closed_properties(check)))
        text = check.population_cypher + columns(self._closed.get(tuple(check.resource), ()))
        with self._lock:
            one_asks = self._locks.setdefault(text, Lock())
        with one_asks:
            answer = self._known.get(text)
            if answer is None:
                answer = ask(text)
                if answer[1] is None:
                    self._known[text] = answer
            return answer
