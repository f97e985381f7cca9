"""From which run to which: what people write for it (a run's number or id, a date, `last`), and what it means.

Runs are counted, and their numbers decide, never a clock: two runs of one minute are in order all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.graph import Database

LAST = "last"
_RUNS = """
MATCH (r:SyncRun) WHERE r.id IS NOT NULL AND r.seq IS :: INTEGER NOT NULL AND ($tenant IS NULL OR r.tenant = $tenant)
RETURN r.id AS id, r.seq AS seq, coalesce(r.finishedAt, r.startedAt) AS at ORDER BY r.seq DESC
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The changes of the runs after `after`, up to and with `until`."""

    after: int
    until: int


# All that the graph remembers: whole numbers of Neo4j have 64 bits.
EVERY_RUN = Span(0, 2**63 - 1)


def refuse_wrong(*written: str | None) -> None:
    """Raises UsageError for what can be neither a run nor a date, whatever the graph has: ids of runs have digits."""
    for one in written:
        if one is not None and one != LAST and not any(sign.isdigit() for sign in one):
            _moment(one)


def span_of(database: Database, since: str | None, until: str | None = None, *, tenant: str | None = None) -> Span:
    """The span between two moments that a user names.

    since: a run's number or id (it is not in the span), an ISO date or time (UTC unless it says otherwise; runs that
    ended from then on are), or None or "last" for the latest run alone. until: the same, where a date's whole day is in
    the span; None for the latest. Raises UsageError where it is none of these, or ends before it begins.
    """
    runs = database.read(_RUNS, {"tenant": tenant})
    latest = int(runs[0]["seq"]) if runs else 0
    end = latest if until is None or until == LAST else _end(until, runs)
    begin = latest - 1 if since is None or since == LAST else _begin(since, runs)
    if begin > end:
        raise UsageError(f"{since!r} is after {until!r}: give the earlier one first.")
    return Span(max(begin, 0), end)


def _begin(written: str, runs: list[dict[str, Any]]) -> int:
    named = _run(written, runs)
    if named is not None:
        return named
    moment, _ = _moment(written)
    # Before the first run from then on.
    return min((int(run["seq"]) for run in runs if run["at"] and run["at"] >= moment), default=_after_all(runs)) - 1


def _end(written: str, runs: list[dict[str, Any]]) -> int:
    named = _run(written, runs)
    if named is not None:
        return named
    moment, whole_day = _moment(written)
    if whole_day:
        moment += timedelta(days=1)
    return max((int(run["seq"]) for run in runs if run["at"] and run["at"] < moment), default=0)


def _after_all(runs: list[dict[str, Any]]) -> int:
    return int(runs[0]["seq"]) + 1 if runs else 1


def _run(written: str, runs: list[dict[str, Any]]) -> int | None:
    named = next((int(run["seq"]) for run in runs if written in (run["id"], str(run["seq"]))), None)
    if named is None and written.isdecimal() and runs and int(written) <= runs[0]["seq"]:
        return int(written)  # 0 is before the first run; older ones may be forgotten
    return named


def _moment(written: str) -> tuple[datetime, bool]:
    """The moment, and whether it is written as a day."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        if written.isdecimal():
            raise UsageError(f"There is no run {written}. `azgraph runs list` has those that there are.") from None
        raise UsageError(
            f"{written!r} is neither a run nor a date: give a run's number or id, a date such as 2026-01-31, or `last`."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), len(written) <= len("2026-01-31")
