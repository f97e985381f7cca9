"""Entra's own roles, such as Global Administrator: what they allow, who holds them, and who may take them up (PIM)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loader.access.capabilities import directory_capabilities_of, resets_passwords_of
from loader.model import (
    ANY_PRINCIPAL,
    Derivation,
    DerivedLink,
    EntityType,
    Graph,
    Json,
    Property,
    Relationship,
    Service,
    Target,
    date,
    flag,
    outgoing,
    text,
    texts,
)
from loader.services.shared.directory_links import id_under, in_tenant
from loader.services.shared.wire import parts, plain

_DOCS = "https://learn.microsoft.com/graph/api"


def allowed_actions(answer: Json) -> list[str]:
    """The actions over all its blocks of permissions."""
    return [str(one) for block in parts(answer, "rolePermissions") for one in plain(block, "allowedResourceActions")]


def _template(answer: Json) -> str:
    return str(answer.get("templateId") or answer.get("id") or "")


def _on_anything(answer: Json) -> list[str]:
    """The actions of blocks without a condition; the others hold for what is one's own ("$SubjectIsOwner")."""
    blocks = [block for block in parts(answer, "rolePermissions") if not block.get("condition")]
    return [str(one) for block in blocks for one in plain(block, "allowedResourceActions")]


def gives(answer: Json) -> tuple[str, ...]:
    """`rolePermissions[].allowedResourceActions` without a condition, by the table in docs/access.md"""
    return directory_capabilities_of(_on_anything(answer), _template(answer))


def resets(answer: Json) -> str | None:
    """`rolePermissions[].allowedResourceActions` and `templateId`, as Entra's documentation says"""
    return resets_passwords_of(_on_anything(answer), _template(answer))


ROLE = EntityType(
    type="azure_ad_role_definition",
    resource="Directory Role Definition",
    classes=("AccessRole",),
    documentation=f"{_DOCS}/rbacapplication-list-roledefinitions",
    fetch=Graph(builder="role_management.directory.role_definitions", permission="RoleManagement.Read.Directory"),
    properties=(
        text("description", "description", "what it is for"),
        text("templateId", "templateId", "its id, the same in all tenants"),
        flag("isBuiltIn", "isBuiltIn", "it is Microsoft's"),
        flag("isEnabled", "isEnabled", "it can be given"),
        texts("allowedActions", allowed_actions, "what it allows"),
        texts("capabilities", gives, "what it lets its holder do, in words: add-members, reset-password, …"),
        text("resetsPasswordsOf", resets, "everybody, certain administrators (and who is none), non-administrators"),
        texts("resourceScopes", "resourceScopes", "where it can be given"),
    ),
    relationships=(in_tenant(),),
)


_UNIT = "/administrativeunits/"


def scope(answer: Json) -> Target | None:
    """Where it holds: the tenant, one administrative unit, or one directory object ("/{id}")."""
    place = str(answer.get("directoryScopeId") or "")
    if place == "/":
        return Target(str(answer.get("@tenant") or "").lower(), "azure_account")
    if place.lower().startswith(_UNIT):
        identity = place[len(_UNIT) :]
        return Target(identity.lower(), "azure_administrative_unit", {"id": identity})
    identity = place.strip("/")
    return Target(identity.lower(), properties={"id": identity}) if identity and "/" not in identity else None


def principal(answer: Json) -> Target | None:
    """Whom it is given to: a user, a group or a service principal."""
    identity = str(answer.get("principalId") or "")
    return Target(identity.lower(), properties={"id": identity}) if identity else None


_PLACES = ("azure_account", "azure_administrative_unit", "azure_service_principal", "azure_application")
_GIVEN: tuple[Property, ...] = (
    text("principalId", "principalId", "object id of whom it is given to"),
    text("roleDefinitionId", "roleDefinitionId", "the role"),
    text("directoryScopeId", "directoryScopeId", '"/" is the whole tenant, "/administrativeUnits/…" a part'),
)
_GIVEN_LINKS: tuple[Relationship, ...] = (
    outgoing("USES", "azure_ad_role_definition", "roleDefinitionId", "the role that is given"),
    outgoing("ASSIGNED", ANY_PRINCIPAL, principal, "to whom it is given"),
    outgoing("ALLOWS", _PLACES, scope, "where it holds"),
)

ASSIGNMENT = EntityType(
    type="azure_ad_role_assignment",
    ids=("opaque",),
    resource="Directory Role Assignment",
    classes=("AccessPolicy",),
    documentation=f"{_DOCS}/rbacapplication-list-roleassignments",
    fetch=Graph(builder="role_management.directory.role_assignments", permission="RoleManagement.Read.Directory"),
    name="id",
    properties=_GIVEN,
    relationships=_GIVEN_LINKS,
)


ELIGIBILITY = EntityType(
    type="azure_ad_role_eligibility",
    ids=("opaque",),
    resource="Directory Role Eligibility",
    classes=("AccessPolicy",),
    documentation=f"{_DOCS}/rbacapplication-list-roleeligibilityscheduleinstances",
    fetch=Graph(
        builder="role_management.directory.role_eligibility_schedule_instances",
        permission="RoleEligibilitySchedule.Read.Directory",
    ),
    # An eligibility may have the id of an assignment.
    key=id_under("eligibility"),
    name="id",
    properties=(
        *_GIVEN,
        text("memberType", "memberType", "Direct, or through a Group"),
        date("startsOn", "startDateTime", "from when on it may be taken up"),
        date("endsOn", "endDateTime", "until when; nothing is for ever"),
    ),
    relationships=_GIVEN_LINKS,
)


def _held(rows: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
    for row in rows:
        yield DerivedLink(row["holder"], "HAS", row["role"], properties={"scopes": row["scopes"]})


HOLDER_HAS_ROLE = Derivation(
    name="directory-roles",
    inputs=("azure_ad_role_assignment", "azure_ad_role_definition", "azure_user", "azure_user_group"),
    relationships=(
        ("azure_user", "HAS", "azure_ad_role_definition"),
        ("azure_user_group", "HAS", "azure_ad_role_definition"),
        ("azure_service_principal", "HAS", "azure_ad_role_definition"),
    ),
    query="""
        MATCH (role:azure_ad_role_definition)<-[:USES]-(given:azure_ad_role_assignment)-[:ASSIGNED]->(holder:Entity)
        WHERE holder:azure_user OR holder:azure_user_group OR holder:azure_service_principal
        WITH holder, role, given ORDER BY given.directoryScopeId
        RETURN holder._key AS holder, role._key AS role, collect(DISTINCT given.directoryScopeId) AS scopes
    """,
    rows=_held,
)

SERVICE = Service(name="Directory roles", entity_types=(ROLE, ASSIGNMENT, ELIGIBILITY), derivations=(HOLDER_HAS_ROLE,))
