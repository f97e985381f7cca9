"""Batches of one run: new records are created, known ones updated, and what turns out to be the other goes over."""

from __future__ import annotations

from collections.abc import Collection

from loader.graph.create import Creator
from loader.graph.rows import Pending
from loader.graph.scope_log import Opening
from loader.graph.update import Updater


class Batches:
    """Where steps send their records. Safe for threads, each key from one of them at a time.

    openings: what the run says of these steps in the transaction of the first records that it writes of them.
    """

    def __init__(self, creator: Creator, updater: Updater) -> None:
        self._creator, self._updater = creator, updater

    def create(self, batch: list[Pending], openings: Collection[Opening] = ()) -> list[Pending]:
        """Writes records that are not stored in their scope; gives back those that stand in another one."""
        moved, again = self._creator.create(batch, openings)
        if again:
            self._updater.update(again)
        return moved

    def update(self, batch: list[Pending], openings: Collection[Opening] = ()) -> None:
        """Writes the differences of records that are stored."""
        missing = self._updater.update(batch, openings)
        if missing:
            self.create(missing)
