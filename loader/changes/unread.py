"""Of which runs of a span it cannot be said that they looked at everything, so that no change there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader.changes.span import Span

if TYPE_CHECKING:
    from loader.graph import Database

# The states of a run other than complete (`loader/graph/run.py`): what to say of it.
_STATES = {"failed": "failed", "partial": "could not read everything", "running": "is not at its end, or was killed"}
_FEW = 5
_RUNS = """
MATCH (r:SyncRun) WHERE r.id IS NOT NULL AND r.seq > $after AND r.seq <= $until
  AND ($tenant IS NULL OR r.tenant = $tenant)
RETURN r.seq AS seq, coalesce(r.status, 'running') AS status ORDER BY seq
"""


def unread_sentences(database: Database, span: Span, tenant: str | None = None) -> list[str]:
    """What a reader of the span's changes is to know, as sentences: none where all of its runs were complete.

    tenant: the id of the one whose runs alone count.
    """
    parameters = {"after": span.after, "until": span.until, "tenant": tenant}
    runs = database.read(_RUNS, parameters)
    if not runs:
        return ["No run is in that span, so nothing was looked at. `azgraph runs list` has those that there are."]
    told = []
    for state, does in _STATES.items():
        found = [str(run["seq"]) for run in runs if run["status"] == state]
        if found:
            more = f" and {len(found) - _FEW} before" if len(found) > _FEW else ""
            told.append(
                f"Of {len(runs)} {'run' if len(runs) == 1 else 'runs'}, {', '.join(found[-_FEW:])}{more} {does}: what "
                f"changed there may not be told yet. `azgraph runs show {found[-1]}` says more."
            )
    return told
