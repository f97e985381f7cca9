"""Who can do what, and where it was given: `(principal)-[:CAN {capabilities, …}]->(scope)`, one for each assignment.

It runs the attacker's way and is not multiplied out: a member of a group has what its groups have (`MEMBER_OF`), and
what is given on a management group, subscription or resource group holds for all below it. So a graph has no more of
them than it has assignments. `kind` says by what it was given: `azure` (a role of Azure), `directory` (a role of Entra;
the scope is the tenant, an administrative unit or one object), `application` (a permission of an application; the scope
is the tenant), `owner`, `policy` (an access policy of a key vault), `classic`.

    MATCH (who)-[can:CAN]->(vault:azure_keyvault_service) WHERE 'read-secrets' IN can.capabilities
    RETURN who.displayName, can.roleName, can.condition, vault.name

`capabilities` are those of the role (docs/effective-access.md); `roleKnown` is false where that was not loaded. What
holds for a time says `until`, and `takenUp` where somebody took it up (Privileged Identity Management). A
`condition` may narrow it, the deny assignments in `deniedBy` may take from it somewhere (`azgraph access explain` says
what and from whom), `eligible` has to be taken up first: neither is what somebody can do unconditionally, now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.access.blocks import PROPERTIES, blocks_of
from loader.access.capabilities import capabilities_of, directory_capabilities_of
from loader.conclusions.may_become import HOLDERS
from loader.model import ANY_SCOPE, Conclusion, Derivation, DerivedLink, Value
from loader.services.identity.authorization import PRINCIPALS
from loader.services.identity.deny_assignments import EVERYBODY

_TOLD = ("role", "roleName", "condition", "until", "needsApproval", "takenUp")
_PLACES = ("azure_account", "azure_administrative_unit", "azure_application", "azure_service_principal")
OWNER_ROLE = "/providers/microsoft.authorization/roledefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def _capabilities(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Those that the role says itself, or that follow from its actions; None where it was not loaded."""
    told = row.get("told") or {}
    if row["capabilities"] is not None:
        return tuple(row["capabilities"])
    if told.get("allowedActions") is not None:
        return directory_capabilities_of(told["allowedActions"], str(told.get("templateId") or ""))
    if told.get("actions") is not None:
        return capabilities_of(blocks_of(told))
    return None


