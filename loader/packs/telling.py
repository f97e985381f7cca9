"""Makes a pack's result tell what of it is not as shipped, in every format."""

from __future__ import annotations

from dataclasses import replace

from loader.library.definitions import Control, Pack
from loader.library.library import Library
from loader.library.overridden import Overridden
from loader.packs.results import ControlResult, PackResult


def tell_overridden(result: PackResult, pack: Pack, library: Library) -> PackResult:
    """The result with what was overridden of its controls and their checks, which the reasons then say too.

    The last thing to be done with a result: exceptions word the reasons anew.
    """
    controls = {control.id: control for _, control in pack.controls()}
    told = [_tell(one, _overridden(controls[one.id], library)) for one in result.controls]
    source = " ".join([result.source, *(f"({one.sentence})" for one in pack.overridden)])
    return replace(result, controls=told, source=source)


def _overridden(control: Control, library: Library) -> tuple[Overridden, ...]:
    of_checks = [one for use in control.uses for one in library.check(use.check).overridden]
    return (*control.overridden, *{one.of: one for one in of_checks}.values())


def _tell(result: ControlResult, overridden: tuple[Overridden, ...]) -> ControlResult:
    reason = " ".join([result.reason, *(one.sentence for one in overridden)])
    return replace(result, reason=reason, overridden=overridden)
