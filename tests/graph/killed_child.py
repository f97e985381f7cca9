"""The loader that test_killed.py kills: `python -m tests.graph.killed_child URI USER PASSWORD DAY`."""

from __future__ import annotations

import sys

from loader.graph import Database, gathering
from tests.graph.tenant import load, next_day, tenant

SIZE = 120


def records(day: str) -> dict[str, list]:  # type: ignore[type-arg]
    first = tenant(SIZE)
    return first if day == "first" else next_day(first)


def main() -> None:
    uri, user, password, day = sys.argv[1:]
    gathering.BATCH_ROWS = 20
    with Database(uri, user, password) as database:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        load(database, records(day))


if __name__ == "__main__":
    main()
