"""Gives every control of a pack its verdict: its checks are asked side by side, each once.

What was loaded is looked at once, before the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loader.coverage.coverage import Coverage
from loader.errors import UsageError
from loader.library.definitions import Check, Control, Pack, Use
from loader.library.library import Library
from loader.library.parameters import Given, bind
from loader.library.running import TIMEOUT
from loader.packs.basis import LOADED
from loader.packs.check_verdicts import evaluate_check
from loader.packs.populations import Populations
from loader.packs.results import CheckOutcome, CheckResult, ControlResult, PackResult
from loader.verdicts import Verdict

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.tier0 import Tier0

# Checks that are asked at once. The server plans and answers on all its cores; more than this few would only make each
# of them slower, and each may take no longer than its timeout.
AT_ONCE = 4

# Hears of what has been decided so far: checks asked, checks in all, and the controls that were decided just now.
Heard = Callable[[int, int, Sequence[ControlResult]], None]


@dataclass(frozen=True, slots=True)
class _Question:
    """A check with parameters: what several controls ask the same way is one question."""

    check: Check
    given: Mapping[str, Given]
    text: str

    @property
    def used(self) -> dict[str, Given]:
        """Every parameter with the value that it has here; all of a check's have defaults."""
        defaults = {name: one.default for name, one in self.check.parameters.items() if one.default is not None}
        return defaults | dict(self.given)


def evaluate_pack(
    database: Database,
    library: Library,
    pack: Pack,
    given: Mapping[str, Given] | None = None,
    *,
    timeout: float = TIMEOUT,
    coverage: Coverage | None = None,
    tier0: Tier0 | None = None,
    heard: Heard = lambda _done, _all, _controls: None,
) -> PackResult:
    """Every control of a pack, in its order. `given` sets the parameters that the pack leaves open, in all its checks.

    coverage: what was loaded, where the caller has looked at it already. tier0: what a way to which raises a finding's
    severity, by default what is shipped. heard: hears how far it is.
    Raises UsageError for a parameter that no check of the pack has, or that the pack sets itself.
    """
    given = given or {}
    _refuse_unknown(library, pack, given)
    coverage = coverage or Coverage.read(database)
    latest = database.read(
        f"{LOADED} RETURN run.id AS id, toString(run.finishedAt) AS at ORDER BY run.seq DESC LIMIT 1"
    )
    asked = _Asked(library, pack, given)
    populations = Populations(one.check for one in asked.questions.values())
    with _side_by_side() as pool:
        waiting: dict[Future[CheckResult], str] = {
            pool.submit(
                evaluate_check, database, one.check, coverage, one.given, timeout=timeout, populations=populations
            ): one.text
            for one in asked.questions.values()
        }
        heard(0, len(waiting), asked.decided())
        for done, future in enumerate(as_completed(waiting), start=1):
            asked.results[waiting[future]] = future.result()
            heard(done, len(waiting), asked.decided())
    asked.tell_meanings(database, coverage, tier0)
    return PackResult(
        pack=pack.id,
        title=pack.title,
        version=pack.version,
        source=pack.source,
        run=latest[0]["id"] if latest else None,
        at=latest[0]["at"] if latest else None,
        controls=asked.controls(),
        licence=pack.licence,
        subscriptions=dict(coverage.subscriptions),
    )


