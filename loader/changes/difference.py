"""The net difference between two moments: what was undone in between is none.

The runs' changes are added up, entity by entity: a property has the value before the first change and that after the
last; what was created and deleted again is not there, nor was; who left a group and came back never left. An entity
that went and came back is told as created.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from loader.changes.reading import ChangeRow

_OPPOSITE = {"linked": "unlinked", "unlinked": "linked"}


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different at the end of a span. changes: one for each entity that came or went, and for each property
    and relationship of the others; passing: how many entities came and went in between.
    """

    changes: list[ChangeRow]
    passing: int

    @property
    def counts(self) -> dict[str, int]:
        """How many of each operation."""
        return dict(Counter(one.op for one in self.changes))


@dataclass(slots=True)
class _Story:
    """What happened to one entity, oldest first. first, last: that it came or went, for the first and the last time."""

    first: ChangeRow | None = None
    last: ChangeRow | None = None
    paths: dict[str, list[ChangeRow]] = field(default_factory=dict)
    links: dict[str, ChangeRow] = field(default_factory=dict)

    def take(self, change: ChangeRow) -> None:
        if change.op in ("created", "deleted"):
            self.first, self.last = self.first or change, change
            return
        if change.op == "updated":
            self.paths.setdefault(change.path, []).append(change)
        elif self.links.get(change.path, change).op == _OPPOSITE[change.op]:
            del self.links[change.path]
        else:
            self.links[change.path] = change

    @property
    def passed(self) -> bool:
        return self.first is not None and self.last is not None and (self.first.op, self.last.op) == (
            "created", "deleted",
        )  # fmt: skip

    def net(self) -> Iterator[ChangeRow]:
        if self.passed:
            return
        if self.last is not None:
            # Who was there, went and came back is new: what it had before was not kept whole.
            yield self.last
            return
        for steps in self.paths.values():
            if steps[0].before != steps[-1].after:
                yield _together(steps)
        yield from self.links.values()


def _together(steps: list[ChangeRow]) -> ChangeRow:
    """Several changes of one property as one, oldest first: where not one alone made them all, all who did are told."""
    first, last = steps[0], steps[-1]
    if len({(one.actor_id, one.candidates) for one in steps}) == 1:
        return replace(last, before=first.before)
    makers = sorted({name for one in steps for name in ([one.actor] if one.actor else one.candidates)})
    nobody = ChangeRow(last.run, last.at, last.op, last.type, last.name, last.key, last.path, first.before, last.after)
    return replace(nobody, candidates=tuple(makers))


def difference(changes: Iterable[ChangeRow]) -> Difference:
    """The net difference that changes of several runs make; sorted by type, name and path."""
    stories: dict[str, _Story] = {}
    for change in sorted(changes, key=lambda one: one.run):
        stories.setdefault(change.key, _Story()).take(change)
    net = [change for story in stories.values() for change in story.net()]
    net.sort(key=lambda one: (one.type, one.name, one.key, one.op, one.path))
    return Difference(net, sum(story.passed for story in stories.values()))
