"""Where what is given on a resource may have been given: the resource itself and all above it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from loader.access.given_by import AZURE, DIRECTORY
from loader.areas import TENANT_OF
from loader.errors import UsageError

if TYPE_CHECKING:
    from loader.graph import Database

TENANT = "azure_account"

_FACTS = f"""
MATCH (n:Entity {{_key: $key}})
RETURN n._type AS type, coalesce(n.displayName, n.name, n.id, n._key) AS name, n._stub AS stub,
       {TENANT_OF.format(node="n")} AS tenant,
       head([(n)<-[:CONTAINS]-(vault:azure_keyvault_service) | vault._key]) AS vault,
       n:azure_keyvault_service AND coalesce(n.enableRbacAuthorization, true) = false AS policies
"""
# Both hang in management groups, and these in the tenant.
_ABOVE = """
MATCH (n:Entity {_key: $key})
OPTIONAL MATCH (n)<-[:CONTAINS]-{1,12}(above:azure_management_group)
WITH n, collect(DISTINCT above) AS above
CALL (n, above) {
    UNWIND [n] + above AS one MATCH (one)<-[:HAS]-(tenant:azure_account) RETURN tenant._key AS found LIMIT 1
    UNION
    WITH n WHERE n.tenantId IS NOT NULL RETURN toLower(n.tenantId) AS found
}
RETURN [one IN above | one._key] AS keys, n.state AS state, coalesce(n._stub, false) AS stub, found AS tenant LIMIT 1
"""
_UNITS = """
MATCH (n:Entity {_key: $key})
OPTIONAL MATCH (n)<-[:HAS]-(unit:azure_administrative_unit)
OPTIONAL MATCH (n)<-[:HAS]-(tenant:azure_account)
WITH collect(DISTINCT unit) AS units, head(collect(tenant._key)) AS tenant
RETURN [one IN units | one._key] AS keys, tenant
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked about. places: its key, then those of all above it; kinds: by what access to it can be given.

    area: the subscription or the tenant's area in which its steps are taken. unknown: sentences for what is not loaded
    of all above it. own_policies: a key vault whose own access policies decide on its data, not roles.
    """

    key: str
    type: str
    name: str
    places: tuple[str, ...]
    kinds: tuple[str, ...]
    area: str
    unknown: tuple[str, ...] = ()
    own_policies: bool = False

    @property
    def in_directory(self) -> bool:
        """Whether it is none of Azure's resources but of the directory, or the tenant itself."""
        return "directory" in self.kinds


def target_of(database: Database, key: str) -> Target:
    """What stands above a resource, whatever it is. Raises UsageError where the graph does not have it."""
    rows = database.read(_FACTS, {"key": key})
    if not rows:
        raise UsageError(f"The graph has nothing with the key {key!r}.")
    facts = rows[0]
    kind, name = str(facts["type"] or ""), str(facts["name"])
    if kind == TENANT:
        return Target(key, kind, name, (key,), (*AZURE, *DIRECTORY), f"tenant:{key}")
    if facts["vault"]:
        vault = target_of(database, facts["vault"])
        inside = f"{vault.key}/{'keys' if kind.endswith('_key') else 'secrets'}/{key.rstrip('/').rpartition('/')[2]}"
        return replace(vault, key=key, type=kind, name=name, places=(inside, *vault.places))
    if key.startswith("/"):
        return replace(_of_azure(database, key, kind, name), own_policies=facts["policies"])
    return _of_directory(database, key, kind, name, facts["tenant"])


def _of_azure(database: Database, key: str, kind: str, name: str) -> Target:
    parts = key.strip("/").split("/")
    own = ["/" + "/".join(parts[:length]) for length in range(len(parts), 1, -1)]
    if parts[0] != "subscriptions":
        above = _above(database, key)
        return Target(key, kind, name, (key, *above["places"]), AZURE, f"tenant:{above['tenant']}")
    subscription = own[-1]
    above = _above(database, subscription)
    return Target(key, kind, name, (*own, *above["places"]), AZURE, parts[1], tuple(above["unknown"]))


def _above(database: Database, key: str) -> dict[str, Any]:
    rows = database.read(_ABOVE, {"key": key})
    row = rows[0] if rows else {"keys": [], "tenant": None, "stub": True, "state": None}
    unknown = []
    if row["stub"]:
        unknown.append(f"The subscription {key} was not loaded; nothing is known of who has access to it.")
    elif row["state"] not in (None, "Enabled"):
        unknown.append(f"The subscription {key} is {str(row['state']).lower()}: what was loaded of it may be old.")
    tenant = [row["tenant"]] if row["tenant"] else []
    return {"places": [*row["keys"], *tenant], "tenant": row["tenant"] or "", "unknown": unknown}


def _of_directory(database: Database, key: str, kind: str, name: str, tenant: str | None) -> Target:
    row = database.read(_UNITS, {"key": key})[0]
    above = row["tenant"] or tenant
    places = (key, *row["keys"], *((above,) if above else ()))
    return Target(key, kind, name, places, DIRECTORY, f"tenant:{above or ''}")
