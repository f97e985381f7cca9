"""From what people call a tenant, a subscription or a resource to what changes are kept by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from loader.errors import UsageError
from loader.nearest import alternatives

if TYPE_CHECKING:
    from loader.graph import Database

_TENANTS = """
MATCH (r:SyncRun) WHERE r.tenant IS NOT NULL
OPTIONAL MATCH (a:azure_account {_key: r.tenant})
RETURN DISTINCT r.tenant AS id, coalesce(a.displayName, a.name) AS name
"""
_SUBSCRIPTIONS = """
MATCH (s:azure_subscription)
RETURN split(s._key, '/')[2] AS id, coalesce(s.displayName, s.name) AS name
"""
# Also of what is gone: its changes are what is looked for.
_RESOURCES = """
CALL () {
  MATCH (n:Entity) WHERE n._key IN [$name, toLower($name)] OR toLower(n.name) = toLower($name)
    OR toLower(n.displayName) = toLower($name)
  RETURN n._key AS key
  UNION
  MATCH (c:Change) WHERE c.entityKey IN [$name, toLower($name)] OR toLower(c.entityName) = toLower($name)
  RETURN c.entityKey AS key
  UNION
  MATCH (c:Change) WHERE $name STARTS WITH '/' AND c.entityKey STARTS WITH toLower($name) + '/'
  RETURN toLower($name) AS key LIMIT 1
}
RETURN DISTINCT key
"""
_CHANGED = "MATCH (c:Change) RETURN DISTINCT c.entityName AS name ORDER BY name LIMIT 20000"

_ACTORS = """
MATCH (c:Change) WHERE c.actor IS NOT NULL OR c.actorCandidates IS NOT NULL
WITH c, coalesce([c.actorName], []) + coalesce(c.actorCandidates, []) AS names
UNWIND [c.actor, c.actorKey] + names AS name
WITH name, any(one IN names WHERE one = name) AS called WHERE name IS NOT NULL
RETURN name, max(called) AS called ORDER BY name LIMIT 20000
"""


def tenant_of(database: Database, named: str) -> str:
    """The id of a tenant by its id or name. Raises UsageError where the graph has no runs of it."""
    return _one("tenant", named, {str(row["id"]): str(row["name"] or "") for row in database.read(_TENANTS)})


def subscription_of(database: Database, named: str) -> str:
    """The id of a subscription by its id or name. Raises UsageError where the graph has none."""
    known = {str(row["id"]): str(row["name"] or "") for row in database.read(_SUBSCRIPTIONS) if row["id"]}
    return _one("subscription", named.removeprefix("/subscriptions/"), known)


def actors_of(database: Database, named: Iterable[str]) -> tuple[str, ...]:
    """The names by which changes know those who are called so, or have this sign-in name or id. Raises UsageError where
    no change was made by such a one.
    """
    rows = database.read(_ACTORS)
    known = {str(row["name"]).lower() for row in rows}
    told = [str(row["name"]) for row in rows if row["called"]]
    for name in named:
        if name.strip().lower() not in known:
            raise UsageError(f"No change was made by {name!r}, as far as is known. {alternatives(name, told)}")
    return tuple(name.strip() for name in named)


def resource_keys(database: Database, named: Iterable[str]) -> tuple[str, ...]:
    """The keys of all that have these names, ids or keys, or had them. Raises UsageError where nothing has."""
    found: list[str] = []
    for name in named:
        here = [str(row["key"]) for row in database.read(_RESOURCES, {"name": name.strip()})]
        if not here:
            known = [str(row["name"]) for row in database.read(_CHANGED) if row["name"]]
            raise UsageError(f"Nothing in the graph or its history is called {name!r}. {alternatives(name, known)}")
        found += here
    return tuple(dict.fromkeys(found))


def _one(what: str, named: str, known: dict[str, str]) -> str:
    wanted = named.strip().lower()
    found = sorted(key for key, name in known.items() if wanted in (key.lower(), name.lower()))
    if not found:
        names = [name or key for key, name in known.items()]
        raise UsageError(f"There is no {what} {named!r} in the graph. {alternatives(named, names)}")
    if len(found) > 1:
        raise UsageError(f"Several {what}s are called {named!r}; give the id: {', '.join(found)}.")
    return found[0]
