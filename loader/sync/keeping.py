"""Leaving parts of a step as the graph has them, where they need not be read again in this run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping

from loader.graph.readings import NOT_OLDER, Older, Reading
from loader.model import Json, Outcome
from loader.services.refreshable import refreshable
from loader.shapes import Missing
from loader.sync.freshness import Fresh
from loader.sync.reading import is_due, key_of
from loader.sync.report import believed
from loader.sync.sink import Sink
from loader.sync.step import Step
from loader.sync.sweep import INVENTORY

# Hears of each step of an area what was read whole in this run, and of which resources it was left as it is.
Took = Callable[[str, str, Mapping[str, Reading], Collection[str]], None]


class Keeper:
    """What is kept in one area. fresh: None where everything is read. steps: the area's, of which the inventory is
    waited for where it is among them.
    """

    def __init__(
        self, area: str, fresh: Fresh | None, took: Took | None, steps: Mapping[str, Awaitable[object]]
    ) -> None:
        self._area, self._fresh, self._took, self._steps = area, fresh, took, steps

    async def keeps(self, step: Step, scope: str, parent: Json) -> bool:
        """Whether the list of a parent is left as it is; the step is told."""
        name, fresh = step.entity_type.type, self._fresh
        if fresh is None or not fresh.is_about(name):
            return False
        await self._swept()
        since = fresh.kept_since(name, scope, parent, stored=step.sink.stored_in(scope))
        if since is None:
            step.met[scope] = set()
            return False
        fresh.keep(name, scope, since)
        step.sink.keep(scope, since)
        return True

    def spare(self, step: Step, scope: str) -> None:
        """Notes nothing of the list of a parent: it was kept, or not asked since the inventory knows of none, which may
        lag behind.
        """
        step.met.pop(scope, None)

    def read(self, step: Step, scope: str, parent: Json) -> None:
        """Notes that the list of a parent was read; where it was not read whole, that is forgotten."""
        met = step.met.pop(scope, None)
        if self._fresh is not None and met is not None and step.outcomes[scope].whole:
            self._fresh.note(step.entity_type.type, scope, parent, len(met))

    async def details(self, step: Step, answer: Json) -> Mapping[str, Missing]:
        """The details of an entity that are left as they are, by name, as what stands for their answers."""
        name, fresh, key = step.entity_type.type, self._fresh, key_of(step.entity_type, answer)
        due = [one.name for one in step.entity_type.details if is_due(one.call, answer)] if fresh is not None else []
        due = [one for one in due if fresh is not None and fresh.is_about(f"{name}.{one}")]
        if fresh is None or not due:
            return {}
        await self._swept()
        since = {f"{name}.{one}": fresh.kept_since(f"{name}.{one}", key, answer) for one in due}
        kept: dict[str, Missing] = {}
        for one in due:
            at = since[f"{name}.{one}"]
            # What is told together is of one age.
            if at is not None and all(since.get(other, at) for other in refreshable()[f"{name}.{one}"]):
                fresh.keep(f"{name}.{one}", key, at)
                step.details.setdefault(one, {})[key] = Outcome()
                kept[one] = Missing(Outcome(), at)
        return kept

    def read_detail(self, step: Step, detail: str, answer: Json) -> None:
        """Notes that a detail of an entity was read, as far as it was read whole."""
        name, key = f"{step.entity_type.type}.{detail}", key_of(step.entity_type, answer)
        if self._fresh is not None and self._fresh.is_about(name) and step.details[detail][key].whole:
            self._fresh.note(name, key, answer)

    async def _swept(self) -> None:
        if INVENTORY in self._steps:
            await self._steps[INVENTORY]

    def believed(self, step: str, outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
        """As `believed`, of what was asked: what was kept is no witness for what was not."""
        kept = self._fresh.kept.get(step, {}) if self._fresh is not None else {}
        asked = {key: one for key, one in outcomes.items() if key not in kept}
        return {**outcomes, **believed(asked)}

    def older(self, step: str) -> Older:
        """What of a step was kept; hands on what was taken of it."""
        fresh = self._fresh
        kept = fresh.kept.get(step, {}) if fresh is not None else {}
        if self._took is not None:
            self._took(step, self._area, fresh.read.get(step, {}) if fresh is not None else {}, kept)
        return Older.of(kept.values()) if kept else NOT_OLDER


def older_in(sink: Sink) -> Older:
    """What was kept of the entities that a detail tells."""
    return Older.of(sink.kept.values())
