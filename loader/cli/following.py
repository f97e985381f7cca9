"""How far a sync is, as it goes on: a live display on a terminal, plain lines elsewhere, or lines of JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loader.areas import TENANT
from loader.cli.common import log_is_json, say, tell
from loader.outcomes import Status
from loader.visible import one_line

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from loader.sync import StepReport
    from loader.sync.progress import Traffic

# Seconds between two lines about the whole, where nothing is drawn.
_EVERY = 15.0
# Areas under way that a display names.
_AREAS = 6
# So much of a run must be done before anything is said of what is left.
_TOLD_FROM_STEPS, _TOLD_FROM_CALLS = 0.25, 0.05
# Calls a second are those of so many seconds.
_LATELY = 10.0
# Python computes on one core at a time: from this share of it on, the processor is what the run waits for.
_BUSY = 0.85


@dataclass(slots=True)
class _Area:
    name: str
    all: int
    done: int = 0
    entities: int = 0


@dataclass(slots=True)
class Following:
    """Hears a run, step by step, and knows how far it is. It is a run's `Progress` and its `Watch`.

    lines: whether each step is told in a line of its own; otherwise somebody draws this.
    """

    lines: bool = True
    clock: Any = time.monotonic
    processor: Any = time.process_time
    areas: dict[str, _Area] = field(default_factory=dict)
    entities: int = 0
    done: int = 0
    not_loaded: int = 0
    _traffic: Traffic | None = None
    _expected: int = 0
    _began: float | None = None
    _told: float = 0.0
    _lately: list[tuple[float, int, float]] = field(default_factory=list)
    _writes_wait: Callable[[], bool] = bool

    def planned(
        self,
        traffic: Traffic,
        tenant: int,
        subscriptions: Mapping[str, int],
        names: Mapping[str, str],
        calls: int = 0,
        writes_wait: Callable[[], bool] = bool,
    ) -> None:
        """What is going to be done: the number of steps of the tenant and of each subscription."""
        self._traffic, self._expected, self._writes_wait = traffic, calls, writes_wait
        self._began = self._told = self.clock()
        self._lately = [(self._began, self.calls, self.processor())]
        self.areas = {TENANT: _Area("the tenant", tenant)}
        self.areas |= {one: _Area(one_line(names.get(one, one)), steps) for one, steps in subscriptions.items()}
        if log_is_json():
            tell("planned", subscriptions=len(subscriptions), steps=self.all)

    def __call__(self, step: StepReport) -> None:
        """One step has ended."""
        area = self.areas.get(step.scope)
        if area is not None:
            area.done += 1
            self.done += 1
            area.entities += step.entities if "." not in step.name else 0
        if "." not in step.name:
            self.entities += step.entities
        loud = step.status is not Status.COMPLETE and step.quiet is None
        self.not_loaded += loud
        if log_is_json():
            tell(
                "step", step=step.name, area=step.scope, status=str(step.status), quiet=step.quiet and str(step.quiet),
                entities=step.entities, calls=step.calls, seconds=round(step.seconds, 3), reason=step.reason,
            )  # fmt: skip
        elif self.lines:
            _say_step(step, loud=loud)
        self._tell_whole()

    @property
    def all(self) -> int:
        """How many steps the run takes, as far as they are known beforehand."""
        return sum(one.all for one in self.areas.values())

    @property
    def seconds(self) -> float:
        """Since the first step could begin."""
        return 0.0 if self._began is None else self.clock() - self._began

    @property
    def calls(self) -> int:
        """Requests sent so far."""
        return self._traffic.calls if self._traffic is not None else 0

    @property
    def calls_a_second(self) -> float:
        """Over the last seconds."""
        return self._a_second()[0]

    def _a_second(self) -> tuple[float, float]:
        """Calls, and seconds of the processor, in each of the last seconds."""
        now, calls, processor = self.clock(), self.calls, self.processor()
        self._lately.append((now, calls, processor))
        while len(self._lately) > 2 and now - self._lately[0][0] > _LATELY:
            self._lately.pop(0)
        since, calls_before, processor_before = self._lately[0]
        seconds = now - since
        if seconds <= 0:
            return 0.0, 0.0
        return (calls - calls_before) / seconds, (processor - processor_before) / seconds

    @property
    def bound_by(self) -> str:
        """What the run waits for, as far as the last seconds tell: it can be no faster than that."""
        if self.waits:
            return "Azure's limits"
        if self._writes_wait():
            return "Neo4j"
        return "this machine's processor" if self._a_second()[1] >= _BUSY else "Azure's answers"

    @property
    def seconds_left(self) -> float | None:
        """What is left, if it goes on like this; None where that cannot be said yet.

        By the calls of the run before, where there was one: steps end in bunches, and tell little in between.
        """
        done, everything, enough = self.done, self.all, _TOLD_FROM_STEPS
        if self._expected:
            done, everything, enough = self.calls, max(self._expected, self.calls), _TOLD_FROM_CALLS
        if not done or done < everything * enough:
            return None
        return self.seconds / done * (everything - done)

    @property
    def waits(self) -> list[str]:
        """What Azure lets nobody through for now, and for how long."""
        waiting = self._traffic.waiting if self._traffic is not None else {}
        return [f"{name} lets nothing through for {left:.0f} s" for name, left in waiting.items()]

    def words(self) -> str:
        """All of it in one line."""
        parts = [f"{self.done:,} of {self.all:,} steps", f"{self.entities:,} entities"]
        parts.append(f"{self.calls:,} calls ({self.calls_a_second:,.0f} a second)")
        if self.not_loaded:
            parts.append(f"{self.not_loaded:,} steps not loaded")
        if self._began is not None and self.done < self.all:
            parts.append(f"waits for {self.bound_by}")
        if self.all and self.done >= self.all:
            parts.append("what belongs together is being linked")
        elif (left := self.seconds_left) is not None:
            parts.append(f"about {duration(left)} left")
        return " · ".join(parts)

    def kept(self) -> str:
        """What a run that is broken off leaves."""
        whole = f"{self.done:,} of {self.all:,} steps had ended, with {self.entities:,} entities"
        return f"{whole}: they are kept." if self.done else "No step had ended; the graph is as it was."

    def _tell_whole(self) -> None:
        now = self.clock()
        if self._began is None or now - self._told < _EVERY:
            return
        self._told = now
        if log_is_json():
            tell(
                "progress", done=self.done, steps=self.all, entities=self.entities, calls=self.calls,
                callsASecond=round(self.calls_a_second, 1), waits=self.waits, boundBy=self.bound_by,
                secondsLeft=None if self.seconds_left is None else round(self.seconds_left),
            )  # fmt: skip
        elif self.lines:
            say(f"… {self.words()}")
            for wait in self.waits:
                say(f"  Azure throttles: {wait}.")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        if self._began is None:
            yield Text("Signed in; reading what the graph knows …")
            return
        table = Table.grid(padding=(0, 1))
        table.add_column(width=min(30, options.max_width // 4))
        table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_row(ProgressBar(total=max(1, self.all), completed=self.done), Text(self.words()))
        under_way = [one for one in self.areas.values() if 0 < one.done < one.all]
        for one in under_way[:_AREAS]:
            told = Text(f"{one.name}: {one.done} of {one.all} steps, {one.entities:,} entities")
            table.add_row(ProgressBar(total=one.all, completed=one.done), told)
        if len(under_way) > _AREAS:
            table.add_row("", Text(f"… and {len(under_way) - _AREAS} more subscriptions"))
        for wait in self.waits[:_AREAS]:
            table.add_row("", Text(f"Azure throttles: {wait}", style="yellow"))
        yield table


def duration(seconds: float) -> str:
    """A time as people say it: 40 s, 5 min, 2 h 10 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def following() -> Iterator[Following]:
    """Follows a run: drawn on stderr where that is a terminal, and in lines where it is none."""
    import sys

    if log_is_json() or not sys.stderr.isatty():
        yield Following()
        return
    from rich.console import Console
    from rich.live import Live

    shown = Following(lines=False)
    with Live(shown, console=Console(stderr=True), transient=True, refresh_per_second=4):
        yield shown


def _say_step(step: StepReport, *, loud: bool) -> None:
    if step.status is Status.COMPLETE:
        if step.entities and "." not in step.name:
            say(f"  {step.name} in {step.scope}: {step.entities}")
    elif loud:
        say(f"  {step.name} in {step.scope}: {step.status}. {step.reason}")
