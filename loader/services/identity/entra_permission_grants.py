"""Permissions that administrators or users have granted to applications: what they may do in others' APIs.

Application permissions are what it may do as itself, delegated ones what it may do for a user who is signed in. What an
application asks for in its registration is another matter (`entra_applications`).
"""

from __future__ import annotations

from collections.abc import Iterable

from loader.access.capabilities import application_capabilities_of
from loader.access.directory_capabilities import GRAPH_APP_ID, PERMISSIONS
from loader.model import (
    At,
    EntityType,
    Graph,
    Json,
    Link,
    Service,
    Target,
    date,
    incoming,
    links,
    outgoing,
    text,
    texts,
)
from loader.services.shared.wire import first_with, part, parts

_NAMES = {identity: name for name, identity in PERMISSIONS.items()}
_KINDS = {"User": "azure_user", "Group": "azure_user_group", "ServicePrincipal": "azure_service_principal"}


def may_have_roles(principal: Json) -> bool:
    """Whether the application offers roles that could be assigned; an answer without the field does not tell."""
    return "appRoles" not in principal or bool(parts(principal, "appRoles"))


def is_assignment(answer: Json) -> bool:
    """Microsoft Graph has been seen to put other objects among the assignments."""
    return bool(answer.get("principalId") and answer.get("resourceId"))


def _role(answer: Json) -> Json:
    """The role, as the application that offers it describes it."""
    return first_with("id", str(answer.get("appRoleId")), parts(answer, "@parent", "appRoles"))


def permission(answer: Json) -> object:
    """`value` of the role `appRoleId` in `@parent.appRoles[]`, or what Microsoft Graph calls it in every tenant"""
    return _role(answer).get("value") or (
        _NAMES.get(str(answer.get("appRoleId")).lower()) if _is_graph(answer) else None
    )


def meaning(answer: Json) -> object:
    """`displayName` of the role `appRoleId` in `@parent.appRoles[]`"""
    return _role(answer).get("displayName")


def gives(answer: Json) -> tuple[str, ...]:
    """`appRoleId`, by the table in docs/access.md; another API may give its own role the id of one of Graph's"""
    return application_capabilities_of(str(answer.get("appRoleId") or "")) if _is_graph(answer) else ()


def _is_graph(answer: Json) -> bool:
    return str(part(answer, "@parent").get("appId") or GRAPH_APP_ID).lower() == GRAPH_APP_ID


def assigned(answer: Json) -> Iterable[Link]:
    """To whom it is given: an API's permission to a service principal, an application's own role to users too."""
    identity, kind = str(answer["principalId"]), _KINDS.get(str(answer.get("principalType")))
    yield Link("ASSIGNED", Target(identity.lower(), kind, {"id": identity}))


APP_ROLE_ASSIGNMENT = EntityType(
    type="azure_app_role_assignment",
    ids=("opaque",),
    resource="App Role Assignment",
    classes=("AccessPolicy",),
    documentation="https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignedto",
    # Asked of the few that offer roles, not of the many that may hold them.
    fetch=Graph(
        builder="service_principals.by_service_principal_id.app_role_assigned_to",
        permission="Application.Read.All",
        args=(At("id"),),
        parent="azure_service_principal",
        when=may_have_roles,
    ),
    keep=is_assignment,
    name="id",
    properties=(
        text("permission", permission, "the permission's name: Directory.Read.All, …"),
        text("permissionName", meaning, "what people call it"),
        texts("capabilities", gives, "what a permission of Microsoft Graph lets its holder do, in words"),
        text("appRoleId", "appRoleId", "the role's id; nothing but zeros is plain access"),
        text("principalId", "principalId", "object id of whom it is given to"),
        text("principalType", "principalType", "User, Group or ServicePrincipal"),
        text("resourceId", "resourceId", "object id of the service principal whose API it opens"),
        date("createdOn", "createdDateTime", "when it was given"),
    ),
    relationships=(
        links("ASSIGNED", tuple(_KINDS.values()), assigned, "to whom it is given"),
        outgoing("ALLOWS", "azure_service_principal", "resourceId", "whose API it opens"),
    ),
)


def scopes(answer: Json) -> list[str]:
    """`scope`, split at blanks"""
    return str(answer.get("scope") or "").split()


DELEGATED_GRANT = EntityType(
    type="azure_oauth2_permission_grant",
    ids=("opaque",),
    resource="Delegated Permission Grant",
    classes=("AccessPolicy",),
    documentation="https://learn.microsoft.com/graph/api/oauth2permissiongrant-list",
    fetch=Graph(builder="oauth2_permission_grants", permission="Directory.Read.All"),
    name="id",
    properties=(
        texts("permissions", scopes, "what it may do for a user: Mail.Read, …"),
        text(
            "consentType",
            "consentType",
            "AllPrincipals, where an administrator agreed for everybody, or Principal",
            values=("AllPrincipals", "Principal"),
        ),
        text("clientId", "clientId", "object id of the service principal that may"),
        text("principalId", "principalId", "object id of the only user for whom"),
        text("resourceId", "resourceId", "object id of the service principal whose API it opens"),
    ),
    relationships=(
        outgoing("ASSIGNED", "azure_service_principal", "clientId", "who may act for users"),
        outgoing("ALLOWS", "azure_service_principal", "resourceId", "whose API it opens"),
        incoming("HAS", "azure_user", "principalId", "the only user for whom it holds"),
    ),
)

SERVICE = Service(name="Permission grants", entity_types=(APP_ROLE_ASSIGNMENT, DELEGATED_GRANT))
