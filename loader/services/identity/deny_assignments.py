"""Deny assignments: what managed applications, deployment stacks and blueprints take away, whatever roles say."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import (
    ANY_PRINCIPAL,
    ANY_SCOPE,
    Arm,
    EntityType,
    Json,
    Link,
    Service,
    Target,
    date,
    flag,
    links,
    outgoing,
    text,
    texts,
)
from loader.services.identity.authorization import action_lists, assigned_scope, permission_blocks
from loader.services.shared.wire import explained, parts

# What stands for everybody: https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
EVERYBODY = "00000000-0000-0000-0000-000000000000"


def _ids(kind: str) -> Callable[[Json], list[str]]:
    """The object ids of those it names, in lower case."""

    def named(answer: Json) -> list[str]:
        return [str(one["id"]).lower() for one in parts(answer, "properties", kind) if one.get("id")]

    return explained(f"`properties.{kind}[].id`", named)


def _named(kind: str) -> Callable[[Json], Iterable[Link]]:
    ids = _ids(kind)
    verb = "ASSIGNED" if kind == "principals" else "EXCLUDES"
    return lambda answer: (Link(verb, Target(one, properties={"id": one})) for one in ids(answer) if one != EVERYBODY)


DENY_ASSIGNMENT = EntityType(
    type="azure_deny_assignment",
    resource="Deny Assignment",
    classes=("AccessPolicy",),
    arm_type="Microsoft.Authorization/denyAssignments",
    documentation="https://learn.microsoft.com/rest/api/authorization/deny-assignments/list",
    fetch=Arm(
        client="azure.mgmt.authorization.aio:AuthorizationManagementClient",
        operation="deny_assignments.list",
        permission="Microsoft.Authorization/denyAssignments/read",
    ),
    name="properties.denyAssignmentName | name",
    properties=(
        text("description", "properties.description", "why it is there"),
        text("scope", "properties.scope", "where it takes away"),
        *action_lists("denies"),
        permission_blocks(),
        flag("doNotApplyToChildScopes", "properties.doNotApplyToChildScopes", "it holds at its scope alone"),
        texts("principals", _ids("principals"), "from whom; nothing but zeros is everybody"),
        texts("excludePrincipals", _ids("excludePrincipals"), "and from whom not, all the same"),
        flag(
            "isSystemProtected",
            "properties.isSystemProtected",
            "Azure made it, and nobody can delete it; one that people made may only audit",
        ),
        # A deny with a condition takes nothing away for sure, be it in one of its blocks only.
        text(
            "condition",
            "properties.condition | properties.permissions[].condition",
            "what has to be true for it to hold, or for a part of it",
        ),
        date("createdOn", "properties.createdOn", "when it was made"),
        text("createdBy", "properties.createdBy", "object id of who made it"),
    ),
    relationships=(
        outgoing("DENIES", ANY_SCOPE, assigned_scope, "where it takes away"),
        links("ASSIGNED", ANY_PRINCIPAL, _named("principals"), "from whom"),
        links("EXCLUDES", ANY_PRINCIPAL, _named("excludePrincipals"), "from whom not"),
    ),
)

SERVICE = Service(name="Deny assignments", entity_types=(DENY_ASSIGNMENT,))
