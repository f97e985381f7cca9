"""What a rule says of the graph as it is now: its own Cypher is asked, or another source of findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from loader.alerts.alert import Alert, Finding
from loader.alerts.findings import Row, known_entities, read_rows
from loader.alerts.life import Excuse
from loader.alerts.rule import Rule
from loader.coverage.coverage import Coverage
from loader.library.parameters import bind
from loader.library.running import TIMEOUT, read

if TYPE_CHECKING:
    from loader.graph import Database


Gone = Callable[[Alert], bool | None]


def _as_loaded(_alert: Alert) -> None:
    return None


@dataclass(frozen=True, slots=True)
class At:
    """Over what a rule is asked: after run `since` up to run `until`, at a point in time."""

    now: datetime
    since: int
    until: int
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Said:
    """The rows of a source; where the column `unknown` of one is true, nobody can tell whether it is a finding.

    accepted: rows that somebody has accepted, with the sentence that says so. unknown: why nobody can tell, by the keys
    of entities that are in no row.

    gone: of an alert that is not among the rows whether that is known: True where its entity was looked at and is
    well, False where nobody could tell, None where what was loaded decides, as with every query.
    """

    rows: Sequence[Mapping[str, Any]]
    accepted: Sequence[tuple[Mapping[str, Any], str]] = ()
    gone: Gone = _as_loaded
    unknown: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """Where the rows of a rule come from; the rule's Cypher is one, a check is another."""

    def __call__(self, database: Database, rule: Rule, at: At) -> Said:
        """The rows as they are now. Raises UsageError where they cannot be told."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Findings by their ids, what is wrong with rows that are none, and findings that open nothing, by their ids.

    gone: as in `Said`. silent: why entities of no finding open nothing though they are not known to be well, by their
    keys.
    """

    findings: dict[str, Finding]
    faults: Sequence[str] = ()
    excused: dict[str, Excuse] = field(default_factory=dict)
    gone: Gone = _as_loaded
    silent: Mapping[str, str] = field(default_factory=dict)


def parameters_of(rule: Rule, at: At) -> dict[str, Any]:
    """All that the rule's query gets: its own parameters and those that evaluation gives."""
    horizon = max((bucket.days for bucket in rule.buckets), default=0)
    declared = bind(f"The rule {rule.id}", rule.parameters, {})
    return {**declared, "now": at.now, "sinceSeq": at.since, "days": horizon}


def ask_cypher(database: Database, rule: Rule, at: At) -> Said:
    """The rows of the rule's own query."""
    return Said(read(database, f"The query of {rule.id}", rule.cypher, parameters_of(rule, at), TIMEOUT))


def ask(database: Database, rule: Rule, at: At, source: Source = ask_cypher) -> Answer:
    """What the rule finds. Raises UsageError and RowError where that cannot be told."""
    said = source(database, rule, at)
    rows, faults = read_rows(rule, said.rows, now=at.now, since=at.since, until=at.until)
    unsure = {row.id_for(rule) for row in rows if row.unknown}
    silent = {one: _unknown(why) for one, why in said.unknown.items()}
    silent |= {row.entity_key: _unknown() for row in rows if row.unknown}
    rows = [row for row in rows if not row.unknown]
    excused = {}
    for raw, sentence in said.accepted:
        for row in read_rows(rule, [raw], now=at.now, since=at.since, until=at.until)[0]:
            excused[row.id_for(rule)] = Excuse("exception", sentence)
            silent[row.entity_key] = f"It is found, but opens nothing: {sentence}."

    def gone(alert: Alert) -> bool | None:
        return False if alert.id in unsure else said.gone(alert)

    return Answer(found(database, rule, rows), faults, excused, gone, silent)


def _unknown(why: str = "") -> str:
    return f"Nobody can tell whether it is a finding{': ' + why.rstrip('.') if why else ''}."


def found(database: Database, rule: Rule, rows: Sequence[Row]) -> dict[str, Finding]:
    """The findings of rows, with what the graph knows of their entities."""
    known = known_entities(database, rule, (row.entity_key for row in rows)) if rows else {}
    findings = (row.finding(rule, known[row.entity_key]) for row in rows)
    return {finding.id: finding for finding in findings}
