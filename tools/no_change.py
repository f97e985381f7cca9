"""The page of docs/ about what makes no change: by type, and wherever it occurs."""

from __future__ import annotations

from loader.graph.noise import EVERYWHERE
from loader.services import entity_types
from tools import NOTICE

_INTRODUCTION = """
These properties are stored, but that they differ from one run to the next is no change: nobody changed anything. An
entity of which nothing else differs has no `Change`, and no rule hears of it.

- **Casing of ids.** Azure spells an id one way in one answer and otherwise in the next. ARM ids, and names that end
  them, are compared in lower case.
- **Order.** Every list of texts is a set: it is stored sorted and without repetitions, and compared as a set.
- **Spelling of times.** Times are compared as moments, whatever their zone.
- **Not read.** A property whose detail was refused keeps its value.
- **A new mapping.** The first run of a release that reads other things than the one before rewrites the graph without
  a change.
"""


def page() -> str:
    """What is quiet, with the reason."""
    lines = ["# What makes no change\n", NOTICE, _INTRODUCTION, "## Of any type\n", "| property | is |\n|---|---|"]
    lines += [f"| {', '.join(f'`{name}`' for name in names)} | {reason} |" for reason, names in EVERYWHERE.items()]
    lines += ["\n## Of one type\n", "| type | property | is |\n|---|---|---|"]
    lines += [
        f"| `{name}` | `{declared.name}` | {declared.meaning} |"
        for name, one in sorted(entity_types().items())
        for declared in one.properties
        if declared.quiet
    ]
    sets = sum(declared.kind == "texts" for one in entity_types().values() for declared in one.properties)
    lines += [f"\nThe {sets} properties that are lists of strings in [the data model](data-model.md) are sets."]
    return "\n".join(lines)
