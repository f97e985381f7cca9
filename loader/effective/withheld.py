"""What a role of the directory does not let its holder do to one object, whatever it allows elsewhere.

Passwords of administrators are reset by few, those of guests by their own organization; groups that may hold roles, and
those that a rule or another directory fills, take no members from most, and groups of one sort take none from roles for
the other; nobody adds credentials to a managed identity, nor to an application of many tenants by a role for those of
one. Members of a restricted administrative unit are changed by
none but those whose role was given for such a unit they are in: not by owners, not by applications with a permission,
not by roles for the tenant.
Sources: https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions,
https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept,
https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-restricted-management
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from loader.access.evaluation import Grant
from loader.access.resetting import ADMINISTRATORS, Held, administrators_of, may_reset
from loader.access.sorts import (
    CREDENTIALS,
    GROUPS,
    OWN_DIRECTORY,
    OWNERS,
    SORT_OF_GROUP,
    of_application,
    of_others_alone,
)
from loader.effective.places import TENANT, Target

if TYPE_CHECKING:
    from loader.graph import Database

_USER, _GROUP = "azure_user", "azure_user_group"
_APPLICATION, _PRINCIPAL = "azure_application", "azure_service_principal"
_NOTHING = frozenset[str]()
_CREDENTIALS = frozenset({"reset-password", "change-sign-in-methods"})
_MEMBERS, _ROLE_GROUPS, _OWNERS = "add-members", "add-members-of-role-groups", "add-owners-of-groups"
_ALL_MEMBERS = GROUPS | {_MEMBERS}
# What the administrators of a restricted unit keep to themselves; the members of a group that may hold roles they leave
# to those who have that by a role for the tenant.
_CHANGES = _CREDENTIALS | _ALL_MEMBERS | {_ROLE_GROUPS, _OWNERS, "read-bitlocker-keys"}
# From elsewhere is who signs in with an account of another organization:
# https://learn.microsoft.com/entra/external-id/user-properties
_OBJECT = f"""
MATCH (n:Entity {{_key: $key}})
RETURN coalesce(n.isAssignableToRole, false) AS holdsRoles,
       coalesce(n.dynamicMembership, false) OR coalesce(n.onPremisesSyncEnabled, false) AS filledElsewhere,
       {SORT_OF_GROUP.format(group="n")} AS sort,
       toUpper(coalesce(n.userPrincipalName, '')) CONTAINS '#EXT#' AS fromElsewhere,
       toLower(coalesce(n.servicePrincipalType, '')) = 'managedidentity' AS managed,
       n:azure_application AND coalesce(n.signInAudience, '') = $ownDirectory AS single
"""
_TEMPLATES = """
UNWIND $roles AS key MATCH (role:Entity {_key: key}) RETURN key, toLower(coalesce(role.templateId, key)) AS template
"""
_SCOPES = "UNWIND $scopes AS key MATCH (place:Entity {_key: key}) WHERE place:azure_account RETURN key"
_RESTRICTED = """
MATCH (:Entity {_key: $key})<-[:HAS]-(unit:azure_administrative_unit {isMemberManagementRestricted: true})
RETURN unit._key AS key
"""

Withheld = Callable[[Grant], frozenset[str]]


def withheld_at(database: Database, target: Target, grants: Iterable[Grant]) -> Withheld:
    """For each grant, the capabilities that it does not give at the target."""
    if not target.in_directory or target.type == TENANT:
        return lambda _grant: _NOTHING
    units = {row["key"] for row in database.read(_RESTRICTED, {"key": target.key})}
    by_type = _of_type(database, target, list(grants))

    def withheld(grant: Grant) -> frozenset[str]:
        if grant.kind == "directory-approver":
            # It is about a role, which is taken up in the tenant.
            return grant.capabilities or _NOTHING
        kept = _NOTHING if not units or grant.scope in units else _of_restricted(grant)
        return by_type(grant) | kept

    return withheld


def _of_type(database: Database, target: Target, grants: list[Grant]) -> Withheld:
    facts = database.read(_OBJECT, {"key": target.key, "ownDirectory": OWN_DIRECTORY})[0]
    if target.type == _USER:
        return _of_user(database, target, facts, grants)
    if target.type == _GROUP:
        return lambda grant: _of_group(facts, grant)
    if target.type in (_APPLICATION, _PRINCIPAL):
        return lambda grant: _of_application(facts, grant)
    return lambda _grant: _NOTHING


def _of_user(database: Database, target: Target, facts: Mapping[str, Any], grants: list[Grant]) -> Withheld:
    held = administrators_of(database.read(ADMINISTRATORS, {"users": [target.key]})).get(target.key, Held())
    roles = sorted({one.role for one in grants if one.kind == "directory" and one.role})
    templates = {row["key"]: row["template"] for row in database.read(_TEMPLATES, {"roles": roles})}
    tenants = {row["key"] for row in database.read(_SCOPES, {"scopes": sorted({one.scope for one in grants})})}
    password = frozenset({"reset-password"})

    def withheld(grant: Grant) -> frozenset[str]:
        # An application's permission to reset passwords is one of those of users without a role.
        template = templates.get(grant.role, grant.role) if grant.kind == "directory" else ""
        allowed = may_reset(template, held, tenant_wide=grant.scope in tenants)
        if allowed:
            return password if facts["fromElsewhere"] else _NOTHING
        return _CREDENTIALS if grant.kind == "directory" else password

    return withheld


def _of_restricted(grant: Grant) -> frozenset[str]:
    return _CHANGES - {_ROLE_GROUPS} if grant.kind == "directory" else _CHANGES


def _of_application(facts: Mapping[str, Any], grant: Grant) -> frozenset[str]:
    found = set[str]()
    for one in (CREDENTIALS, OWNERS):
        own, other = (of_application(one, single=single) for single in (facts["single"], not facts["single"]))
        found |= {one, own, other} if facts["managed"] else {other}
        if of_others_alone(grant.capabilities or _NOTHING, own):
            found.add(one)
    return frozenset(found)


def _of_group(facts: Mapping[str, Any], grant: Grant) -> frozenset[str]:
    if facts["filledElsewhere"]:
        return frozenset({*_ALL_MEMBERS, _ROLE_GROUPS})
    given = grant.capabilities or _NOTHING
    if facts["holdsRoles"]:
        return frozenset(_ALL_MEMBERS if _ROLE_GROUPS in given else {*_ALL_MEMBERS, _OWNERS})
    own = {_MEMBERS, _OWNERS} if of_others_alone(given, facts["sort"]) else set[str]()
    return frozenset({_ROLE_GROUPS, *(GROUPS - {facts["sort"]}), *own})
