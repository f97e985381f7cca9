"""What in a database is not of one tenant's making: other tenants, and nodes that azgraph has not written."""

from __future__ import annotations

from loader.graph.database import Database

_FOREIGN = """
CALL () {
  MATCH (n) WHERE NOT (n:Entity OR n:SyncRun OR n:SyncScope OR n:SyncLease OR n:SyncPart OR n:Change OR n:Alert
                       OR n:AlertRule OR n:PackResult OR n:Notice OR n:Delivery OR n:SyncReading)
  RETURN n LIMIT 1
  UNION
  MATCH (n:Entity) WHERE n._key IS NULL RETURN n LIMIT 1
  UNION
  MATCH (n:SyncRun) WHERE n.tenant <> $tenant RETURN n LIMIT 1
  UNION
  MATCH (n:azure_account) WHERE n._key <> $tenant AND coalesce(n._stub, false) = false RETURN n LIMIT 1
}
RETURN count(n) > 0 AS there
"""


def holds_anything_else(database: Database, tenant: str) -> bool:
    """Whether the database holds anything but what azgraph loaded of this tenant."""
    return bool(database.read(_FOREIGN, {"tenant": tenant})[0]["there"])
