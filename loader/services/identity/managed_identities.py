"""User-assigned managed identities, and whose tokens may stand in for them."""

from __future__ import annotations

from loader.model import Arm, EntityType, Segment, Service, incoming, outgoing, text, texts
from loader.services.shared.arm_ids import in_resource_group

_CLIENT = "azure.mgmt.msi.aio:ManagedServiceIdentityClient"


USER_ASSIGNED_IDENTITY = EntityType(
    type="azure_user_assigned_identity",
    resource="User Assigned Identity",
    classes=("AccessRole",),
    arm_type="Microsoft.ManagedIdentity/userAssignedIdentities",
    inventory="Microsoft.ManagedIdentity/userAssignedIdentities",
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
