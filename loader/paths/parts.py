"""What is given on a part of a resource and not on the whole: on one secret of a vault, one container, one instance.

It leads to that part, or to the whole where what runs in the part acts as the whole. A part of a vault has two names:
Azure's roles are given on `…/vaults/kv/secrets/x`, and the vault itself tells of `https://kv.vault.azure.net/secrets/x`
(https://learn.microsoft.com/azure/key-vault/general/rbac-guide).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from loader.access.holding import arm_type_of
from loader.paths.kinds import HopKind
from loader.services.shared.arm_ids import parent_of

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.paths.network import Network

_VAULTS = "/providers/microsoft.keyvault/vaults/"
_IN_VAULTS = """
UNWIND $rows AS row MATCH (:Entity {_key: row.vault})-[:CONTAINS]->(item:azure_keyvault_secret|azure_keyvault_key)
WHERE toLower(item._key) ENDS WITH row.ending RETURN row.scope AS scope, item._key AS item
"""
_WHOLE = """
MATCH (one:Entity {_key: $key})
CALL (one) {
  MATCH (one)<-[:CONTAINS]-(whole:azure_keyvault_service) RETURN whole
  UNION
  UNWIND $above AS key MATCH (whole:Entity {_key: key}) WHERE whole._stub IS NULL RETURN whole
}
RETURN whole._key AS whole, one._type AS type
"""


def leading_on(kinds: Iterable[HopKind], scope: str) -> Iterator[tuple[HopKind, str]]:
    """Of the hops that a role on a part is, each with the whole: of one capability those about what is nearest."""
    found = [(kind, whole) for kind in kinds if not kind.whole and (whole := whole_of(kind, scope))]
    nearest: dict[str | None, int] = {}
    for kind, whole in found:
        nearest[kind.capability] = max(len(whole), nearest.get(kind.capability, 0))
    return (one for one in found if len(one[1]) == nearest[one[0].capability] < len(scope))


def whole_of(kind: HopKind, scope: str) -> str | None:
    """The resource of the hop's type that a scope is, or is a part of; None where it is neither."""
    arm_type = arm_type_of(scope)
    for one in kind.arm_types:
        if one and f"{arm_type}/".startswith(f"{one}/"):
            parts = scope.split("/")
            last = len(parts) - 1 - parts[::-1].index("providers")
            return "/".join(parts[: last + 2 * len(one.split("/"))])
    return None


def names_in_vaults(database: Database, scopes: Collection[str]) -> Mapping[str, str]:
    """Of those scopes that are secrets or keys of vaults, what the vaults call them."""
    rows = []
    for one in scopes:
        before, sign, inside = one.partition(_VAULTS)
        vault, slash, ending = inside.partition("/")
        if sign and slash:
            rows.append({"scope": one, "vault": f"{before}{sign}{vault}", "ending": f"/{ending}"})
    return {row["scope"]: row["item"] for row in database.read(_IN_VAULTS, {"rows": rows})} if rows else {}


def scope_in_vault(vault: str, item: str) -> str:
    """The scope in which roles are given on a secret or key that a vault tells of."""
    return f"{vault}/{'/'.join(item.rstrip('/').split('/')[-2:])}"


def _resources_above(key: str) -> Iterator[str]:
    while (above := parent_of(key)) and "/providers/" in above:
        yield above
        key = above


def add_ways_into(database: Database, network: Network, key: str) -> bool:
    """Whoever gets at what is in a resource has this part of it too; whether it is a part of one.

    A part to which hops lead by themselves, such as a slot of an app, has its own ways in.
    """
    known = {one for kind in network.of_kind for one in kind.types}
    rows = database.read(_WHOLE, {"key": key, "above": list(_resources_above(key))})
    rows = [row for row in rows if row["type"] not in known]
    part = network.entity(key)
    for row in rows:
        whole = network.entity(row["whole"])
        network.learn_into([whole])
        if not key.startswith("/"):
            network.learn_into([network.entity(scope_in_vault(row["whole"], key.lower()))])
        for start, _, edge in network.graph.in_edges(whole):
            number = network.kinds[edge]
            kind = network.of_kind[number] if number < len(network.of_kind) else None
            if kind is not None and kind.leads_into(row["type"]):
                network.join([(start, part)], number, network.weights[edge])
    return bool(rows)
