"""Who may become owner of a group for a time: an eligible `CAN` of kind `owner` (see `loader/conclusions/can.py`)."""

from __future__ import annotations

from loader.conclusions.can import by_owning, can_links, can_relationships
from loader.conclusions.may_become import HOLDERS, needs_approval
from loader.model import Conclusion, Derivation

OWNERSHIPS = Derivation(
    name="can-become-owner",
    inputs=("azure_group_eligibility", "azure_group_approval", *HOLDERS),
    relationships=can_relationships(HOLDERS, ("azure_user_group",)),
    query=f"""
        MATCH (given:azure_group_eligibility)-[:ASSIGNED]->(holder:Entity)
        WHERE given._stub IS NULL AND toLower(given.accessId) = 'owner'
        MATCH (given)-[:ALLOWS]->(group:azure_user_group)
        RETURN 'owner' AS kind, given._key AS assignment, holder._key AS holder, group._key AS scope,
               true AS eligible, toString(given.endsOn) AS until, {by_owning("group")}, {needs_approval("owner")}
    """,
    rows=can_links,
)

CONCLUSION = Conclusion(name="Who may become owner of a group", derivations=(OWNERSHIPS,))