@contextmanager
def _side_by_side() -> Iterator[ThreadPoolExecutor]:
    """Threads that wait for the server. Whoever leaves early (Ctrl-C, a server that is gone) waits for none of them."""
    pool = ThreadPoolExecutor(AT_ONCE, "azgraph-check")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Asked:
    """A pack's questions, the answers that came so far, and the controls that these decide."""

    def __init__(self, library: Library, pack: Pack, given: Mapping[str, Given]) -> None:
        self._library, self._pack, self._given = library, pack, given
        self.results: dict[str, CheckResult] = {}
        self._open = {
            control.id: (place, control, [self._question(use) for use in control.uses])
            for place, control in self._all()
        }
        self.questions: dict[str, _Question] = {}
        for _, _, questions in self._open.values():
            for one in questions:
                self.questions.setdefault(one.text, one)
        self._decided: dict[str, ControlResult] = {}

    def _all(self) -> Iterator[tuple[tuple[str, str], Control]]:
        """Each control with the headings of its chapter and its section."""
        for place, section, control in self._pack.places():
            yield (self._pack.lineage(place)[0].heading, section.heading), control

    def _question(self, use: Use) -> _Question:
        check = self._library.check(use.check)
        own = {key: value for key, value in self._given.items() if key in check.parameters} | use.parameters
        bound = bind(f"The check {check.id}", check.parameters, own)
        return _Question(check, own, f"{check.id} {sorted(bound.items())}")

    def decided(self) -> list[ControlResult]:
        """The controls whose last answer has come since this was asked the last time."""
        ready = [name for name, one in self._open.items() if all(asked.text in self.results for asked in one[2])]
        found = [self._result(*self._open.pop(name)) for name in ready]
        self._decided |= {one.id: one for one in found}
        return found

    def controls(self) -> list[ControlResult]:
        """All controls, in the order of the pack."""
        return [self._decided[control.id] for _, control in self._pack.controls()]

    def tell_meanings(self, database: Database, coverage: Coverage, tier0: Tier0 | None) -> None:
        """Raises the findings that mean more where their resource stands, once all checks have answered."""
        from loader.packs.meaning import Meanings
        from loader.tier0 import declared

        meanings = Meanings(database, coverage, self.results.values(), tier0 or declared(()).tier0)
        for name, control in self._decided.items():
            checks = [replace(one, resources=meanings.told(one.severity, one.resources)) for one in control.checks]
            self._decided[name] = replace(control, checks=checks)

    def _result(self, place: tuple[str, str], control: Control, questions: Sequence[_Question]) -> ControlResult:
        outcomes = [
            _outcome(question, use, self.results[question.text])
            for question, use in zip(questions, control.uses, strict=True)
        ]
        bare = _control(self._pack, place, control)
        return bare.judged(outcomes) if outcomes else bare


def refuse_wrong(library: Library, pack: Pack, given: Mapping[str, Given]) -> None:
    """Raises UsageError for parameters that `evaluate_pack` would refuse; asks no database."""
    _refuse_unknown(library, pack, given)
    _Asked(library, pack, given)


def _refuse_unknown(library: Library, pack: Pack, given: Mapping[str, Given]) -> None:
    uses = [(use, library.check(use.check)) for _, control in pack.controls() for use in control.uses]
    known = {name for use, check in uses for name in check.parameters if name not in use.parameters}
    unknown = [name for name in given if name not in known]
    if unknown:
        listed = ", ".join(sorted(known)) or "none"
        raise UsageError(f"No check of {pack.id} has a parameter {unknown[0]!r} to set. They have: {listed}.")


def _outcome(question: _Question, use: Use, result: CheckResult) -> CheckOutcome:
    check = question.check
    return CheckOutcome(
        id=check.id,
        title=check.title,
        severity=check.severity,
        verdict=result.verdict,
        reason=result.reason,
        resources=result.resources,
        remediation=check.remediation,
        references=check.references,
        settings=use.parameters,
        used=question.used,
    )


def _control(pack: Pack, place: tuple[str, str], control: Control) -> ControlResult:
    """A control before any check has said something: what it is without them."""
    chapter, section = place
    return ControlResult(
        id=control.id,
        title=control.title,
        section=section,
        level=control.level,
        verdict=Verdict.MANUAL if control.manual else Verdict.NOT_EVALUATED,
        reason=control.manual or f"There is no check for this control yet; it would read {control.pending}",
        remains=control.remains,
        meanings={str(verdict): meaning for verdict, meaning in pack.meanings.items()},
        chapter=chapter,
    )
