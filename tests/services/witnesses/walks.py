"""Walking a declared path along the models of the answers that it is read of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from loader.model import Embedded, EntityType
from loader.services import entity_types
from tests.services.witnesses.answers import answer_of, model_named, step_into
from tests.services.witnesses.reads import Path
from tests.services.witnesses.shapes import SCALAR, Shape

# Names that stand for what the SDKs' generic calls answer: type or type.detail → the model that has the fields.
Models = Mapping[str, str]


class Walker:
    """Knows the shape of each entity type's answer, with its details and its parents."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def start(self, declared: EntityType) -> Shape:
        """The shape of one answer of the type."""
        if declared.type in self._models:
            return model_named(self._models[declared.type])
        if isinstance(declared.fetch, Embedded):
            places = [tuple(place.strip().split(".")) for place in declared.fetch.at.split("|")]
            found = [self.walk(parent, place)[0] for parent in parents_of(declared) for place in places]
            known = next((shape for shape in found if shape is not None), None)
            assert known is not None, f"{declared.fetch.at} is not in the answer of its parent"
            return known
        assert declared.fetch is not None
        return answer_of(declared.fetch)

    def walk(self, declared: EntityType, path: Path) -> tuple[Shape | None, Path]:
        """The shape at the path's end and (), or none and how far to follow it to the first step no model knows."""
        if path[0] == "@parent":
            return self._along_parents(declared, path)
        if path[0].startswith("$"):
            return _along(self._detail(declared, path[0][1:]), path, 1)
        # The runner adds the rest of the names with an @; Graph's own are of the model.
        return (SCALAR, ()) if _added(path[0]) else _along(self.start(declared), path, 0)

    def _along_parents(self, declared: EntityType, path: Path) -> tuple[Shape | None, Path]:
        if len(path) == 1:
            return SCALAR, ()
        ways = [self.walk(parent, path[1:]) for parent in parents_of(declared)]
        found = next((way for way in ways if way[0] is not None), ways[0])
        return found[0], ("@parent", *found[1]) if found[1] else ()

    def _detail(self, declared: EntityType, name: str) -> Shape:
        known = f"{declared.type}.{name}"
        detail = next(one for one in declared.details if one.name == name)
        shape = model_named(self._models[known]) if known in self._models else answer_of(detail.call)
        listed = Shape("list", item=shape)
        return Shape("list answer", lambda: {"value": listed}) if detail.many else shape


def parents_of(declared: EntityType) -> Iterator[EntityType]:
    """The entity types that the type's call is made for, or whose answer it is a part of."""
    if declared.fetch is None or declared.fetch.parent is None:
        return
    named = declared.fetch.parent
    for name in (named,) if isinstance(named, str) else named:
        yield entity_types()[name]


def _added(step: str) -> bool:
    return step.startswith("@") and not step.startswith("@odata.")


def _along(shape: Shape | None, path: Path, start: int) -> tuple[Shape | None, Path]:
    for at in range(start, len(path)):
        shape = step_into(shape, path[at]) if shape is not None else None
        if shape is None:
            return None, (*path[:at], path[at].removesuffix("[]"))
        if shape.open and at + 1 < len(path):
            return None, path
    return shape, ()


def unknown_steps(walker: Walker, declared: EntityType, paths: Iterable[Path]) -> set[str]:
    """Of each path that the models do not know whole, the part up to the first step they do not know."""
    return {".".join(missing) for path in paths if (missing := walker.walk(declared, path)[1])}
