"""What a person sees while a pack is evaluated: how far it is, and the verdicts as they come."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from loader.verdicts import Verdict
from loader.visible import one_line

if TYPE_CHECKING:
    from loader.packs.results import ControlResult

# The lines of verdicts that stay on the screen while others come.
_LINES = 10


class Watching:
    """Hears how far an evaluation is, and shows it. verdicts: whether each control's verdict is shown as it comes."""

    def __init__(self, *, verdicts: bool) -> None:
        self._verdicts = verdicts
        self._step, self._spinner = "", Spinner("dots")
        self._done, self._all = 0, 0
        self._counts: Counter[Verdict] = Counter()
        self._latest: deque[Text] = deque(maxlen=_LINES)

    def step(self, words: str) -> None:
        """What is being done, before there is anything to count."""
        self._step = words

    def heard(self, done: int, among: int, controls: Sequence[ControlResult]) -> None:
        """Checks that were asked, of how many, and the controls that were decided just now."""
        self._done, self._all = done, among
        for control in controls:
            self._counts[control.verdict] += 1
            if self._verdicts and control.checks:
                self._latest.append(_verdict(control))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._latest
        line = Table.grid(padding=(0, 1))
        if not self._all:
            line.add_row(self._spinner, Text(one_line(self._step)))
        else:
            told = ", ".join(f"{self._counts[one]} {one}" for one in Verdict if self._counts[one])
            line.add_column(width=min(30, options.max_width // 4))
            bar = ProgressBar(total=self._all, completed=self._done)
            line.add_row(bar, Text(f"{self._done} of {self._all} checks · controls: {told}", overflow="ellipsis"))
        yield line


def _verdict(control: ControlResult) -> Text:
    from loader.report.terminal import STYLES

    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{control.verdict.value:<14} ", style=STYLES[control.verdict])
    return line.append(one_line(f"{control.id}  {control.title}"))


@contextmanager
def watching(console: Console | None, *, verdicts: bool) -> Iterator[Watching]:
    """Shows on the console what its `Watching` hears, and takes it away at the end; shows nothing without a console."""
    watch = Watching(verdicts=verdicts)
    if console is None:
        yield watch
        return
    with Live(watch, console=console, transient=True, refresh_per_second=8):
        yield watch
