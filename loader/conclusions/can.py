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

from loader.access.blocks import IN_CYPHER, blocks_of
from loader.access.capabilities import capabilities_of, directory_capabilities_of
from loader.access.conditions import BOTH_HOLD
from loader.access.denials import Denial, Denials
from loader.areas import TENANT_OF
from loader.conclusions.may_become import HOLDERS, ROLE_NEEDS_APPROVAL
from loader.conclusions.memberships import FOR_A_TIME
from loader.model import ANY_SCOPE, Conclusion, Derivation, DerivedLink, Value
from loader.services.identity.authorization import PRINCIPALS
from loader.services.identity.classic_administrators import ADMINISTRATOR_HAS_USER
from loader.services.identity.deny_assignments import EVERYBODY

_TOLD = ("role", "roleName", "condition", "until", "needsApproval", "takenUp")
_PLACES = ("azure_account", "azure_administrative_unit", "azure_application", "azure_service_principal")
OWNER_ROLE = "/providers/microsoft.authorization/roledefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def _capabilities(role: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Those that a role says itself, or that follow from its actions; None where it was not loaded."""
    told = role.get("actions") or {}
    if role["capabilities"] is not None:
        return tuple(role["capabilities"])
    if told.get("allowedActions") is not None:
        return directory_capabilities_of(told["allowedActions"], str(told.get("templateId") or ""))
    if told.get("actions") is not None:
        return capabilities_of(blocks_of(told))
    return None


def _link(row: Mapping[str, Any], capabilities: Iterable[str] | None, denied_by: Iterable[str] = ()) -> DerivedLink:
    told: dict[str, Value] = {name: row[name] for name in _TOLD if row.get(name) is not None}
    return DerivedLink(
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
            "deniedBy": [*denied_by],
            **told,
        },
    )


