"""Batches of one run: new records are created, known ones updated, and what turns out to be the other goes over."""

from __future__ import annotations

from loader.graph.create import Creator
from loader.graph.rows import Pending
from loader.graph.update import Updater


class Batches:
    """Where steps send their records. Safe for threads, each key from one of them at a time."""

    def __init__(self, creator: Creator, updater: Updater) -> None:
        self._creator, self._updater = creator, updater

    def create(self, batch: list[Pending]) -> list[Pending]:
        """Writes records that are not stored in their scope; gives back those that stand in another one."""
        moved, again = self._creator.create(batch)
        if again:
            self._updater.update(again)
        return moved

    def update(self, batch: list[Pending]) -> None:
        """Writes the differences of records that are stored."""
        missing = self._updater.update(batch)
        if missing:
            self.create(missing)
