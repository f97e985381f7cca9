"""Azure Lighthouse: subscriptions and resource groups that another tenant's people manage, each in a role.

Whom a delegation names is in the directory of the managing tenant; of them Azure tells an id and the name that the
provider gave them. Listed at the subscription, which Microsoft's own steps do for delegated resource groups too:
https://learn.microsoft.com/azure/lighthouse/how-to/remove-delegation
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from loader.model import ANY_SCOPE, Arm, At, EntityType, Json, Link, Service, Target, Value, links, outgoing, text
from loader.services.identity.authorization import PRINCIPALS, UNKNOWN_KIND, role_key
from loader.services.shared.wire import part, parts, plain

_DEFINED = "properties.registrationDefinition.properties"


def _definition(answer: Json) -> Json:
    return part(answer, "properties", "registrationDefinition", "properties")


def delegated_scope(answer: Json) -> str | None:
    """what of `id` stands before its own provider: a subscription or a resource group"""
    scope = str(answer.get("id") or "").lower().partition("/providers/microsoft.managedservices/")[0]
    return scope or None


def _those_of(answer: Json, name: str) -> list[Json]:
    """Without those that have no principal or no role: they give nobody anything."""
    return [one for one in parts(_definition(answer), name) if one.get("principalId") and one.get("roleDefinitionId")]


def _roles(answer: Json) -> list[str]:
    """the roles of `authorizations[]` and `eligibleAuthorizations[]`"""
    given = (*_those_of(answer, "authorizations"), *_those_of(answer, "eligibleAuthorizations"))
    return sorted({role_key(str(one["roleDefinitionId"])) for one in given})


def _assigned(answer: Json) -> Iterable[Link]:
    tenant = _definition(answer).get("managedByTenantId")
    for one in _those_of(answer, "authorizations"):
        given: Value = [role_key(str(role)).lower() for role in sorted(plain(one, "delegatedRoleDefinitionIds"))]
        yield _given(one, tenant, {"eligible": False, "mayGive": given})
    for one in _those_of(answer, "eligibleAuthorizations"):
        approvers = parts(one, "justInTimeAccessPolicy", "managedByTenantApprovers")
        yield _given(one, tenant, {"eligible": True, "mayGive": [], "needsApproval": bool(approvers)})


def _given(one: Json, tenant: object, told: Mapping[str, Value]) -> Link:
    principal, role = str(one["principalId"]), role_key(str(one["roleDefinitionId"])).lower()
    named = {"id": principal, "displayName": one.get("principalIdDisplayName"), "tenantId": tenant}
    return Link(
        "ASSIGNED",
        Target(principal.lower(), UNKNOWN_KIND, {name: str(value) for name, value in named.items() if value}),
        key=f"{role} eligible" if told["eligible"] else role,
        properties={"role": role, **told},
    )


DELEGATION = EntityType(
    type="azure_lighthouse_delegation",
    resource="Lighthouse Delegation",
    classes=("AccessPolicy",),
    arm_type="Microsoft.ManagedServices/registrationAssignments",
    documentation="https://learn.microsoft.com/rest/api/managedservices/registration-assignments/list",
    fetch=Arm(
        client="azure.mgmt.managedservices.aio:ManagedServicesClient",
        operation="registration_assignments.list",
        permission="Microsoft.ManagedServices/registrationAssignments/read",
        args=(At("id"),),
        kwargs={"expand_registration_definition": "true"},
        api_version="2022-10-01",
        parent="azure_subscription",
    ),
    name=f"{_DEFINED}.registrationDefinitionName | name",
    properties=(
        text("description", f"{_DEFINED}.description", "what the offer says of itself"),
        text("managedByTenantId", f"{_DEFINED}.managedByTenantId", "the tenant whose people manage it"),
        text("managedByTenantName", f"{_DEFINED}.managedByTenantName", "what that is called"),
        text("registrationDefinitionId", "properties.registrationDefinitionId", "the offer that was accepted"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
        text("scope", delegated_scope, "what is managed"),
    ),
    relationships=(
        outgoing("ALLOWS", ANY_SCOPE, delegated_scope, "what is managed"),
        outgoing("USES", "azure_role_definition", _roles, "the roles that are given"),
        links(
            "ASSIGNED",
            tuple(dict.fromkeys((*PRINCIPALS.values(), UNKNOWN_KIND))),
            _assigned,
            "to whom, with the `role`, whether it is `eligible` first, and the roles that it `mayGive` to identities",
        ),
    ),
)

SERVICE = Service(name="Lighthouse", entity_types=(DELEGATION,))
