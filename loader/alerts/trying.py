"""What a rule would open, without writing anything: a rule is tried before it is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Finding
from loader.alerts.asking import At, Source, ask, ask_cypher
from loader.alerts.findings import RowError
from loader.alerts.rule import Kind, Rule
from loader.alerts.scopes import Needs, last_run
from loader.alerts.store import DamagedError, read_alerts
from loader.coverage.coverage import Coverage
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.graph import Database

_RUNS = "MATCH (r:SyncRun) WHERE r.seq IN $seqs RETURN r.seq AS seq, toString(r.finishedAt) AS at"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule finds. rows: a finding each, worst first; missing: what it needs and was not loaded whole, or is
    older than the latest run.
    """

    rule: Rule
    rows: list[dict[str, Any]]
    faults: list[str]
    missing: list[str]

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "kind": str(self.rule.kind),
            "findings": self.rows,
            "faults": self.faults,
            "missing": self.missing,
        }


def try_rule(database: Database, rule: Rule, source: Source = ask_cypher, *, now: datetime | None = None) -> Tried:
    """What a rule finds now; of a change rule what it would have opened over all changes that are kept.

    Raises UsageError where no run has finished, or the rule cannot be evaluated.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    run = last_run(database)
    coverage = Coverage.read(database)
    since = 0 if rule.kind is Kind.CHANGE else run.seq
    try:
        answer = ask(database, rule, At(moment, since, run.seq, coverage), source)
        stored, _ = read_alerts(database, rule.id, answer.findings)
    except (RowError, DamagedError) as error:
        raise UsageError(f"The query of {rule.id} {error}.") from error
    seqs = sorted({finding.seq for finding in answer.findings.values()})
    times = {row["seq"]: row["at"] for row in database.read(_RUNS, {"seqs": seqs})}
    ordered = sorted(answer.findings.values(), key=lambda one: (-one.seq, one.severity.rank, one.title, one.id))
    rows = [_row(rule, one, times, str(stored[one.id].state) if one.id in stored else "") for one in ordered]
    needs = Needs(rule, coverage, settled=run.settled)
    return Tried(rule, rows, list(answer.faults), [*(gap.sentence for gap in needs.gaps()), *needs.older()])


def _row(rule: Rule, finding: Finding, times: Mapping[int, str], state: str) -> dict[str, Any]:
    return {
        "severity": str(finding.severity),
        "title": finding.title,
        "entity": finding.entity_key,
        "type": finding.entity_type,
        "owner": finding.owner,
        "run": finding.seq,
        "at": (times.get(finding.seq) or "")[:16] if rule.kind is Kind.CHANGE else "",
        # Of an alert that is there already, how it stands.
        "alert": state or "none yet",
    }
