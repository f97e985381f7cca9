"""What exceptions do to a pack's result. An exception hides nothing: its resources stay in every report as `excepted`,
and one that has expired or matches nothing is told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from loader.library.exceptions import ResourceException
from loader.packs.results import (
    CheckOutcome,
    ControlResult,
    ExceptionState,
    ExceptionUse,
    PackResult,
    ResourceResult,
    verdict_over,
)
from loader.verdicts import Verdict


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
    covering = [one for one in reversed(exceptions) if one.covers(pack, control.id, check.id)]
    by_key = {key: one for one in covering for key in one.resources}
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
        if one.covers(pack, control.id, check.id)
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
