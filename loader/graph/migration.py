"""Bringing a graph of an earlier azgraph to today's form, losing nothing.

Up to version 0.1 the areas `tenant` and `shared` carried no tenant. They become those of the tenant whose account the
graph holds, which is the one they were loaded from. And what has the same ARM id in every tenant was known by that id.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from loader.areas import SHARED, TENANT, stored_area
from loader.graph.database import Database
from loader.graph.writer import GraphWriter

_BATCH = 10_000
_OLD = """
MATCH (s:SyncScope) WHERE s.area IN $areas AND split(s.step, '.')[0] IN $types
RETURN s.id AS id, s.step AS step, s.area AS area
"""
_OWNERS = "MATCH (a:azure_account) WHERE coalesce(a._stub, false) = false RETURN a._key AS tenant"
_NODES = """
MATCH (n:Entity) WHERE n._scope STARTS WITH $old WITH n LIMIT $limit
SET n._scope = $new + substring(n._scope, size($old)) RETURN count(n) AS moved
"""
_SCOPE = """
MATCH (s:SyncScope {id: $id}) OPTIONAL MATCH (there:SyncScope {id: $new})
FOREACH (_ IN CASE WHEN there IS NULL THEN [] ELSE [1] END | DELETE s)
FOREACH (_ IN CASE WHEN there IS NULL THEN [1] ELSE [] END | SET s.id = $new, s.area = $area)
"""
_TENANTS = "MATCH (s:SyncScope) WHERE s.tenant IS NULL AND split(s.step, '.')[0] IN $types SET s.tenant = $tenant"

# Known by the tenant's id and their own since then.
_SAME_IN_ALL = ("azure_ad_diagnostic_setting", "azure_intune_diagnostic_setting", "azure_subscription_policy")
_KEYS = """
MATCH (n:Entity) WHERE n._scope IN $scopes AND n._key STARTS WITH '/'
SET n._key = $tenant + n._key
WITH n MATCH (n)<-[:CHANGE_OF]-(c:Change) SET c.entityKey = n._key
"""


def adopt_areas(database: Database, writer: GraphWriter, tenant: str, types: Collection[str]) -> None:
    """Gives areas without a tenant theirs. types: the entity types that Azure is asked for. Safe to be broken off."""
    listed = {"areas": [TENANT, SHARED], "types": sorted(types)}
    owners = [str(row["tenant"]) for row in database.read(_OWNERS)]
    owner = owners[0] if len(owners) == 1 else tenant
    for row in database.read(_OLD, listed):
        area = stored_area(row["area"], owner)
        new = f"{row['step']}|{area}"
        moving: dict[str, Any] = {"old": f"{row['id']}|", "new": f"{new}|", "limit": _BATCH}
        moved = _BATCH
        while moved == _BATCH:
            moved = int(writer.leased(lambda transaction, moving=moving: transaction.run(_NODES, **moving))[0]["moved"])  # type: ignore[misc]
        renamed = {"id": row["id"], "new": new, "area": area}
        writer.leased(lambda transaction, renamed=renamed: transaction.run(_SCOPE, **renamed))  # type: ignore[misc]
    writer.leased(lambda transaction: transaction.run(_TENANTS, tenant=owner, types=listed["types"]))
    of_one = {"scopes": [f"{name}|{stored_area(TENANT, owner)}|" for name in _SAME_IN_ALL], "tenant": owner.lower()}
    writer.leased(lambda transaction: transaction.run(_KEYS, **of_one))
