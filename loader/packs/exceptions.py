"""Exceptions: failing resources that somebody has accepted, with a reason, an owner and a last day.

They are a YAML file, as `docs/reports.md` describes it. An exception hides nothing: its resources stay in every report
as `excepted`, and one that has expired or matches nothing is told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from loader.packs.definitions import Id, Text
from loader.packs.library import Library
from loader.packs.results import CheckOutcome, ControlResult, PackResult, ResourceResult, Verdict, verdict_over
from loader.packs.yaml_reader import Document, Strict


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

    def covers(self, pack: str, control: ControlResult, check: CheckOutcome) -> bool:
        """Whether it is about this check of this control."""
        return self.pack in (None, pack) and self.control in (None, control.id) and self.check in (None, check.id)


class _File(Strict):
    """The file: one key, so that the format can grow."""

    exceptions: list[ResourceException]


class ExceptionState(StrEnum):
    """What became of an exception in a pack. UNUSED: its resources are there, and none of them fails."""

    USED = "used"
    EXPIRED = "expired"
    UNMATCHED = "unmatched"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class ExceptionUse:
    """An exception with what became of it in one pack. note: a sentence for those whose state needs one."""

    exception: ResourceException
    state: ExceptionState
    resources: int
    note: str = ""


def load_exceptions(path: Path, library: Library) -> list[ResourceException]:
    """The exceptions of a file. Raises UsageError with file, line and reason for the first thing that is wrong."""
    document = Document(path)
    found = document.validate(_File).exceptions
    seen: set[tuple[str | None, ...]] = set()
    for index, one in enumerate(found):
        place = ("exceptions", index)
        if one.check is not None and one.check not in library.checks:
            raise document.error((*place, "check"), f"there is no check {one.check!r}")
        if one.pack is not None and one.pack not in library.packs:
            raise document.error((*place, "pack"), f"there is no pack {one.pack!r}; `azgraph check --list` has them")
        controls = [control for _, control in library.packs[one.pack].controls()] if one.pack else []
        if one.control is not None and one.control not in {control.id for control in controls}:
            raise document.error((*place, "control"), f"{one.pack} has no control {one.control!r}")
        for number, key in enumerate(one.resources):
            target = (one.check, one.pack, one.control, key)
            if target in seen:
                raise document.error((*place, "resources", number), f"{key!r} has an exception for {one.about} already")
            seen.add(target)
    return found


def apply_exceptions(result: PackResult, exceptions: Iterable[ResourceException], today: date) -> PackResult:
    """The result with the failing resources of exceptions marked `excepted`; expired exceptions mark nothing.

    Passing resources stay passing, and what could not be evaluated stays so: nobody accepts what nobody has seen.
    A control with no failing resource left, and with an excepted one, is itself `excepted`, never `pass`.
    """
    checks = {check.id for control in result.controls for check in control.checks}
    relevant = [one for one in exceptions if one.pack in (None, result.pack) and one.check in (None, *checks)]
    valid = [one for one in relevant if one.expires >= today]
    controls = [_mark(result.pack, control, valid) for control in result.controls]
    uses = [_use(result.pack, one, controls, expired=one.expires < today) for one in relevant]
    return replace(result, controls=controls, exceptions=uses)


def _mark(pack: str, control: ControlResult, exceptions: Sequence[ResourceException]) -> ControlResult:
    marked = [_mark_check(pack, control, check, exceptions) for check in control.checks]
    return control.judged(marked) if marked != control.checks else control


def _mark_check(
    pack: str, control: ControlResult, check: CheckOutcome, exceptions: Sequence[ResourceException]
) -> CheckOutcome:
    by_key = {key: one for one in reversed(exceptions) if one.covers(pack, control, check) for key in one.resources}
    if not any(one.verdict is Verdict.FAIL and one.key in by_key for one in check.resources):
        return check
    marked = [
        replace(one, verdict=Verdict.EXCEPTED, exception=by_key[one.key])
        if one.verdict is Verdict.FAIL and one.key in by_key
        else one
        for one in check.resources
    ]
    verdict, reason = verdict_over(marked)
    ordered = sorted(marked, key=lambda one: one.verdict.rank)
    return replace(check, resources=ordered, verdict=verdict, reason=reason)


def _use(pack: str, one: ResourceException, controls: Sequence[ControlResult], *, expired: bool) -> ExceptionUse:
    keys = set(one.resources)
    inside = [
        resource
        for control in controls
        for check in control.checks
        if one.covers(pack, control, check)
        for resource in check.resources
    ]
    matched = [resource for resource in inside if resource.key in keys]
    failing = {resource.key for resource in matched if resource.verdict is Verdict.FAIL}
    if expired:
        still = f"; {len(failing)} of its resources fail" if failing else ""
        return ExceptionUse(one, ExceptionState.EXPIRED, len(failing), f"It expired on {one.expires}{still}.")
    used = {resource.key for resource in matched if resource.exception is one}
    missing = sorted(keys - {resource.key for resource in matched})
    note = _missing(missing, inside) if missing else ""
    if used:
        return ExceptionUse(one, ExceptionState.USED, len(used), note)
    if matched:
        quiet = "None of its resources fails, or another exception holds for them."
        return ExceptionUse(one, ExceptionState.UNUSED, 0, f"{quiet} {note}".rstrip())
    return ExceptionUse(one, ExceptionState.UNMATCHED, 0, note)


def _missing(missing: list[str], inside: Iterable[ResourceResult]) -> str:
    """Names a key that matches nothing, and the one that was perhaps meant: keys are spelled in lower case."""
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    near = next((one.key for one in inside if one.key.lower() == missing[0].lower()), None)
    hint = f" Did you mean {near!r}?" if near else ""
    return f"No such resource is checked: {missing[0]!r}{more}.{hint}"
