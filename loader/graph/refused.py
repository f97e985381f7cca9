"""A run that was refused before it began: kept as a failed one with its reason, so that the graph knows of it.

Nothing is written but its `SyncRun`, with `refused`: it has no steps, so nothing is deleted, resolved or younger by it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from neo4j.exceptions import DriverError, Neo4jError

from loader.graph.bookkeeping import end_dead_runs, next_seq
from loader.graph.database import Database, Transaction
from loader.graph.lease import Lease
from loader.graph.refusals import refusal
from loader.graph.schema import ensure_schema
from loader.guids import is_guid_alone
from loader.secrets import scrub_text

# What loaded anything stands for its tenant; a name that was only ever refused may be a wrong one.
_KNOWN = "MATCH (r:SyncRun {tenant: $tenant}) WHERE r.refused IS NULL RETURN r.tenant AS tenant LIMIT 1"
_OF_INSTANCE = """
MATCH (r:SyncRun {instance: $instance}) WHERE r.refused IS NULL AND r.tenant IS NOT NULL
RETURN r.tenant AS tenant ORDER BY r.seq DESC LIMIT 1
"""
_THE_ONLY = """
MATCH (r:SyncRun) WHERE r.refused IS NULL AND r.tenant IS NOT NULL WITH collect(DISTINCT r.tenant) AS tenants
WHERE size(tenants) = 1 RETURN tenants[0] AS tenant
"""
_REFUSED = """
MERGE (r:SyncRun {id: $id})
ON CREATE SET r.seq = $seq, r.startedAt = $began, r.finishedAt = datetime(), r.status = 'failed', r.refused = true,
              r.reason = $reason, r.loaderVersion = $loader, r.tenant = $tenant, r.instance = $instance
"""


def record_refused(
    database: Database,
    *,
    reason: str,
    began: datetime,
    loader_version: str,
    tenant: str | None = None,
    instance: str | None = None,
    wait_seconds: float = 0,
) -> int:
    """Keeps the run; gives its number. Raises AzgraphError where another loader holds the lease for longer than
    wait_seconds, and UnreachableError.

    tenant: whose directory was to be read, by id or domain, where anybody knows; instance: the configured one.
    """
    told = {"began": began, "reason": scrub_text(reason), "loader": loader_version, "instance": instance or None}
    try:
        ensure_schema(database)
        lease = Lease(database)
        lease.acquire(wait_seconds)
        try:
            whose = _known_tenant(database, (tenant or "").lower(), instance)
            return database.write(lambda transaction: _write(transaction, lease, {**told, "tenant": whose}))[0]
        finally:
            lease.release()
    except (DriverError, Neo4jError) as error:
        raise (refusal(error) or error) from error


def _write(transaction: Transaction, lease: Lease, told: Mapping[str, Any]) -> int:
    identifier = str(uuid.uuid4())
    lease.check(transaction)
    end_dead_runs(transaction, identifier)
    seq = next_seq(transaction)
    transaction.run(_REFUSED, id=identifier, seq=seq, **told)
    return seq


def _known_tenant(database: Database, named: str, instance: str | None) -> str | None:
    """The tenant as the graph has it; None where it has none of it. A name in the configuration may be a domain, or be
    wrong, which may just be why the run was refused.
    """
    asked: list[tuple[str, dict[str, str]]] = []
    if is_guid_alone(named):
        asked.append((_KNOWN, {"tenant": named}))
    if instance:
        asked.append((_OF_INSTANCE, {"instance": instance}))
    elif not named:
        asked.append((_THE_ONLY, {}))
    for query, given in asked:
        for row in database.read(query, given):
            return str(row["tenant"])
    return None
