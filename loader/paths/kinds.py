"""The kinds of hops, read from `hops.yaml`: each declared once, for the walk, for people and for other tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from loader.access.sorts import GROUPS, SORT_OF_GROUP
from loader.services import entity_types
from loader.yaml_reader import Document, Strict

_FILE = Path(__file__).parent / "hops.yaml"
# What a hop costs: one that has to be taken up first, or takes something for granted, is a longer way.
HOP, ELIGIBLE, CONDITION, ASSUMPTION, APPROVAL, CONTAINMENT = 1.0, 1.0, 1.5, 1.0, 1.0, 0.25


# Without an identity of its own nobody gains anything by what runs in it.
_GAINS = "EXISTS { (target)-[:ACTS_AS]->() }"


def _arm_type(entity_type: str) -> str:
    known = entity_types().get(entity_type)
    return ((known.inventory or known.arm_type or "") if known else "").lower()


def _declared(entity_type: str) -> str:
    known = entity_types().get(entity_type)
    return str((known.arm_type if known else None) or "").lower()


def _wholes_of(part: str) -> Iterator[str]:
    """The types that have it, where Azure's name of its type begins with theirs."""
    for one in entity_types()[part].relationships:
        if one.is_incoming and one.verb == "HAS" and isinstance(one.other, str):
            whole = _arm_type(one.other)
            if whole and _arm_type(part).startswith(f"{whole}/"):
                yield one.other


@cache
def _wholes(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({whole for part in parts for whole in _wholes_of(part)}))


class HopKind(Strict):
    """One kind of hop. See the head of `hops.yaml` for what each field says."""

    id: str
    words: str
    cut: str
    page: str
    bloodhound: tuple[str, ...] = Field(strict=False)
    match: tuple[str, ...] = Field(default=(), strict=False)
    query: str | None = None
    capability: str | None = None
    roles: tuple[str, ...] = Field(default=(), strict=False)
    plane: Literal["azure", "directory"] = "azure"
    types: tuple[str, ...] = Field(default=(), strict=False)
    only: str | None = None
    also: str | None = None
    unless: str | None = None
    arm_type: str | None = None
    parts: tuple[str, ...] | None = Field(default=None, strict=False)
    as_whole: bool = False
    whole: bool = False
    by_table: bool = False
    sort: str | None = None
    below: bool = False
    eligible: bool = False
    assumes: str | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> HopKind:
        if sum((bool(self.match), self.query is not None, self.is_given, self.below)) != 1:
            raise ValueError("a hop has either `match`, `query`, `capability`, `roles` or `below`")
        if self.is_given and not self.whole and not self.types:
            raise ValueError("a capability says on which types it is a hop: give `types`, or `whole: true`")
        return self

    @property
    def is_given(self) -> bool:
        """Whether it follows from a role that somebody has."""
        return self.capability is not None or bool(self.roles)

    @property
    def targets(self) -> dict[str, str]:
        """To fill a query with: the labels of what it leads to, and what is asked of such a `target`."""
        return {"types": "|".join(self.types), "only": f"({self.narrowed or 'true'})"}

    @property
    def wholes(self) -> tuple[str, ...]:
        """The types of resources of which those that it leads to are parts, as an app is of its slots.

        A role that is given on a resource holds for its parts too:
        https://learn.microsoft.com/azure/role-based-access-control/scope-overview
        """
        return _wholes(self.types)

    @property
    def arm_types(self) -> tuple[str, ...]:
        """Azure's names of the types that it leads to, in lower case."""
        return (self.arm_type.lower(),) if self.arm_type else tuple(_declared(one) for one in self.types)

    def leads_into(self, part: str | None) -> bool:
        """Whether who comes by it to a resource gets at a part of that, by the part's entity type."""
        if self.parts is not None:
            return part in self.parts
        return self.below or (self.is_given and not self.as_whole)

    @property
    def narrowed(self) -> str | None:
        """What is asked of a `target` beside its entity type, where anything is."""
        asked = [self.only] if self.only else []
        if self.sort in GROUPS:
            asked.append(f"{SORT_OF_GROUP.format(group='target')} = '{self.sort}'")
        if self.arm_type:
            asked += [f"toLower(coalesce(target.resourceType, '')) = '{self.arm_type.lower()}'", _GAINS]
        return " AND ".join(f"({one})" for one in asked) or None

    @property
    def cost(self) -> float:
        """What the hop alone costs, whoever has it."""
        if self.below:
            return CONTAINMENT
        return HOP + (ASSUMPTION if self.assumes else 0) + (ELIGIBLE if self.eligible else 0)


class _File(Strict):
    hops: tuple[HopKind, ...] = Field(strict=False)


@cache
def hop_kinds() -> tuple[HopKind, ...]:
    """Every kind of hop, in the order of the file. Raises UsageError where the file is wrong."""
    document = Document(_FILE)
    kinds = document.validate(_File).hops
    seen: set[str] = set()
    for place, kind in enumerate(kinds):
        if kind.id in seen:
            raise document.error(("hops", place, "id"), f"there is a hop {kind.id!r} already")
        seen.add(kind.id)
    return kinds


def leading_to(kinds: Sequence[HopKind]) -> str:
    """Cypher for the places among `kinds` of those that lead to `target`, as a list."""
    cases = (f"CASE WHEN (target:{one.targets['types']}) AND {one.targets['only']} THEN {place} END"
             for place, one in enumerate(kinds))  # fmt: skip
    return f"[place IN [{', '.join(cases)}] WHERE place IS NOT NULL]"


@cache
def containment() -> HopKind:
    """The hop from what is taken over to what it contains."""
    return next(one for one in hop_kinds() if one.below)
