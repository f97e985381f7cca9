"""What the HTML page is made of: its chapters with their scores, the trend's drawing, and who may run what in it."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from loader.packs.history import TrendPoint
from loader.packs.results import ControlResult, PackResult
from loader.packs.scores import Group, Score, part_of
from loader.report.wording import counted
from loader.verdicts import Severity, Verdict

# The trend's drawing, in its own units: percent upwards, and this many to the right.
TREND_WIDTH = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A control with "1 of 2 fail"."""

    control: ControlResult
    count: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the benchmark. failing: how many of its controls fail, by severity. level: 3 for a chapter, 4 below."""

    anchor: str
    name: str
    level: int
    scores: Group
    verdicts: Counter[Verdict]
    failing: Counter[Severity]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Curve:
    """One of the scores over the runs. dots: where each run stands; the oldest to the left, evenly spaced."""

    name: str
    kind: str
    dots: list[tuple[float, float]]
    last: int


def sections_of(result: PackResult) -> list[Section]:
    """Chapters and their sections in the benchmark's order; a chapter that is its only section stands once."""
    judged: dict[str, dict[str, list[ControlResult]]] = {}
    for control in result.judged_controls:
        chapter = control.chapter or control.section
        judged.setdefault(chapter, {}).setdefault(control.section, []).append(control)
    before = {one.id: one for one in result.judged_controls}
    listed: dict[str, list[Line]] = {}
    for control in result.controls:
        line = Line(control, counted(before.get(control.id, control), control))
        listed.setdefault(f"{control.chapter or control.section}\n{control.section}", []).append(line)
    found: list[Section] = []
    for chapter, parts in judged.items():
        number = sum(one.level == 3 for one in found) + 1
        own = listed.get(f"{chapter}\n{chapter}", [])
        whole = [control for controls in parts.values() for control in controls]
        found.append(_section(f"section-{number}", chapter, 3, whole, own))
        below = [(name, controls) for name, controls in parts.items() if name != chapter]
        for index, (name, controls) in enumerate(below, start=1):
            lines = listed.get(f"{chapter}\n{name}", [])
            found.append(_section(f"section-{number}-{index}", name, 4, controls, lines))
    return found


def _section(anchor: str, name: str, level: int, controls: Sequence[ControlResult], lines: list[Line]) -> Section:
    failing = Counter(one.severity for one in controls if one.verdict is Verdict.FAIL and one.severity)
    verdicts = Counter(one.verdict for one in controls)
    return Section(anchor, name, level, part_of(name, controls), verdicts, failing, lines)


def curves_of(trend: Sequence[TrendPoint]) -> list[Curve]:
    """The three scores over the runs, as far as they were kept."""
    step = TREND_WIDTH / max(len(trend) - 1, 1)
    found = []
    for kind, name in (("resources", "of resources"), ("weighted", "weighted"), ("controls", "of controls")):
        kept: list[Score | None] = [getattr(one, kind) for one in trend]
        dots = [
            (round(index * step, 1), float(100 - one.percent))
            for index, one in enumerate(kept)
            if one is not None and one.percent is not None
        ]
        if dots:
            found.append(Curve(name, kind, dots, 100 - int(dots[-1][1])))
    return found


def since(trend: Sequence[TrendPoint], at: str | None, kind: str, now: Score) -> tuple[int, str] | None:
    """By how many points a score moved since the run before, and when that was; None where there was none."""
    before = [(one.at, kept.percent) for one in trend if one.at != at and (kept := getattr(one, kind)) is not None]
    known = [(when, percent) for when, percent in before if percent is not None]
    return (now.percent - known[-1][1], known[-1][0]) if known and now.percent is not None else None


def css_text(text: str) -> str:
    """Any text as a string of CSS: nothing in it can end it, or the style sheet around it."""
    return '"' + "".join(one if one.isascii() and one.isalnum() else f"\\{ord(one):x} " for one in text) + '"'


def source_hash(text: str) -> str:
    """How a content security policy names the one inline script, or style sheet, that may stand in a page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
