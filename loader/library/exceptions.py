"""The file of exceptions: failing resources that somebody has accepted, with a reason, an owner and a last day.

It is YAML, as `docs/reports.md` describes it. What one does to a pack's result stands in `packs/exceptions.py`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from loader.library.definitions import Id, Text
from loader.library.library import Library
from loader.library.vanished import Tell, VanishedError, passing_over
from loader.nearest import nearest
from loader.yaml_reader import Document, Strict


class ResourceException(Strict):
    """Accepts that some resources fail: a check wherever it is used, one control of a pack, or all of a pack.

    resources: their keys exactly as the reports print them. expires: the last day it holds (UTC).
    """

    check: Id | None = None
    pack: Id | None = None
    control: Text | None = None
    resources: Annotated[list[Text], Field(min_length=1)]
    reason: Text
    owner: Text
    expires: date

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if self.check is not None and self.control is not None:
            raise ValueError("an exception names a check or a control, not both")
        if self.control is not None and self.pack is None:
            raise ValueError("an exception for a control names its pack too")
        if self.check is None and self.pack is None:
            raise ValueError("an exception names a check, or a pack, or a pack and a control of it")
        return self

    @property
    def about(self) -> str:
        """What it is for, as people read it."""
        thing = f"check {self.check}" if self.check else f"control {self.control}" if self.control else "every control"
        return f"{thing} of {self.pack}" if self.pack else thing

    def covers(self, pack: str, control: str, check: str) -> bool:
        """Whether it is about this check of this control of this pack, all by their ids."""
        return self.pack in (None, pack) and self.control in (None, control) and self.check in (None, check)


class _File(Strict):
    """The file: one key, so that the format can grow."""

    exceptions: list[ResourceException]


def load_exceptions(path: Path, library: Library, tell: Tell | None = None) -> list[ResourceException]:
    """The exceptions of a file. tell: hears of those for what does not exist, which are passed over.

    Raises UsageError with file, line and reason for the first thing that is wrong; without `tell` for those too.
    """
    document = Document(path)
    found = document.validate(_File).exceptions
    seen: set[tuple[str | None, ...]] = set()
    kept = []
    for index, one in enumerate(found):
        place = ("exceptions", index)
        with passing_over(tell, "The exception"):
            _refuse_vanished(document, place, one, library)
            kept.append(one)
        for number, key in enumerate(one.resources):
            target = (one.check, one.pack, one.control, key)
            if target in seen:
                raise document.error((*place, "resources", number), f"{key!r} has an exception for {one.about} already")
            seen.add(target)
    return kept


def _refuse_vanished(document: Document, place: tuple[str, int], one: ResourceException, library: Library) -> None:
    """Refuses what is for a check, a pack or a control that does not exist."""
    controls = {control.id for _, control in library.packs[one.pack].controls()} if one.pack in library.packs else set()
    for name, value, known, of in (
        ("check", one.check, library.checks, ""),
        ("pack", one.pack, library.packs, ""),
        ("control", one.control, controls, f" of {one.pack}"),
    ):
        if value is not None and value not in known:
            near = nearest(value, known)
            hint = f"; perhaps {', '.join(near)}" if near else ""
            raise VanishedError(str(document.error((*place, name), f"there is no {name} {value!r}{of}{hint}")))
