"""Managed identities: those users make, and which of them (or which of its own) a resource can sign in as."""

from __future__ import annotations

from collections.abc import Iterator

from loader.model import (
    Arm,
    EntityType,
    Json,
    Link,
    Property,
    Relationship,
    Segment,
    Service,
    Target,
    incoming,
    links,
    outgoing,
    text,
    texts,
)
from loader.services.arm_ids import in_resource_group
from loader.services.wire import part

_CLIENT = "azure.mgmt.msi.aio:ManagedServiceIdentityClient"


def identity_properties() -> tuple[Property, ...]:
    """`identityType`, `identityPrincipalId`, `userAssignedIdentityIds`: the same block on every resource."""
    return (
        text("identityType", "identity.type", "SystemAssigned, UserAssigned, both or None"),
        text("identityPrincipalId", "identity.principalId", "the object id of its own identity"),
        texts("userAssignedIdentityIds", _user_assigned, "its user-assigned identities"),
    )


def uses_identities() -> Relationship:
    """The resource USES the service principals it can sign in as, and the user-assigned identities among them.

    Not every list tells the principal of a user-assigned identity, but each tells its ARM id; the identity itself then
    leads on to its principal.
    """
    others = ("azure_service_principal", "azure_user_assigned_identity")
    return links("USES", others, _identities, "who it can sign in as")


def _user_assigned(answer: Json) -> list[str]:
    """the ids that `identity.userAssignedIdentities` names, in lower case"""
    return sorted(identity_id.lower() for identity_id in part(answer, "identity", "userAssignedIdentities"))


def _identities(answer: Json) -> Iterator[Link]:
    identity = part(answer, "identity")
    found: list[tuple[str, str | None, Json]] = [("SystemAssigned", None, identity)]
    found += [("UserAssigned", arm_id, one or {}) for arm_id, one in part(identity, "userAssignedIdentities").items()]
    for kind, arm_id, one in found:
        principal = one.get("principalId")
        if principal:
            kept = {"managedIdentityType": kind, "clientId": one.get("clientId"), "identityId": arm_id}
            target = Target(str(principal).lower(), "azure_service_principal", {"id": str(principal)})
            yield Link("USES", target, properties={name: value for name, value in kept.items() if value})
        if arm_id:
            yield Link("USES", Target(arm_id.lower(), "azure_user_assigned_identity", {"id": arm_id}))


USER_ASSIGNED_IDENTITY = EntityType(
    type="azure_user_assigned_identity",
    resource="User Assigned Identity",
    classes=("AccessRole",),
    arm_type="Microsoft.ManagedIdentity/userAssignedIdentities",
    documentation="https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/list-by-subscription",
    fetch=Arm(
        client=_CLIENT,
        operation="user_assigned_identities.list_by_subscription",
        permission="Microsoft.ManagedIdentity/userAssignedIdentities/read",
    ),
    properties=(
        text("principalId", "properties.principalId", "the object id of its service principal"),
        text("clientId", "properties.clientId", "the application id of its service principal"),
        text("tenantId", "properties.tenantId", "the tenant it signs in to"),
        text("isolationScope", "properties.isolationScope", "Regional, or None"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("IS", "azure_service_principal", "properties.principalId", "the same identity in the directory"),
    ),
)

FEDERATED_CREDENTIAL = EntityType(
    type="azure_federated_identity_credential",
    resource="Federated Identity Credential",
    classes=("AccessPolicy",),
    arm_type="Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    documentation="https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials/list",
    fetch=Arm(
        client=_CLIENT,
        operation="federated_identity_credentials.list",
        permission="Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read",
        args=(Segment("resourceGroups"), Segment("userAssignedIdentities")),
        parent="azure_user_assigned_identity",
    ),
    properties=(
        text("issuer", "properties.issuer", "whose tokens are taken: GitHub, a Kubernetes cluster, …"),
        text("subject", "properties.subject", "which token of that issuer"),
        texts("audiences", "properties.audiences", "and for whom it was made out"),
    ),
    relationships=(incoming("HAS", "azure_user_assigned_identity", "@parent.id", "who its bearer becomes"),),
)

SERVICE = Service(name="Managed identities", entity_types=(USER_ASSIGNED_IDENTITY, FEDERATED_CREDENTIAL))
