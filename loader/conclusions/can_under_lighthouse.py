"""What another tenant's people can do under Azure Lighthouse: a `CAN` of kind `lighthouse` (see `can.py`).

The holder is in the managing tenant's directory. Who may give roles there may give certain ones, to managed identities
alone (https://learn.microsoft.com/azure/lighthouse/concepts/tenants-users-roles): that is told as its condition.
"""

from __future__ import annotations

from loader.access.blocks import IN_CYPHER
from loader.conclusions.can import can_links, can_relationships
from loader.model import ANY_SCOPE, Conclusion, Derivation
from loader.services.identity.authorization import PRINCIPALS, UNKNOWN_KIND
from loader.services.identity.deny_assignments import EVERYBODY

_HOLDERS = tuple(dict.fromkeys((*PRINCIPALS.values(), UNKNOWN_KIND)))

DELEGATIONS = Derivation(
    name="can-under-lighthouse",
    inputs=("azure_lighthouse_delegation", "azure_role_definition", "azure_deny_assignment"),
    relationships=can_relationships(_HOLDERS, (ANY_SCOPE,)),
    query=f"""
        MATCH (given:azure_lighthouse_delegation)-[how:ASSIGNED]->(holder:Entity) WHERE given._stub IS NULL
        MATCH (given)-[:ALLOWS]->(scope:Entity)
        OPTIONAL MATCH (role:Entity {{_key: how.role}}) WHERE role:azure_role_definition
        RETURN 'lighthouse' AS kind, holder._key AS holder, scope._key AS scope,
               given._key + ' ' + split(how.role, '/')[-1] + CASE WHEN how.eligible THEN ' eligible' ELSE '' END
                 AS assignment,
               how.role AS role, coalesce(role.roleName, role.displayName) AS roleName,
               role.capabilities AS capabilities, role{{{IN_CYPHER}}} AS actions,
               how.eligible AS eligible, how.needsApproval AS needsApproval,
               CASE WHEN size(how.mayGive) > 0 THEN 'gives managed identities only: ' + reduce(
                 all = '', one IN COLLECT {{ MATCH (lent:Entity) WHERE lent._key IN how.mayGive
                                             RETURN coalesce(lent.roleName, lent._key) AS name ORDER BY name }} |
                 all + CASE all WHEN '' THEN '' ELSE ', ' END + one) END AS condition,
               COLLECT {{ MATCH (deny:azure_deny_assignment)-[:DENIES]->(place:Entity)
                          WHERE '{EVERYBODY}' IN deny.principals
                            AND (place:azure_management_group OR place:azure_account
                                 OR place._key = scope._key OR place._key STARTS WITH scope._key + '/'
                                 OR scope._key STARTS WITH place._key + '/')
                          RETURN DISTINCT deny._key }} AS deniedBy
    """,
    rows=can_links,
)

CONCLUSION = Conclusion(name="What others can do under Lighthouse", derivations=(DELEGATIONS,))
