"""What people call that somebody may do something: "Owner for Ada on Contoso Production", where Azure has but a GUID.

Role assignments of Azure and of the directory, roles that may be taken up, their policies, and permissions of
applications. The name is the node's `displayName`; `name` and `id` stay Azure's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loader.guids import known
from loader.model import Conclusion, Naming

# How many permissions of a grant its name tells.
_TOLD = 3
_HOLDERS = ("azure_user", "azure_user_group", "azure_service_principal", "azure_application", "azure_group_member")
# Whom nothing is known of but an id that is no name.
_SOMEBODY = "an unknown principal"


def _holder(parts: Mapping[str, Any]) -> str:
    return known(parts.get("holder")) or _SOMEBODY


def _given(parts: Mapping[str, Any]) -> str:
    role = known(parts.get("role")) or "An unknown role"
    place = known(parts.get("place")) or ("everything" if parts.get("root") else None)
    return f"{role} for {_holder(parts)}" + (f" on {place}" if place else "")


def _eligible(parts: Mapping[str, Any]) -> str:
    return f"{_given(parts)}, to take up"


def _for_a_time(parts: Mapping[str, Any]) -> str:
    return f"{_given(parts)}, for a time"


def _in_group(parts: Mapping[str, Any]) -> str:
    access = "Owner" if parts.get("access") == "owner" else "Member"
    return f"{access} of {known(parts.get('group')) or 'an unknown group'} for {_holder(parts)}"


def _membership(parts: Mapping[str, Any]) -> str:
    return f"{_in_group(parts)}, to take up"


def _membership_for_a_time(parts: Mapping[str, Any]) -> str:
    return f"{_in_group(parts)}, for a time"


def _approval_in_group(parts: Mapping[str, Any]) -> str:
    access = "owners" if parts.get("access") == "owner" else "members"
    return f"Approval of {access} of {known(parts.get('group')) or 'an unknown group'}"


def _approval(parts: Mapping[str, Any]) -> str:
    place = known(parts.get("place"))
    return f"Approval of {known(parts.get('role')) or 'an unknown role'}" + (f" on {place}" if place else "")


def _permission(parts: Mapping[str, Any]) -> str:
    names = [str(one) for one in parts.get("permissions") or ()]
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    what = ", ".join(names[:_TOLD]) + more if names else "Access"
    return f"{what} of {known(parts.get('resource')) or 'an unknown application'} for {_holder(parts)}"


_PLACES = ("azure_role_definition", "azure_subscription", "azure_management_group", "azure_account")


def _about(of: str) -> str:
    """Cypher from `given` to the node that has the role, the holder and the place, of which it may tell more."""
    return "" if of == "given" else f"OPTIONAL MATCH (given)-[:IS]->({of}:Entity)"


def _in_azure(entity_type: str, *, of: str = "given") -> str:
    """of: the node that has the role, the holder and the place: itself, or the assignment that it is about."""
    return f"""
        MATCH (given:{entity_type}) WHERE given._stub IS NULL
        {_about(of)}
        RETURN given._key AS key, {{
            role: head([({of})-[:USES]->(role:azure_role_definition) | role.displayName]),
            holder: head([({of})-[:ASSIGNED]->(holder) | holder.displayName]),
            place: head([({of})-[:ALLOWS]->(place) | place.displayName]), root: given.scope = '/'
        }} AS parts
    """


ROLE_ASSIGNMENTS = Naming(
    name="role-assignments",
    types=("azure_role_assignment",),
    inputs=(*_PLACES, *_HOLDERS),
    query=_in_azure("azure_role_assignment"),
    call=_given,
)

ROLE_ELIGIBILITIES = Naming(
    name="role-eligibilities",
    types=("azure_role_eligibility",),
    inputs=(*_PLACES, *_HOLDERS),
    query=_in_azure("azure_role_eligibility"),
    call=_eligible,
)

ROLE_SCHEDULES = Naming(
    name="role-assignment-schedules",
    types=("azure_role_assignment_schedule",),
    inputs=(*_PLACES, *_HOLDERS, "azure_role_assignment"),
    query=_in_azure("azure_role_assignment_schedule", of="assignment"),
    call=_for_a_time,
)


def _of_group(entity_type: str) -> str:
    return f"""
        MATCH (given:{entity_type}) WHERE given._stub IS NULL
        RETURN given._key AS key, {{
            access: toLower(given.accessId), group: head([(given)-[:ALLOWS|APPLIES_TO]->(group) | group.displayName]),
            holder: head([(given)-[:ASSIGNED]->(holder) | holder.displayName])
        }} AS parts
    """


GROUP_ELIGIBILITIES = Naming(
    name="group-eligibilities",
    types=("azure_group_eligibility",),
    inputs=_HOLDERS,
    query=_of_group("azure_group_eligibility"),
    call=_membership,
)

GROUP_SCHEDULES = Naming(
    name="group-assignment-schedules",
    types=("azure_group_assignment_schedule",),
    inputs=_HOLDERS,
    query=_of_group("azure_group_assignment_schedule"),
    call=_membership_for_a_time,
)

GROUP_APPROVALS = Naming(
    name="group-approvals",
    types=("azure_group_approval",),
    inputs=("azure_user_group",),
    query=_of_group("azure_group_approval"),
    call=_approval_in_group,
)

ROLE_APPROVALS = Naming(
    name="role-approvals",
    types=("azure_role_approval",),
    inputs=_PLACES,
    query="""
        MATCH (policy:azure_role_approval) WHERE policy._stub IS NULL
        RETURN policy._key AS key, {
            role: head([(policy)<-[:HAS]-(role:azure_role_definition) | role.displayName]),
            place: head([(policy)-[:APPLIES_TO]->(place) | place.displayName])
        } AS parts
    """,
    call=_approval,
)


def _in_directory(entity_type: str, *, of: str = "given") -> str:
    """A role of the directory holds everywhere in it, unless it is given for a part. of: as in `_in_azure`."""
    return f"""
        MATCH (given:{entity_type}) WHERE given._stub IS NULL
        {_about(of)}
        RETURN given._key AS key, {{
            role: head([({of})-[:USES]->(role:azure_ad_role_definition) | role.displayName]),
            holder: head([({of})-[:ASSIGNED]->(holder) | holder.displayName]),
            place: CASE WHEN given.directoryScopeId <> '/'
                THEN coalesce(head([({of})-[:ALLOWS]->(place) | place.displayName]), 'a part of the directory') END
        }} AS parts
    """


DIRECTORY_ROLES = Naming(
    name="directory-role-assignments",
    types=("azure_ad_role_assignment",),
    inputs=("azure_ad_role_definition", "azure_administrative_unit", *_HOLDERS),
    query=_in_directory("azure_ad_role_assignment"),
    call=_given,
)

DIRECTORY_SCHEDULES = Naming(
    name="directory-role-assignment-schedules",
    types=("azure_ad_role_assignment_schedule",),
    inputs=("azure_ad_role_definition", "azure_administrative_unit", "azure_ad_role_assignment", *_HOLDERS),
    query=_in_directory("azure_ad_role_assignment_schedule", of="assignment"),
    call=_for_a_time,
)

ELIGIBILITIES = Naming(
    name="directory-role-eligibilities",
    types=("azure_ad_role_eligibility",),
    inputs=("azure_ad_role_definition", "azure_administrative_unit", *_HOLDERS),
    query=_in_directory("azure_ad_role_eligibility"),
    call=_eligible,
)

ROLE_POLICIES = Naming(
    name="directory-role-policies",
    types=("azure_ad_role_policy",),
    inputs=("azure_ad_role_definition",),
    query="""
        MATCH (policy:azure_ad_role_policy)<-[:HAS]-(role:azure_ad_role_definition) WHERE policy._stub IS NULL
        RETURN policy._key AS key, {role: role.displayName} AS parts
    """,
    call=lambda parts: f"How {role} is taken up" if (role := known(parts.get("role"))) else None,
)


def _permissions(entity_type: str, permissions: str) -> str:
    """permissions: where a grant has the names of what it allows."""
    return f"""
        MATCH (given:{entity_type}) WHERE given._stub IS NULL
        RETURN given._key AS key, {{
            permissions: {permissions},
            holder: head([(given)-[:ASSIGNED]->(holder) | holder.displayName]),
            resource: head([(given)-[:ALLOWS]->(resource) | resource.displayName])
        }} AS parts
    """


APP_PERMISSIONS = Naming(
    name="app-role-assignments",
    types=("azure_app_role_assignment",),
    inputs=_HOLDERS,
    query=_permissions("azure_app_role_assignment", "[one IN [given.permission] WHERE one IS NOT NULL]"),
    call=_permission,
)

DELEGATED_PERMISSIONS = Naming(
    name="delegated-permission-grants",
    types=("azure_oauth2_permission_grant",),
    inputs=_HOLDERS,
    query=_permissions("azure_oauth2_permission_grant", "given.permissions"),
    call=_permission,
)

CONCLUSION = Conclusion(
    name="Names of access",
    namings=(
        ROLE_ASSIGNMENTS,
        ROLE_ELIGIBILITIES,
        ROLE_SCHEDULES,
        GROUP_ELIGIBILITIES,
        GROUP_SCHEDULES,
        GROUP_APPROVALS,
        ROLE_APPROVALS,
        DIRECTORY_ROLES,
        DIRECTORY_SCHEDULES,
        ELIGIBILITIES,
        ROLE_POLICIES,
        APP_PERMISSIONS,
        DELEGATED_PERMISSIONS,
    ),
)
