"""The pages of docs/ about the YAML library: every query by area, every pack with what evaluates its controls."""

from __future__ import annotations

from collections.abc import Iterator

from loader.packs import load_library
from loader.packs.definitions import Control, Pack, Section

NOTICE = "<!-- Written by `make docs` from the library; edit the YAML instead. -->\n"


def queries() -> str:
    """Every named query with its question and parameters, by area."""
    library = load_library()
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
    lines = [
        "# Packs\n",
        NOTICE,
        "`azgraph check ID` evaluates one. *manual*: no API tells. *no check yet*: not evaluated.",
    ]
    for pack in load_library().packs.values():
        lines += [f"\n## `{pack.id}`: {pack.title} {pack.version}\n", f"{pack.source}.\n", *_table(pack)]
    return "\n".join(lines)


def _table(pack: Pack) -> Iterator[str]:
    controls = list(_controls(pack.sections))
    checked = sum(control.check is not None for control in controls)
    yield f"{len(controls)} controls, {checked} of them evaluated.\n"
    yield "| control | title | level | evaluated by |\n|---|---|---|---|"
    for control in controls:
        by = f"`{control.check}`" if control.check else "manual" if control.manual else "no check yet"
        yield f"| {control.id} | {control.title} | {control.level} | {by} |"


def _controls(sections: list[Section]) -> Iterator[Control]:
    for section in sections:
        yield from section.controls
        yield from _controls(section.sections)
