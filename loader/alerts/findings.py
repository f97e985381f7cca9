"""From the rows of a rule's query to findings: identity, bucket, title, and what the graph knows of the entity."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader.alerts.alert import Finding, alert_id, identity_of
from loader.alerts.owners import owners_of
from loader.alerts.rule import Kind, Rule
from loader.library.running import as_text, plain

if TYPE_CHECKING:
    from loader.graph import Database

DAY_SECONDS = 86_400
# Columns that stand elsewhere on the alert; all others are its values.
_NOT_VALUES = ("entity", "seq", "unknown")

# A deleted entity is no longer there to be asked, but the change that deleted it names it.
_KNOWN = """
UNWIND $keys AS key
OPTIONAL MATCH (e:Entity {_key: key})
WITH key, e
OPTIONAL MATCH (c:Change {entityKey: key}) WHERE e IS NULL
WITH key, e, c ORDER BY c.runSeq DESC
WITH key, e, head(collect(c)) AS c
RETURN key, coalesce(e._type, c.entityType, '') AS type,
       coalesce(e.displayName, e.name, c.entityName, '') AS name,
       coalesce(e._scope, c.scopeId, '') AS scope, e IS NOT NULL AND e._stub IS NULL AS there
"""


class RowError(Exception):
    """A row that does not keep what the rule promises; the sentence says which column."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the graph says of an entity: its type, name, `_scope` and owner; empty texts where it says nothing. there:
    as in `Finding`.
    """

    type: str = ""
    name: str = ""
    scope: str = ""
    owner: str = ""
    there: bool = True


def known_entities(database: Database, rule: Rule, keys: Iterable[str]) -> dict[str, Known]:
    """Type, name, place and owner of the entities with these keys; the owner as the rule has it."""
    wanted = sorted(set(keys))
    rows = database.read(_KNOWN, {"keys": wanted})
    owners = owners_of(database, rule, wanted)
    # Then nobody is asked.
    named = isinstance(rule.owner, str)
    return {
        row["key"]: Known(row["type"], row["name"], row["scope"], owners.get(row["key"], ""), row["there"] or named)
        for row in rows
    }


def read_rows(
    rule: Rule, rows: Iterable[Mapping[str, Any]], *, now: datetime, since: int, until: int
) -> tuple[list[Row], list[str]]:
    """The rows that count, one for each identity, and what is wrong with those that cannot be read.

    Of a change rule only the changes after run `since` up to run `until`; of an expiry rule only what falls into one
    of its buckets. Where several rows have one identity, the same one is taken each time. Raises RowError where no row
    can be read: then it is the rule that is wrong.
    """
    found: dict[str, Row] = {}
    faults: list[str] = []
    readable = 0
    for raw in rows:
        try:
            row = _row(rule, raw, now, until)
        except RowError as error:
            faults.append(str(error))
            continue
        readable += 1
        if row is None or (rule.kind is Kind.CHANGE and not since < row.seq <= until):
            continue
        other = found.get(row.identity)
        if other is None or (not row.unknown, row.seq, row.values) > (not other.unknown, other.seq, other.values):
            found[row.identity] = row
    if faults and not readable:
        raise RowError(faults[0])
    return list(found.values()), list(dict.fromkeys(faults))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a rule's query, checked. unknown: whether it is a finding cannot be told."""

    identity: str
    entity_key: str
    seq: int
    values: str
    bucket_days: int | None
    unknown: bool = False

    def id_for(self, rule: Rule) -> str:
        """The id of the alert that it is about."""
        return alert_id(rule.id, self.identity)

    def finding(self, rule: Rule, known: Known) -> Finding:
        values: dict[str, Any] = json.loads(self.values)
        in_bucket = (one.severity for one in rule.buckets if one.days == self.bucket_days)
        severity = next(in_bucket, None) or rule.severity_of(values)
        change = values.get("change") if rule.kind is Kind.CHANGE else None
        name = known.name or str(values.get("name") or self.entity_key)
        return Finding(
            id=self.id_for(rule),
            identity=self.identity,
            entity_key=self.entity_key,
            entity_type=known.type,
            entity_name=name,
            scope=known.scope,
            title=_title(rule, values) if rule.message else f"{rule.title}: {name}",
            severity=severity,
            values=self.values,
            seq=self.seq,
            bucket=self.bucket_days,
            owner=known.owner,
            there=known.there,
            opened_by=(change,) if isinstance(change, str) else (),
            said=tuple(str(values[one]) for one in rule.said_in if values.get(one)),
        )


def _row(rule: Rule, raw: Mapping[str, Any], now: datetime, latest: int) -> Row | None:
    for ours, theirs in rule.columns.items():
        if theirs not in raw:
            raise RowError(f"did not return the column `{theirs}` that `columns` names")
        raw = {**raw, ours: raw[theirs]}
    row = {name: plain(value) for name, value in raw.items()}
    entity = row.get("entity")
    if not isinstance(entity, str) or not entity:
        raise RowError("returned a row whose `entity` is empty; it must be the _key of what the alert is about")
    missing = [name for name in rule.identity if row.get(name) is None]
    if missing:
        raise RowError(f"returned a row whose identity column `{missing[0]}` is empty")
    bucket_days = None
    if rule.kind is Kind.EXPIRY:
        bucket = rule.bucket_of(_days_left(raw, now))
        if bucket is None:
            return None
        bucket_days = bucket.days
    seq = row.get("seq") if rule.kind is Kind.CHANGE else latest
    if not isinstance(seq, int):
        raise RowError("returned a row without `seq`; it must be the runSeq of the change")
    values = {name: value for name, value in row.items() if name not in _NOT_VALUES}
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    identity = identity_of([row[name] for name in rule.identity])
    return Row(identity, entity, seq, text, bucket_days, row.get("unknown") is True)


def _days_left(raw: Mapping[str, Any], now: datetime) -> float:
    due = raw.get("due")
    if not isinstance(due, datetime):
        raise RowError("returned a row whose `due` is not a datetime")
    due = due if due.tzinfo else due.replace(tzinfo=UTC)
    return (due - now).total_seconds() / DAY_SECONDS


def _title(rule: Rule, values: Mapping[str, Any]) -> str:
    """The rule's message with its `{column}`s filled in; values are data and are never read as templates."""
    try:
        return (rule.message or rule.title).format_map({name: as_text(value) for name, value in values.items()})
    except KeyError as missing:
        raise RowError(f"did not return the column {missing} that its message names") from missing
