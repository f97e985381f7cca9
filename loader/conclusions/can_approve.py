"""Who has to agree before others take up a role: a `CAN` with `approve-roles` (see `loader/conclusions/can.py`).

Kind `azure-approver` where a role of Azure is taken up, at the scope of its policy; `directory-approver` for roles of
the directory, on the tenant; `group-approver` for membership or ownership of a group, on the group. Where a policy asks
for an approval and names nobody, the directory's own administrators of roles approve; they have `approve-roles` by
their role.
"""

from __future__ import annotations

from loader.areas import TENANT_OF
from loader.conclusions.can import can_links, can_relationships
from loader.model import ANY_SCOPE, Conclusion, Derivation

_APPROVERS = ("azure_user", "azure_user_group")
_SAID = """
               'Approver of ' + coalesce(role.roleName, role.displayName, 'a role') AS roleName, role._key AS role,
               ['approve-roles'] AS capabilities
"""

OF_AZURE = Derivation(
    name="can-approve-azure-roles",
    inputs=("azure_role_approval", "azure_role_definition", *_APPROVERS),
    relationships=can_relationships(_APPROVERS, (ANY_SCOPE,)),
    query=f"""
        MATCH (policy:azure_role_approval)-[:USES]->(holder:Entity) WHERE policy._stub IS NULL
        MATCH (policy)-[:APPLIES_TO]->(scope:Entity)
        OPTIONAL MATCH (policy)<-[:HAS]-(role:azure_role_definition)
        RETURN 'azure-approver' AS kind, policy._key AS assignment, holder._key AS holder, scope._key AS scope, {_SAID}
    """,
    rows=can_links,
)

IN_DIRECTORY = Derivation(
    name="can-approve-directory-roles",
    inputs=("azure_ad_role_policy", "azure_ad_role_definition", "azure_account", *_APPROVERS),
    relationships=can_relationships(_APPROVERS, ("azure_account",)),
    query=f"""
        MATCH (policy:azure_ad_role_policy)-[:USES]->(holder:Entity)
        WHERE policy._stub IS NULL AND policy.approvalRequired
        MATCH (tenant:azure_account {{_key: {TENANT_OF.format(node="policy")}}})
        OPTIONAL MATCH (policy)<-[:HAS]-(role:azure_ad_role_definition)
        RETURN 'directory-approver' AS kind, policy._key AS assignment, holder._key AS holder, tenant._key AS scope,
               {_SAID}
    """,
    rows=can_links,
)

OF_GROUPS = Derivation(
    name="can-approve-memberships",
    inputs=("azure_group_approval", *_APPROVERS),
    relationships=can_relationships(_APPROVERS, ("azure_user_group",)),
    query="""
        MATCH (policy:azure_group_approval)-[:USES]->(holder:Entity) WHERE policy._stub IS NULL
        MATCH (policy)-[:APPLIES_TO]->(scope:azure_user_group)
        RETURN 'group-approver' AS kind, policy._key AS assignment, holder._key AS holder, scope._key AS scope,
               'Approver of ' + toLower(policy.accessId) + 's' AS roleName, null AS role,
               ['approve-roles'] AS capabilities
    """,
    rows=can_links,
)

CONCLUSION = Conclusion(name="Who approves roles", derivations=(OF_AZURE, IN_DIRECTORY, OF_GROUPS))