def can_links(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    """A `CAN` of each row: kind, assignment, holder, scope, capabilities, and what else is told of it."""
    for row in rows:
        capabilities = _capabilities(row)
        told: dict[str, Value] = {name: row[name] for name in _TOLD if row.get(name) is not None}
        yield DerivedLink(
            row["holder"],
            "CAN",
            row["scope"],
            key=row["assignment"],
            properties={
                "kind": row["kind"],
                "assignment": row["assignment"],
                "capabilities": sorted(capabilities or ()),
                "roleKnown": capabilities is not None,
                "eligible": bool(row.get("eligible")),
                "deniedBy": sorted(row.get("deniedBy") or ()),
                **told,
            },
        )


def _relationships(holders: Iterable[str], scopes: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    ends = tuple(scopes)
    return tuple((holder, "CAN", scope) for holder in holders for scope in ends)


# What of a role tells its blocks of permissions, in Cypher.
BLOCKS = ", ".join(f".{name}" for name in PROPERTIES)


def _in_azure(assignments: str, more: str) -> str:
    return f"""
        OPTIONAL MATCH (deny:azure_deny_assignment)-[:DENIES]->(place:Entity)
        WITH collect({{key: deny._key, place: place._key, named: coalesce(deny.principals, []),
                      spared: coalesce(deny.excludePrincipals, []),
                      groups: deny.principals = ['{EVERYBODY}'] OR EXISTS {{ (deny)-[:ASSIGNED]->(:azure_user_group) }},
                      everywhere: place:azure_management_group}}) AS denies
        MATCH (given:{assignments})-[:ASSIGNED]->(holder:Entity) WHERE given._stub IS NULL
        MATCH (given)-[:ALLOWS]->(scope:Entity)
        OPTIONAL MATCH (given)-[:USES]->(role:azure_role_definition)
        RETURN [one IN denies WHERE one.place IS NOT NULL AND NOT holder._key IN one.spared
                AND (one.groups OR holder:azure_user_group OR holder._key IN one.named)
                AND (one.everywhere OR NOT scope._key STARTS WITH '/subscriptions/'
                     OR one.place = scope._key OR one.place STARTS WITH scope._key + '/'
                     OR scope._key STARTS WITH one.place + '/') | one.key] AS deniedBy,
               'azure' AS kind, given._key AS assignment, holder._key AS holder, scope._key AS scope,
               role._key AS role, coalesce(role.roleName, role.displayName) AS roleName,
               role.capabilities AS capabilities, role{{{BLOCKS}}} AS told, given.condition AS condition, {more}
    """


# Until when somebody has a role, and whether it was taken up.
_FOR_A_TIME = """
               head([(given)<-[:IS]-(time:azure_role_assignment_schedule) | toString(time.endsOn)]) AS until,
               head([(given)<-[:IS]-(time:azure_role_assignment_schedule)
                     WHERE toLower(time.assignmentType) = 'activated' | true]) AS takenUp"""
# The policies of each scope hold there, not below.
_APPROVED = """
               head([(scope)<-[:APPLIES_TO]-(approval:azure_role_approval)<-[:HAS]-(role) | true])"""

AZURE_ROLES = Derivation(
    name="can-by-azure-role",
    inputs=(
        "azure_role_assignment",
        "azure_role_assignment_schedule",
        "azure_role_eligibility",
        "azure_role_approval",
        "azure_role_definition",
        "azure_deny_assignment",
    ),
    relationships=_relationships(PRINCIPALS.values(), (ANY_SCOPE,)),
    query=_in_azure("azure_role_assignment", f"false AS eligible, {_FOR_A_TIME}, null AS needsApproval")
    + "UNION ALL"
    + _in_azure(
        "azure_role_eligibility",
        f"true AS eligible, toString(given.endsOn) AS until, null AS takenUp, {_APPROVED} AS needsApproval",
    ),
    rows=can_links,
)


def _in_directory(assignments: str, more: str) -> str:
    return f"""
        MATCH (given:{assignments})-[:ASSIGNED]->(holder:Entity) WHERE given._stub IS NULL
        MATCH (given)-[:ALLOWS]->(scope:Entity)
        OPTIONAL MATCH (given)-[:USES]->(role:azure_ad_role_definition)
        RETURN 'directory' AS kind, given._key AS assignment, holder._key AS holder, scope._key AS scope,
               role._key AS role, role.displayName AS roleName, role.capabilities AS capabilities,
               role{{.allowedActions, .templateId}} AS told, {more}
    """


DIRECTORY_ROLES = Derivation(
    name="can-by-directory-role",
    inputs=(
        "azure_ad_role_assignment",
        "azure_ad_role_eligibility",
        "azure_ad_role_definition",
        "azure_ad_role_policy",
    ),
    relationships=_relationships(HOLDERS, _PLACES),
    query=_in_directory("azure_ad_role_assignment", "false AS eligible, null AS until, null AS needsApproval")
    + "UNION ALL"
    + _in_directory(
        "azure_ad_role_eligibility",
        "true AS eligible, toString(given.endsOn) AS until, "
        "head([(role)-[:HAS]->(policy:azure_ad_role_policy) | policy.approvalRequired]) AS needsApproval",
    ),
    rows=can_links,
)

APPLICATION_PERMISSIONS = Derivation(
    name="can-by-application-permission",
    inputs=("azure_app_role_assignment", "azure_account"),
    relationships=_relationships(HOLDERS, ("azure_account",)),
    # Most assignments only let somebody use an application; these let nobody do anything to the tenant.
    query="""
        MATCH (given:azure_app_role_assignment)-[:ASSIGNED]->(holder:Entity)
        WHERE given._stub IS NULL AND size(given.capabilities) > 0
        MATCH (tenant:azure_account {_key: split(split(given._scope, '|')[1], ':')[1]})
        RETURN 'application' AS kind, given._key AS assignment, holder._key AS holder, tenant._key AS scope,
               given.appRoleId AS role, given.permission AS roleName, given.capabilities AS capabilities
    """,
    rows=can_links,
)

OWNERS = Derivation(
    name="can-as-owner",
    inputs=("azure_user", "azure_user_group", "azure_application", "azure_service_principal"),
    relationships=_relationships(
        ("azure_user", "azure_service_principal"),
        ("azure_user_group", "azure_application", "azure_service_principal"),
    ),
    # A rule decides who is in a dynamic group, the directory on premises who is in a synchronised one; nobody adds
    # credentials to a managed identity.
    query="""
        MATCH (holder:Entity)-[:OWNS]->(owned:azure_user_group)
        WHERE NOT coalesce(owned.dynamicMembership, false) AND NOT coalesce(owned.onPremisesSyncEnabled, false)
        RETURN 'owner' AS kind, 'owner of ' + owned._key AS assignment, holder._key AS holder, owned._key AS scope,
               'Owner of the group' AS roleName,
               CASE WHEN coalesce(owned.isAssignableToRole, false) THEN ['add-members-of-role-groups']
                    ELSE ['add-members'] END AS capabilities
        UNION ALL
        MATCH (holder:Entity)-[:OWNS]->(owned:azure_application|azure_service_principal)
        WHERE coalesce(owned.servicePrincipalType, '') <> 'ManagedIdentity'
        RETURN 'owner' AS kind, 'owner of ' + owned._key AS assignment, holder._key AS holder, owned._key AS scope,
               'Owner of the application' AS roleName, ['add-credentials'] AS capabilities
    """,
    rows=can_links,
)

CLASSIC_ADMINISTRATORS = Derivation(
    name="can-as-classic-administrator",
    inputs=("azure_classic_admin_group", "azure_role_definition", "azure_user"),
    relationships=_relationships(("azure_user",), ("azure_subscription",)),
    query=f"""
        MATCH (scope:azure_subscription)-[:HAS]->(given:azure_classic_admin_group)-[:HAS]->(holder:azure_user)
        WHERE any(role IN given.roles WHERE role IN ['ServiceAdministrator', 'CoAdministrator'])
        OPTIONAL MATCH (owner:azure_role_definition {{_key: '{OWNER_ROLE}'}})
        RETURN 'classic' AS kind, given._key AS assignment, holder._key AS holder, scope._key AS scope,
               owner._key AS role, 'Classic administrator' AS roleName, owner.capabilities AS capabilities,
               owner{{{BLOCKS}}} AS told
    """,
    rows=can_links,
)

# What a vault's own policies give, by what they allow on which kind of thing. Get gives the public half of keys and
# certificates; the private half of a certificate is a secret of the vault:
# https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate
_POLICY = {
    "read-secrets": ("secrets", frozenset({"get", "all"})),
    "read-certificates": ("secrets", frozenset({"get", "all"})),
    "read-keys": ("keys", frozenset({"decrypt", "sign", "unwrapkey", "release", "all"})),
}


def _by_policy(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        given = {kind: {str(one).lower() for one in row[kind] or ()} for kind, _ in _POLICY.values()}
        application = row["application"]
        yield from can_links(
            [
                {
                    **row,
                    "assignment": f"policy of {row['scope']}{f' for {application}' if application else ''}",
                    "capabilities": [name for name, (kind, any_of) in _POLICY.items() if given[kind] & any_of],
                    "condition": f"only through the application {application}" if application else None,
                }
            ]
        )


VAULT_POLICIES = Derivation(
    name="can-by-vault-policy",
    inputs=("azure_keyvault_service",),
    relationships=_relationships(HOLDERS, ("azure_keyvault_service",)),
    query="""
        MATCH (vault:azure_keyvault_service)-[policy:ALLOWS]->(holder:Entity)
        RETURN 'policy' AS kind, holder._key AS holder, vault._key AS scope, 'Access policy' AS roleName,
               policy.`permissions.secrets` AS secrets, policy.`permissions.keys` AS keys,
               policy.applicationId AS application
    """,
    rows=_by_policy,
)

CONCLUSION = Conclusion(
    name="Who can do what",
    derivations=(
        AZURE_ROLES,
        DIRECTORY_ROLES,
        APPLICATION_PERMISSIONS,
        OWNERS,
        CLASSIC_ADMINISTRATORS,
        VAULT_POLICIES,
    ),
)
