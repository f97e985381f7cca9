"""What the evaluation takes, read from the graph: grants at some places, roles, memberships, names.

It walks from the resource up to where something was given, from there back to the holders, and down to their members:
each level is one question over keys, so its cost goes with what is found, not with the size of the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loader.access.evaluation import Grant
from loader.access.lasting import LASTS
from loader.access.memberships import Memberships, Step

if TYPE_CHECKING:
    from loader.graph import Database

_AT = f"""
UNWIND $places AS place
MATCH (scope:Entity {{_key: place}})<-[can:CAN]-(holder:Entity)
WHERE can.kind IN $kinds AND {LASTS.format(given="can")}
  AND ($capability IS NULL OR $capability IN can.capabilities OR NOT can.roleKnown)
RETURN holder._key AS holder, place AS scope, properties(can) AS can
"""
_HELD = f"""
UNWIND $holders AS key
MATCH (holder:Entity {{_key: key}})-[can:CAN]->(scope:Entity) WHERE {LASTS.format(given="can")}
RETURN key AS holder, scope._key AS scope, properties(can) AS can
"""
# Keys are looked up among all entities: only these have an index of them.
_UP = f"""
UNWIND $keys AS key MATCH (member:Entity {{_key: key}})-[how:MEMBER_OF|MAY_BECOME]->(group:azure_user_group)
WHERE {LASTS.format(given="how")}
RETURN DISTINCT key AS member, group._key AS group, type(how) = 'MAY_BECOME' AS eligible, group._key AS onward
"""
_DOWN = f"""
UNWIND $keys AS key MATCH (group:Entity {{_key: key}})<-[how:MEMBER_OF|MAY_BECOME]-(member:Entity)
WHERE {LASTS.format(given="how")}
RETURN DISTINCT member._key AS member, key AS group, type(how) = 'MAY_BECOME' AS eligible,
       CASE WHEN member:azure_user_group THEN member._key END AS onward
"""
# Of whoever is in a group and may join it too, what holds now counts.
_TERMS = """
UNWIND $steps AS step
MATCH (:Entity {_key: step[0]})-[how:MEMBER_OF|MAY_BECOME]->(:Entity {_key: step[1]})
WITH step, how ORDER BY type(how) DESC
WITH step, head(collect(how)) AS how
RETURN step[0] AS member, step[1] AS group, type(how) = 'MEMBER_OF' AS now, how.takenUp AS takenUp, how.until AS until,
       how.needsApproval AS needsApproval
"""
_NAMES = f"""
UNWIND $keys AS key MATCH (n:Entity {{_key: key}})
RETURN key, n._type AS type, coalesce(n.displayName, n.name, n.id, n._key) AS name, coalesce(n._stub, false) AS stub,
       n.userPrincipalName AS signInName, n.accountEnabled AS enabled,
       n.memberCount - COUNT {{ (n)<-[how:MEMBER_OF]-() WHERE NOT {LASTS.format(given="how")} }} AS members
"""


@dataclass(frozen=True, slots=True)
class Named:
    """What people call an entity. members: of a group, as it was told; None where nobody knows."""

    key: str
    type: str
    name: str
    stub: bool = False
    sign_in_name: str = ""
    enabled: bool | None = None
    members: int | None = None


def grants_at(
    database: Database, places: Sequence[str], kinds: Sequence[str], capability: str | None = None
) -> list[Grant]:
    """What is given at the places; with a capability, by roles that have it somewhere or that are not known."""
    rows = database.read(_AT, {"places": list(places), "kinds": list(kinds), "capability": capability})
    return sorted(map(grant_of, rows), key=lambda one: (one.scope, one.role_name, one.holder, one.assignment))


def grants_of(database: Database, holders: Iterable[str]) -> list[Grant]:
    """What is given to the holders, anywhere."""
    rows = database.read(_HELD, {"holders": sorted(holders)})
    return sorted(map(grant_of, rows), key=lambda one: (one.scope, one.role_name, one.holder, one.assignment))


def grant_of(row: Mapping[str, Any]) -> Grant:
    """A `CAN` of the graph."""
    can = row["can"]
    return Grant(
        assignment=can["assignment"],
        holder=row["holder"],
        scope=row["scope"],
        kind=can["kind"],
        role=can.get("role") or "",
        role_name=can.get("roleName") or "",
        capabilities=frozenset(can.get("capabilities") or ()) if can.get("roleKnown") else None,
        condition=can.get("condition") or "",
        eligible=bool(can.get("eligible")),
        until=can.get("until") or "",
        needs_approval=can.get("needsApproval"),
        taken_up=bool(can.get("takenUp")),
    )


def members_of(database: Database, holders: Iterable[str]) -> set[tuple[Step, bool]]:
    """All direct memberships among the holders' members, however deep; whether each is only eligible."""
    return _walk(database, _DOWN, holders)


def groups_of(database: Database, principals: Iterable[str]) -> set[tuple[Step, bool]]:
    """The same upward: among the principals' groups."""
    return _walk(database, _UP, principals)


def memberships(found: Iterable[tuple[Step, bool]]) -> Memberships:
    """What was found, for the evaluation."""
    listed = list(found)
    return Memberships.of(
        (step for step, eligible in listed if not eligible), (step for step, eligible in listed if eligible)
    )


def terms_of(database: Database, steps: Collection[Step]) -> dict[Step, str]:
    """What of memberships is not for ever or not by oneself: taken up until a day, or after an approval."""
    told: dict[Step, str] = {}
    if not steps:
        return told
    for row in database.read(_TERMS, {"steps": [list(step) for step in sorted(steps)]}):
        terms = [*(["taken up"] if row["takenUp"] else []), *(["needs approval"] if row["needsApproval"] else [])]
        terms += [f"until {row['until'][:10]}"] if row["now"] and row["until"] else []
        if terms:
            told[row["member"], row["group"]] = ", ".join(terms)
    return told


def names_of(database: Database, keys: Iterable[str]) -> dict[str, Named]:
    """What the entities are called, by key; those that the graph does not have are called by it."""
    wanted = sorted(set(keys))
    found = {
        row["key"]: Named(
            row["key"],
            row["type"] or "",
            str(row["name"]),
            row["stub"],
            row["signInName"] or "",
            row["enabled"],
            row["members"],
        )
        for row in database.read(_NAMES, {"keys": wanted})
    }
    return {key: found.get(key) or Named(key, "", key, stub=True) for key in wanted}


def _walk(database: Database, query: str, start: Iterable[str]) -> set[tuple[Step, bool]]:
    found: set[tuple[Step, bool]] = set()
    seen = set(start)
    waiting = sorted(seen)
    while waiting:
        rows = database.read(query, {"keys": waiting})
        found |= {((row["member"], row["group"]), bool(row["eligible"])) for row in rows}
        new = {row["onward"] for row in rows if row["onward"]} - seen
        seen |= new
        waiting = sorted(new)
    return found
