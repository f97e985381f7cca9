"""Tests of users' own libraries: each example of their queries, checks and rules, played on an empty Neo4j."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loader.alerts.examples import play_example
from loader.alerts.library import load_rule_library
from loader.errors import UsageError
from loader.library import shipped_library
from loader.library.failing import FAILURES, own_failure
from loader.library.own import library_with
from loader.library.playing import play_query
from loader.library.vanished import Tell
from loader.nearest import alternatives
from loader.packs.playing import play_check

if TYPE_CHECKING:
    from loader.graph import Database

_ANYTHING = "MATCH (n) RETURN 1 AS one LIMIT 1"
_WIPE = "MATCH (n) DETACH DELETE n"


@dataclass(frozen=True, slots=True)
class Example:
    """One example of an entry. play: puts it into an empty database and gives what is wrong, as clauses."""

    kind: str
    id: str
    file: Path
    name: str
    play: Callable[[Database], list[str]]


@dataclass(frozen=True, slots=True)
class Tested:
    """How an example ended: it holds where there are no faults."""

    example: Example
    faults: list[str]

    def as_json(self) -> dict[str, Any]:
        """Its fields, as they are printed."""
        return {
            "kind": self.example.kind,
            "id": self.example.id,
            "example": self.example.name,
            "result": "fails" if self.faults else "holds",
            "faults": self.faults,
            "file": str(self.example.file),
        }


def examples_of(folders: Sequence[Path], only: Collection[str] = (), tell: Tell | None = None) -> list[Example]:
    """The examples of the queries, checks and rules that stand in these library folders, in this order.

    only: the ids of those that are wanted. tell: as in `library_with`. Raises UsageError with file, line and reason for
    the first thing that is wrong, where no folder has anything to be tested, and for an id that none of them has.
    """
    found = list(_examples_of(folders, tell))
    ids = {one.id for one in found}
    if not ids:
        where = ", ".join(map(str, folders))
        raise UsageError(f"There is no query, check or rule of yours in {where}, so there is nothing to test.")
    for name in only:
        if name not in ids:
            raise UsageError(f"There is no query, check or rule {name!r} of yours. {alternatives(name, ids)}")
    return [one for one in found if not only or one.id in only]


def _examples_of(folders: Sequence[Path], tell: Tell | None) -> Iterator[Example]:
    shipped, library = shipped_library(), library_with(folders, tell)
    rules = load_rule_library(libraries=folders, tell=tell)
    for query in library.queries.values():
        if query.id not in shipped.queries:
            for asked in query.examples:
                file = library.files["query", query.id]
                yield Example("query", query.id, file, asked.name, partial(play_query, query=query, example=asked))
    for check in library.checks.values():
        if check.id not in shipped.checks:
            for judged in check.examples:
                file = library.files["check", check.id]
                yield Example("check", check.id, file, judged.name, partial(play_check, check=check, example=judged))
    for rule in rules.rules.values():
        if rule.id in rules.own:
            for lived in rule.examples:
                file = rules.files[rule.id]
                yield Example("rule", rule.id, file, lived.name, partial(play_example, rule=rule, example=lived))


def play(database: Database, examples: Iterable[Example]) -> Iterator[Tested]:
    """Plays the examples one by one in an empty database, and empties it after each.

    Raises UsageError where the database holds anything, and touches nothing there.
    """
    if database.read(_ANYTHING):
        raise UsageError("Examples are only played in an empty database, and this one is not.")
    for one in examples:
        try:
            faults = one.play(database)
        except FAILURES as error:
            failure = own_failure(f"The {one.kind} {one.id}", error)
            if failure is None:
                raise
            faults = [failure]
        yield Tested(one, faults)
        database.write(lambda transaction: transaction.run(_WIPE))
