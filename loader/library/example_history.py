"""What azgraph itself would have written in an example: runs, the changes that they found, alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from loader.mistakes import matching
from loader.yaml_reader import Strict

Moment = datetime | date | Annotated[str, matching(r"^now([+-]\d+[dhm])?$", "write a date, a time or now-3d")]
Alias = Annotated[str, matching(r"^[A-Za-z0-9._-]+$", "write letters, digits, dots and dashes without blanks")]


class ExampleRun(Strict):
    """One run. at: when it began; minutes: how long it took."""

    seq: int
    at: Moment = "now"
    minutes: int = 10
    status: Literal["running", "complete", "partial", "failed"] = "complete"
    notes: list[str] = Field(default_factory=list)


class ExampleChange(Strict):
    """What a run found. of: the alias of a node, or, with `type`, what something was called that is gone by now.

    at: when its run began, unless it is said. The rest is what the graph keeps of it.
    """

    run: int
    op: Literal["created", "updated", "deleted", "linked", "unlinked"]
    of: Alias
    type: str | None = None
    at: Moment | None = None
    path: str = ""
    before: str | None = None
    after: str | None = None
    actor: str | None = None
    actorName: str | None = None  # noqa: N815 - as the graph has it
    actorKey: str | None = None  # noqa: N815
    actorType: str | None = None  # noqa: N815
    actorCandidates: list[str] | None = None  # noqa: N815
    client: str | None = None
    operation: str | None = None
    azureTime: Moment | None = None  # noqa: N815


class ExampleAlert(Strict):
    """An alert. of: the alias of a node."""

    rule: str
    of: Alias
    title: str = "Something is wrong"
    severity: Literal["critical", "high", "medium", "low", "info"] = "high"
    state: Literal["open", "acknowledged", "muted", "resolved"] = "open"
    opened: Moment = "now"
    run: int = 1
    resolved: Moment | None = None
    muted_until: Moment | None = None
    times: int = 1
    note: str = ""


WRITE = """
CALL () { UNWIND $runs AS run CREATE (r:SyncRun) SET r = run }
CALL () {
  UNWIND $changes AS change CREATE (c:Change) SET c = change
  WITH c OPTIONAL MATCH (run:SyncRun {seq: c.runSeq})
  FOREACH (_ IN CASE WHEN run IS NULL THEN [] ELSE [1] END | CREATE (run)-[:RECORDED]->(c))
  WITH c MATCH (e:Entity {_key: c.entityKey}) CREATE (c)-[:CHANGE_OF]->(e)
}
CALL () {
  UNWIND $alerts AS alert CREATE (a:Alert) SET a = alert
  WITH a MATCH (e:Entity {_key: a.entityKey}) CREATE (a)-[:ALERT_ON]->(e)
}
"""


def history_rows(
    runs: Iterable[ExampleRun],
    changes: Iterable[ExampleChange],
    alerts: Iterable[ExampleAlert],
    nodes: Mapping[str, Mapping[str, Any]],
    moment: Callable[[Any], Any],
) -> dict[str, list[dict[str, Any]]]:
    """The nodes that `WRITE` makes. nodes: `key`, `type`, `scope` and `name` by alias; moment: works times out."""
    began = {run.seq: moment(run.at) for run in runs}
    return {
        "runs": [
            {
                "id": f"run-{run.seq}", "seq": run.seq, "status": run.status, "notes": run.notes,
                "startedAt": began[run.seq],
                "finishedAt": None if run.status == "running" else began[run.seq] + timedelta(minutes=run.minutes),
            }
            for run in runs
        ],
        "changes": [
            {
                "id": f"change-{number}", "runSeq": one.run, "op": one.op, "path": one.path,
                "at": moment(one.at) if one.at else began[one.run], **_about(nodes[one.of]),
                **{
                    name: moment(value)
                    for name, value in one.model_dump(exclude={"run", "op", "of", "type", "at", "path"}).items()
                    if value is not None
                },
            }
            for number, one in enumerate(changes)
        ],
        "alerts": [
            {
                "id": f"alert-{number}", "ruleId": one.rule, "title": one.title, "severity": one.severity,
                "state": one.state, "openedAt": moment(one.opened), "openedSeq": one.run, "lastSeenSeq": one.run,
                "resolvedAt": moment(one.resolved) if one.resolved else None, "timesOpened": one.times,
                "mutedUntil": moment(one.muted_until) if one.muted_until else None, "muted": one.state == "muted",
                "note": one.note, **_about(nodes[one.of]),
            }
            for number, one in enumerate(alerts)
        ],
    }  # fmt: skip


def _about(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "entityKey": node["key"],
        "entityType": node["type"],
        "entityName": node["name"],
        "scopeId": node["scope"],
        "scope": node["scope"],
    }
