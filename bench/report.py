"""What was measured, as people read it: for each figure what was to be reached, and whether it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. value: the measured number; target: the most or least it should be; unit: what follows the number.

    target None: told for orientation only. spread: the least and greatest of the rounds.
    """

    what: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = False
    spread: tuple[float, float] | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None where there is none. What is printed counts, so 0.796 is not 0.8."""
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, how it was measured, its figures, and what else must be known to read them."""

    title: str
    how: str
    figures: Sequence[Figure] = ()
    notes: Sequence[str] = ()

    def as_markdown(self, remark: str = "") -> str:
        """With its heading. remark: a paragraph before all others."""
        parts = [f"## {self.title}", *([remark] if remark else []), self.how]
        if self.figures:
            parts.append(_table(_COLUMNS, [_cells(one) for one in self.figures]))
        return "\n\n".join([*parts, *self.notes])


@dataclass(frozen=True, slots=True)
class Report:
    """The whole page. facts: name and value of what the figures depend on."""

    date: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section] = field(default_factory=list)

    def as_markdown(self) -> str:
        """The page."""
        parts = [
            "# Benchmarks\n\n<!-- Written by `make bench`. -->",
            _INTRODUCTION.format(date=self.date),
            self._verdict(),
            _table(["", ""], self.facts),
        ]
        parts += [section.as_markdown() for section in self.sections]
        return "\n\n".join(parts) + "\n"

    def _verdict(self) -> str:
        judged = [_cells(one) for section in self.sections for one in section.figures if one.target is not None]
        return _verdict(judged)


def with_sections(page: str, sections: Sequence[Section], date: str) -> str:
    """The page with sections that were measured alone: in the place of those of their titles, or at its end."""
    head, *old = page.rstrip("\n").split("\n\n## ")
    by_title = {one.split("\n", 1)[0]: f"## {one}" for one in old}
    for one in sections:
        by_title[one.title] = one.as_markdown(f"Measured alone, on {date}.")
    body = "\n\n".join(by_title.values())
    before, _, facts = head.partition("|  |  |\n")
    introduction = before[: re.search(_VERDICT, before).start()]  # type: ignore[union-attr]
    return f"{introduction}{_verdict(_judged(body))}\n\n|  |  |\n{facts}\n\n{body}\n"


def _judged(body: str) -> list[tuple[str, ...]]:
    """The cells of those figures of a page that were to reach something."""
    rows = [tuple(line.strip("|").strip().split(" | ")) for line in body.splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in row) for row in rows if row[-1].strip() in ("yes", "**no**")]


def _verdict(judged: Sequence[Sequence[str]]) -> str:
    missed = [row for row in judged if row[-1] != "yes"]
    if not missed:
        return f"All {len(judged)} targets were reached."
    listed = "\n".join(f"- {row[0]}: {row[2]} instead of {row[1]}" for row in missed)
    return f"{len(judged) - len(missed)} of {len(judged)} targets were reached. Not reached:\n\n{listed}"


_VERDICT = re.compile(r"^(All \d+|\d+ of \d+) targets were reached", re.MULTILINE)
_INTRODUCTION = (
    "Measured on {date} by `make bench`. Times are ratios of two things measured side by side in this one run, medians "
    "of its rounds: seconds would mean little on another machine."
)
_COLUMNS = ["", "to reach", "measured", "least to greatest", "reached"]


def _cells(figure: Figure) -> tuple[str, ...]:
    spread = " to ".join(_number(one) for one in figure.spread) if figure.spread else ""
    reached = {True: "yes", False: "**no**", None: ""}[figure.reached]
    target = _target(figure) if figure.target is not None else ""
    return figure.what, target, f"{_number(figure.value)}{figure.unit}", spread, reached


def _target(figure: Figure) -> str:
    assert figure.target is not None
    return f"{'at most' if figure.at_most else 'at least'} {_number(figure.target)}{figure.unit}"


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in [columns, ["---"] * len(columns), *rows]]
    return "\n".join(lines)
