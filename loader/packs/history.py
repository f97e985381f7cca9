"""The score over the runs: each run's totals of each pack, kept in the graph as `PackResult` nodes.

They are the loader's bookkeeping, not entities. Checking the same run again overwrites its totals.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neo4j.exceptions import ClientError

from loader.errors import UnreachableError
from loader.library.overridden import PARAMETERS
from loader.packs.results import PackResult
from loader.packs.scores import Score, scores_of
from loader.verdicts import Verdict

if TYPE_CHECKING:
    from loader.graph import Database

# The run is written to first, so that two checks at once take turns and come to one node.
_STORE = """
MATCH (run:SyncRun {id: $run}) WHERE run.finishedAt IS NOT NULL
SET run.id = run.id
MERGE (result:PackResult {id: $pack + '|' + $run})
SET result.pack = $pack, result.version = $version, result.runSeq = run.seq, result.at = run.finishedAt,
  result.verdicts = $verdicts, result.counts = $counts, result.resources = $resources, result.weighted = $weighted
"""
_READ = """
MATCH (result:PackResult {pack: $pack}) WHERE result.runSeq IS NOT NULL AND result.at IS NOT NULL
RETURN toString(result.at) AS at, result.verdicts AS verdicts, result.counts AS counts,
  result.resources AS resources, result.weighted AS weighted
ORDER BY result.runSeq DESC LIMIT $limit
"""
RUNS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A pack's totals on the data of one run, which finished `at` (ISO 8601).

    resources, weighted: as in `loader.packs.scores`; None where the version that kept the totals did not count them.
    """

    at: str
    counts: dict[Verdict, int]
    resources: Score | None = None
    weighted: Score | None = None

    @property
    def score(self) -> int | None:
        """As `PackResult.score`."""
        return self.controls.percent

    @property
    def controls(self) -> Score:
        """The controls that pass, of those that pass or fail."""
        passed = self.counts[Verdict.PASS]
        return Score(passed, passed + self.counts[Verdict.FAIL])


def store(database: Database, result: PackResult) -> str | None:
    """Keeps the totals of a result. Nothing is kept for a run that has not finished.

    Gives why where Neo4j took no write: a user who may only read, a database that is read-only or has no room.
    """
    whole = scores_of(result).whole
    parameters = {
        "pack": series(result),
        "run": result.run,
        "version": result.version,
        "verdicts": [verdict.value for verdict in result.summary],
        "counts": list(result.summary.values()),
        "resources": [whole.resources.passed, whole.resources.judged],
        "weighted": [whole.weighted.passed, whole.weighted.judged],
    }
    try:
        database.write(lambda transaction: transaction.apply(_STORE, parameters))
    except ClientError as error:
        return f"Neo4j refused to write them ({error.code})."
    except UnreachableError as error:
        return str(error)
    return None


def series(result: PackResult) -> str:
    """What the result's totals are kept under: the pack, apart from the same pack with parameters of the user's own.

    Other parameters are other questions: one trend of both would show the change of a setting as one of the tenant.
    """
    own = [
        (control.id, change.of, name, value)
        for control in result.controls
        for change in control.overridden
        for name, value in change.own.items()
        if name.startswith(PARAMETERS)
    ]
    return f"{result.pack}|{hashlib.sha256(json.dumps(own).encode()).hexdigest()[:8]}" if own else result.pack


def trend(database: Database, pack: str, *, limit: int = RUNS_SHOWN) -> list[TrendPoint]:
    """The totals of the latest runs, oldest first. pack: as `series` gives it."""
    return [
        TrendPoint(
            row["at"],
            dict.fromkeys(Verdict, 0) | _counts(row["verdicts"], row["counts"]),
            _score(row["resources"]),
            _score(row["weighted"]),
        )
        for row in reversed(database.read(_READ, {"pack": pack, "limit": limit}))
    ]


def _counts(verdicts: list[str] | None, counts: list[int] | None) -> dict[Verdict, int]:
    """A verdict that this version does not know is left out."""
    known = {verdict.value: verdict for verdict in Verdict}
    return {known[one]: count for one, count in zip(verdicts or (), counts or (), strict=False) if one in known}


def _score(kept: list[int] | None) -> Score | None:
    return Score(kept[0], kept[1]) if kept and len(kept) > 1 else None
