"""Which steps a run takes, and where: in the tenant once, or in each subscription."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from loader.model import Embedded, EntityType
from loader.services import in_each_subscription, parents_of


@dataclass(frozen=True)
class Plan:
    """The declared types sorted by where they are fetched. `types` are those chosen for the run."""

    types: Mapping[str, EntityType]

    @cached_property
    def tenant(self) -> tuple[EntityType, ...]:
        """Types fetched once for the tenant, in declared order."""
        return tuple(one for one in self._fetched if not in_each_subscription(one))

    @cached_property
    def subscription(self) -> tuple[EntityType, ...]:
        """Types fetched in each subscription, in declared order."""
        return tuple(one for one in self._fetched if in_each_subscription(one))

    @cached_property
    def parts(self) -> Mapping[str, tuple[EntityType, ...]]:
        """For each type, the types embedded in its answers."""
        found: dict[str, list[EntityType]] = {}
        for one in self.types.values():
            if isinstance(one.fetch, Embedded):
                found.setdefault(one.fetch.parent, []).append(one)
        return {name: tuple(parts) for name, parts in found.items()}

    @cached_property
    def needed_by_children(self) -> frozenset[str]:
        """Types whose answers must be kept until their children are fetched."""
        return frozenset(
            parent for one in self.types.values() if not isinstance(one.fetch, Embedded) for parent in parents_of(one)
        )

    @property
    def steps_in_tenant(self) -> int:
        """How many steps will be told of the tenant: types, those embedded in them, details."""
        return sum(self._steps_of(one) for one in self.tenant)

    @property
    def steps_in_subscription(self) -> int:
        """How many steps will be told of each subscription."""
        return sum(self._steps_of(one) for one in self.subscription)

    def steps_of(self, types: Iterable[EntityType]) -> list[str]:
        """The names of the steps that will be told of these types in an area."""
        names: list[str] = []
        for one in types:
            names += [one.type, *(part.type for part in self.parts.get(one.type, ()))]
            names += [f"{one.type}.{detail.name}" for detail in one.details]
        return names

    def _steps_of(self, one: EntityType) -> int:
        return 1 + len(one.details) + len(self.parts.get(one.type, ()))

    @property
    def _fetched(self) -> tuple[EntityType, ...]:
        """Types with a call of their own."""
        return tuple(one for one in self.types.values() if not isinstance(one.fetch, Embedded | None))