def can_links(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    """A `CAN` of each row: kind, assignment, holder, scope, capabilities, and what else is told of it."""
    for row in rows:
        yield _link(row, _capabilities(row), sorted(row.get("deniedBy") or ()))


def _can_by_role(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    """Rows of three sorts (`what`): each role and each deny assignment once, and what was given, which names its role.

    Sent with each assignment, what a role allows would be most of all that is read.
    """
    roles: dict[str, tuple[str, ...] | None] = {}
    denials: list[Denial] = []
    given: list[Mapping[str, Any]] = []
    for row in rows:
        told = row["told"]
        if row["what"] == "role":
            roles[told["key"]] = _capabilities(told)
        elif row["what"] == "deny":
            named, spared = frozenset(told["named"]), frozenset(told["spared"])
            denials.append(
                Denial(told["key"], told["place"], named, spared, bool(told["ofGroups"]), bool(told["everywhere"]))
            )
        else:
            given.append(told)
    denied = Denials(denials)
    for one in given:
        denied_by = denied.of(one["holder"], one["scope"], is_group=one["isGroup"]) if denials else ()
        yield _link(one, roles.get(one["role"]), denied_by)


def can_relationships(holders: Iterable[str], scopes: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """Every `CAN` that there may be from one of the types to another."""
    ends = tuple(scopes)
    return tuple((holder, "CAN", scope) for holder in holders for scope in ends)


def _roles(label: str, actions: str) -> str:
    return f"""
        MATCH (role:{label}) RETURN 'role' AS what, {{
            key: role._key, capabilities: role.capabilities,
            actions: CASE WHEN role.capabilities IS NULL THEN role{{{actions}}} END
        }} AS told
    """


def _given(label: str, role: str, kind: str, more: str) -> str:
    return f"""
        MATCH (given:{label})-[:ASSIGNED]->(holder:Entity) WHERE given._stub IS NULL
        MATCH (given)-[:ALLOWS]->(scope:Entity)
        OPTIONAL MATCH (given)-[:USES]->(role:{role})
        RETURN 'given' AS what, {{
            kind: '{kind}', assignment: given._key, holder: holder._key, isGroup: holder:azure_user_group,
            scope: scope._key, role: role._key, roleName: coalesce(role.roleName, role.displayName),
            condition: {BOTH_HOLD.format(given="given", role="role")}, {more}
        }} AS told
    """


# One of whom nothing is known may be a group; the root of all scopes is the tenant.
_DENIALS = f"""
    MATCH (deny:azure_deny_assignment)-[:DENIES]->(place:Entity) RETURN 'deny' AS what, {{
        key: deny._key, place: place._key,
        named: coalesce(deny.principals, []), spared: coalesce(deny.excludePrincipals, []),
        ofGroups: '{EVERYBODY}' IN deny.principals OR EXISTS {{
            (deny)-[:ASSIGNED]->(one:Entity) WHERE NOT one:azure_user AND NOT one:azure_service_principal
        }},
        everywhere: place:azure_management_group OR place:azure_account
    }} AS told
"""
_NOW, _LATER = "eligible: false", "eligible: true, until: toString(given.endsOn)"


def _for_a_time(label: str) -> str:
    """Until when somebody has a role, and whether it was taken up, as the assignment's schedule tells.

    An instance through a group is of the group's assignment, and tells of another principal what it says.
    """
    time = (
        f"(given)<-[:IS]-(time:{label}_schedule) "
        "WHERE coalesce(toLower(time.principalId) = toLower(given.principalId), true)"
    )
    return f"""
    until: head([{time} | toString(time.endsOn)]),
    takenUp: head([{time} AND toLower(time.assignmentType) = 'activated' | true])"""


# The policies of each scope hold there, not below.
_APPROVED = "needsApproval: head([(scope)<-[:APPLIES_TO]-(approval:azure_role_approval)<-[:HAS]-(role) | true])"

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
    relationships=can_relationships(PRINCIPALS.values(), (ANY_SCOPE,)),
    query=" UNION ALL ".join(
        (
            _roles("azure_role_definition", IN_CYPHER),
            _DENIALS,
            _given(
                "azure_role_assignment",
                "azure_role_definition",
                "azure",
                f"{_NOW}, {_for_a_time('azure_role_assignment')}",
            ),
            _given("azure_role_eligibility", "azure_role_definition", "azure", f"{_LATER}, {_APPROVED}"),
        )
    ),
    rows=_can_by_role,
)

DIRECTORY_ROLES = Derivation(
    name="can-by-directory-role",
    inputs=(
        "azure_ad_role_assignment",
        "azure_ad_role_assignment_schedule",
        "azure_ad_role_eligibility",
        "azure_ad_role_definition",
        "azure_ad_role_policy",
    ),
    relationships=can_relationships(HOLDERS, _PLACES),
    query=" UNION ALL ".join(
        (
            _roles("azure_ad_role_definition", ".allowedActions, .templateId"),
            _given(
                "azure_ad_role_assignment",
                "azure_ad_role_definition",
                "directory",
                f"{_NOW}, {_for_a_time('azure_ad_role_assignment')}",
            ),
            _given(
                "azure_ad_role_eligibility",
                "azure_ad_role_definition",
                "directory",
                f"{_LATER}, needsApproval: {ROLE_NEEDS_APPROVAL}",
            ),
        )
    ),
    rows=_can_by_role,
)

APPLICATION_PERMISSIONS = Derivation(
    name="can-by-application-permission",
    inputs=("azure_app_role_assignment", "azure_account"),
    relationships=can_relationships(HOLDERS, ("azure_account",)),
    # Most assignments only let somebody use an application; these let nobody do anything to the tenant.
    query=f"""
        MATCH (given:azure_app_role_assignment)-[:ASSIGNED]->(holder:Entity)
        WHERE given._stub IS NULL AND size(given.capabilities) > 0
        MATCH (tenant:azure_account {{_key: {TENANT_OF.format(node="given")}}})
        RETURN 'application' AS kind, given._key AS assignment, holder._key AS holder, tenant._key AS scope,
               given.appRoleId AS role, given.permission AS roleName, given.capabilities AS capabilities
    """,
    rows=can_links,
)


def by_owning(group: str) -> str:
    """Cypher: what whoever owns a group, a node, is given by that."""
    return f"""
        'Owner of the group' AS roleName,
        CASE WHEN coalesce({group}.isAssignableToRole, false) THEN ['add-members-of-role-groups']
             ELSE ['add-members'] END AS capabilities"""


OWNERS = Derivation(
    name="can-as-owner",
    inputs=(
        "azure_user",
        "azure_user_group",
        "azure_application",
        "azure_service_principal",
        "azure_group_assignment_schedule",
    ),
    relationships=can_relationships(
        ("azure_user", "azure_service_principal"),
        ("azure_user_group", "azure_application", "azure_service_principal"),
    ),
    # A rule decides who is in a dynamic group, the directory on premises who is in a synchronised one; nobody adds
    # credentials to a managed identity.
    query=f"""
        MATCH (holder:Entity)-[:OWNS]->(owned:azure_user_group)
        WHERE NOT coalesce(owned.dynamicMembership, false) AND NOT coalesce(owned.onPremisesSyncEnabled, false)
        WITH holder, owned, head([(holder)<-[:ASSIGNED]-(time:azure_group_assignment_schedule)-[:ALLOWS]->(owned)
                                  WHERE time._stub IS NULL AND toLower(time.accessId) = 'owner' | time]) AS given
        RETURN 'owner' AS kind, 'owner of ' + owned._key AS assignment, holder._key AS holder, owned._key AS scope,
               {by_owning("owned")}, {FOR_A_TIME}
        UNION ALL
        MATCH (holder:Entity)-[:OWNS]->(owned:azure_application|azure_service_principal)
        WHERE coalesce(owned.servicePrincipalType, '') <> 'ManagedIdentity'
        RETURN 'owner' AS kind, 'owner of ' + owned._key AS assignment, holder._key AS holder, owned._key AS scope,
               'Owner of the application' AS roleName, ['add-credentials'] AS capabilities,
               null AS until, null AS takenUp
    """,
    rows=can_links,
)

# Azure made whoever still was one Owner by an assignment in December 2025, and retired them for good in May 2026: an
# answer that has some tells of what was. https://learn.microsoft.com/azure/role-based-access-control/classic-administrators
RETIRED = "Azure still honours classic administrators, which it retired in May 2026"

CLASSIC_ADMINISTRATORS = Derivation(
    name="can-as-classic-administrator",
    inputs=("azure_classic_admin_group", "azure_role_definition", "azure_deny_assignment", "azure_user"),
    relationships=can_relationships(("azure_user",), ("azure_subscription",)),
    query=" UNION ALL ".join(
        (
            _roles(f"azure_role_definition {{_key: '{OWNER_ROLE}'}}", IN_CYPHER),
            _DENIALS,
            f"""
        MATCH (scope:azure_subscription)-[:HAS]->(given:azure_classic_admin_group)-[:HAS]->(holder:azure_user)
        WHERE any(role IN given.roles WHERE role IN ['ServiceAdministrator', 'CoAdministrator'])
        OPTIONAL MATCH (owner:azure_role_definition {{_key: '{OWNER_ROLE}'}})
        RETURN 'given' AS what, {{
            kind: 'classic', assignment: given._key, holder: holder._key, isGroup: false, scope: scope._key,
            role: owner._key, roleName: 'Classic administrator', condition: '{RETIRED}', eligible: false
        }} AS told
            """,
        )
    ),
    rows=_can_by_role,
    after=(ADMINISTRATOR_HAS_USER.name,),
)

# What a vault's own policies give, by what they allow on which kind of thing. Get gives the public half of keys and
# certificates; the private half of a certificate is a secret of the vault:
# https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate
# "all" does not contain purge, which has to be given by its name.
_POLICY = {
    "read-secrets": {"secrets": {"get", "all"}},
    "write-secrets": {"secrets": {"set", "all"}},
    "read-certificates": {"secrets": {"get", "all"}},
    "read-keys": {"keys": {"decrypt", "sign", "unwrapkey", "release", "all"}},
    "purge-vaults": {"secrets": {"purge"}, "keys": {"purge"}, "certificates": {"purge"}},
}
_KINDS = ("secrets", "keys", "certificates")


def _by_policy(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        given = {kind: {str(one).lower() for one in row[kind] or ()} for kind in _KINDS}
        application = row["application"]
        yield from can_links(
            [
                {
                    **row,
                    "assignment": f"policy of {row['scope']}{f' for {application}' if application else ''}",
                    "capabilities": [
                        name
                        for name, needed in _POLICY.items()
                        if any(given[kind] & any_of for kind, any_of in needed.items())
                    ],
                    "condition": f"only through the application {application}" if application else None,
                }
            ]
        )


VAULT_POLICIES = Derivation(
    name="can-by-vault-policy",
    inputs=("azure_keyvault_service",),
    relationships=can_relationships(HOLDERS, ("azure_keyvault_service",)),
    query="""
        MATCH (vault:azure_keyvault_service)-[policy:ALLOWS]->(holder:Entity)
        RETURN 'policy' AS kind, holder._key AS holder, vault._key AS scope, 'Access policy' AS roleName,
               policy.`permissions.secrets` AS secrets, policy.`permissions.keys` AS keys,
               policy.`permissions.certificates` AS certificates, policy.applicationId AS application
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
