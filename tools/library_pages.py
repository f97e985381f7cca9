"""The pages of docs/ about the YAML library: every query by area, every pack with what evaluates its controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loader.library import shipped_library
from loader.library.definitions import Check, Control, Pack, Section
from loader.library.parameters import Given
from loader.library.severity import MEANINGS
from loader.packs.scores import WEIGHTS
from loader.packs.selection import service_of

NOTICE = "<!-- Written by `make docs` from the library; edit the YAML instead. -->\n"


def queries() -> str:
    """Every named query with its question and parameters, by area."""
    library = shipped_library()
    lines = ["# Queries\n", NOTICE, "`azgraph query run ID` asks one; `azgraph query list --search WORDS` finds them."]
    by_area: dict[str, list[str]] = {}
    for query in sorted(library.queries.values(), key=lambda one: one.id):
        parameters = ", ".join(f"`{name}`" for name in query.parameters)
        by_area.setdefault(query.area, []).append(f"| `{query.id}` | {query.title} | {parameters} |")
    for area, rows in sorted(by_area.items()):
        lines += [f"\n## {area} ({len(rows)})\n", "| id | question | parameters |\n|---|---|---|", *rows]
    return "\n".join(lines)


def packs() -> str:
    """Every pack with its controls in the benchmark's order and how each is evaluated."""
    library = shipped_library()
    services = sorted({service_of(library, check) for check in library.checks})
    lines = [
        "# Packs\n",
        NOTICE,
        "`azgraph check ID` evaluates one. *manual*: no API tells, so a person must look. *no check yet*: not",
        "evaluated. A control with several checks passes if none of them fails.\n",
        "[Scores](reports.md#the-scores) are by control, by resource, and by resource weighted by severity",
        f"({', '.join(f'{severity.value} {weight}' for severity, weight in WEIGHTS.items())});",
        "[filters](reports.md#a-part-of-a-pack) choose a part of a pack. Services, for `--service`:",
        f"{', '.join(f'`{name}`' for name in services)}.",
    ]
    for pack in library.packs.values():
        lines += [f"\n## `{pack.id}`: {pack.title} {pack.version}\n", f"{pack.source}.\n"]
        lines += [f"{text}\n" for text in (pack.licence, pack.description) if text]
        lines += _table(pack)
    lines += _severities(library.checks.values())
    return "\n".join(lines)


def _severities(checks: Iterable[Check]) -> Iterator[str]:
    """The scale, and where each check stands on it."""
    yield "\n## Severity\n"
    yield "How severe a failing check is follows from three steps, the same for all checks: what an attacker has in the"
    yield "end (impact), who can make use of it (exposure), and what that takes (effort). The highest step of each is"
    yield "worth three points, the lowest one; 8 or 9 points are critical, 7 high, 5 and 6 medium, 3 and 4 low.\n"
    yield "| | step | means |\n|---|---|---|"
    for step, meaning in MEANINGS.items():
        yield f"| {type(step).__name__.lower()} | {step} | {meaning} |"
    yield "\n| check | severity | impact | exposure | effort |\n|---|---|---|---|---|"
    for check in sorted(checks, key=lambda one: (one.severity.rank, one.id)):
        if risk := check.risk:
            yield f"| `{check.id}` | {check.severity} | {risk.impact} | {risk.exposure} | {risk.effort} |"


def _table(pack: Pack) -> Iterator[str]:
    controls = list(_controls(pack.sections))
    checked = sum(bool(control.uses) for control in controls)
    levels = any(control.level is not None for control in controls)
    yield f"{len(controls)} controls, {checked} of them evaluated.\n"
    yield "| control | title | level | evaluated by |" if levels else "| control | title | evaluated by |"
    yield "|---" * (4 if levels else 3) + "|"
    for control in controls:
        level = f" {control.level} |" if levels else ""
        yield f"| {control.id} | {control.title} |{level} {_evaluated_by(control)} |"


def _evaluated_by(control: Control) -> str:
    """Its checks, each with what the control sets it to; or why it has none."""
    if control.manual or control.pending:
        said = f"manual: {control.manual}" if control.manual else f"no check yet: it would read {control.pending}"
        return said.replace("|", "\\|")
    return ", ".join(
        f"`{use.check}`" + (f" ({', '.join(map(_value, use.parameters.values()))})" if use.parameters else "")
        for use in control.uses
    )


def _value(value: Given) -> str:
    return " ".join(value) or "none" if isinstance(value, list) else str(value)


def _controls(sections: list[Section]) -> Iterator[Control]:
    for section in sections:
        yield from section.controls
        yield from _controls(section.sections)
