"""What a role of the directory does not let its holder do to one object, whatever it allows elsewhere.

Passwords of administrators are reset by few; groups that may hold roles, and those that a rule or another directory
fills, take no members from most; nobody adds credentials to a managed identity.
Sources: https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions,
https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loader.access.evaluation import Grant
from loader.access.resetting import may_reset
from loader.effective.places import TENANT, Target

if TYPE_CHECKING:
    from loader.graph import Database

_USER, _GROUP, _PRINCIPAL = "azure_user", "azure_user_group", "azure_service_principal"
_NOTHING = frozenset[str]()
_CREDENTIALS = frozenset({"reset-password", "change-sign-in-methods"})
_MEMBERS, _ROLE_GROUPS, _OWNERS = "add-members", "add-members-of-role-groups", "add-owners-of-groups"
# An administrator who has to take a role up is none until then.
_HELD = """
MATCH (user:Entity {_key: $key})
OPTIONAL MATCH (user)-[:MEMBER_OF]->{0,8}()-[can:CAN {kind: 'directory'}]->(place)
WHERE NOT coalesce(can.eligible, false)
OPTIONAL MATCH (role:Entity {_key: can.role})
WITH user, collect(DISTINCT toLower(coalesce(role.templateId, can.role))) AS roles,
     collect(coalesce(place.isMemberManagementRestricted, false)) AS restricted
RETURN roles, any(one IN restricted WHERE one)
       OR EXISTS { (user)-[:MEMBER_OF|OWNS]->(:azure_user_group {isAssignableToRole: true}) } AS guarded
"""
_OBJECT = """
MATCH (n:Entity {_key: $key})
RETURN coalesce(n.isAssignableToRole, false) AS holdsRoles,
       coalesce(n.dynamicMembership, false) OR coalesce(n.onPremisesSyncEnabled, false) AS filledElsewhere,
       toLower(coalesce(n.servicePrincipalType, '')) = 'managedidentity' AS managed
"""
_TEMPLATES = """
UNWIND $roles AS key MATCH (role:Entity {_key: key}) RETURN key, toLower(coalesce(role.templateId, key)) AS template
"""
_SCOPES = "UNWIND $scopes AS key MATCH (place:Entity {_key: key}) WHERE place:azure_account RETURN key"

Withheld = Callable[[Grant], frozenset[str]]


def withheld_at(database: Database, target: Target, grants: Iterable[Grant]) -> Withheld:
    """For each grant, the capabilities that it does not give at the target."""
    if not target.in_directory or target.type == TENANT:
        return lambda _grant: _NOTHING
    if target.type == _USER:
        return _of_user(database, target, list(grants))
    facts = database.read(_OBJECT, {"key": target.key})[0]
    if target.type == _GROUP:
        return lambda grant: _of_group(facts, grant)
    managed = target.type == _PRINCIPAL and facts["managed"]
    return lambda _grant: frozenset({"add-credentials", "add-owners"}) if managed else _NOTHING


def _of_user(database: Database, target: Target, grants: list[Grant]) -> Withheld:
    facts = database.read(_HELD, {"key": target.key})[0]
    roles = sorted({one.role for one in grants if one.kind == "directory" and one.role})
    templates = {row["key"]: row["template"] for row in database.read(_TEMPLATES, {"roles": roles})}
    tenants = {row["key"] for row in database.read(_SCOPES, {"scopes": sorted({one.scope for one in grants})})}
    held = frozenset(facts["roles"])

    def withheld(grant: Grant) -> frozenset[str]:
        # An application's permission to reset passwords is one of those of users without a role.
        template = templates.get(grant.role, grant.role) if grant.kind == "directory" else ""
        allowed = may_reset(template, held, guarded=facts["guarded"], tenant_wide=grant.scope in tenants)
        if allowed:
            return _NOTHING
        return _CREDENTIALS if grant.kind == "directory" else frozenset({"reset-password"})

    return withheld


def _of_group(facts: Mapping[str, Any], grant: Grant) -> frozenset[str]:
    if facts["filledElsewhere"]:
        return frozenset({_MEMBERS, _ROLE_GROUPS})
    if not facts["holdsRoles"]:
        return frozenset({_ROLE_GROUPS})
    given = grant.capabilities or _NOTHING
    return frozenset({_MEMBERS}) if _ROLE_GROUPS in given else frozenset({_MEMBERS, _OWNERS})
