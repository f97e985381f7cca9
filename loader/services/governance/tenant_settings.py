"""What is set for the whole tenant in Resource Manager: where Entra's and Intune's logs go, and whether subscriptions
may leave or enter the tenant.

Both take rights at the tenant's root, which a reader of subscriptions does not have.
"""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Arm, EntityType, Json, Property, Service, flag, texts
from loader.services.shared.diagnostics import DESTINATIONS, enabled, kept_in
from loader.services.shared.directory_links import in_tenant
from loader.services.shared.findings import as_arm_id
from loader.services.shared.wire import explained

_RESOURCES = "azure.mgmt.resource.resources.aio:ResourceManagementClient"


def _of_the_tenant() -> Callable[[Json], str | None]:
    """The key of what has the same ARM id in every tenant, such as …/policies/default: that id, under the tenant's."""
    arm_id = as_arm_id("id")

    def key(answer: Json) -> str | None:
        found = arm_id(answer)
        return f"{answer.get('@tenant') or ''}{found}" if found else None

    return explained("`id`, under the tenant's id", key)


_SENT_ON: tuple[Property, ...] = (
    texts("logs", enabled("category"), "log categories that are sent on"),
    texts("categoryGroups", enabled("categoryGroup"), "groups of categories that are sent on"),
    *DESTINATIONS,
)


def _setting(type_name: str, resource: str, provider: str, version: str) -> EntityType:
    """The diagnostic settings of a provider that has them for the tenant, not for a resource.

    No SDK has an operation of its own for these; the general one for any address does.
    """
    return EntityType(
        type=type_name,
        resource=resource,
        classes=("Configuration",),
        arm_type=f"{provider}/diagnosticSettings",
        documentation="https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings",
        fetch=Arm(
            client=_RESOURCES,
            operation="resources.get_by_id",
            permission=f"{provider}/diagnosticSettings/read",
            args=(f"providers/{provider}/diagnosticSettings",),
            kwargs={"api_version": version},
            tenant=True,
        ),
        key=_of_the_tenant(),
        properties=_SENT_ON,
        relationships=(
            in_tenant(),
            kept_in(),
        ),
    )


ENTRA_LOGS = _setting("azure_ad_diagnostic_setting", "Entra Diagnostic Setting", "microsoft.aadiam", "2017-04-01")
INTUNE_LOGS = _setting(
    "azure_intune_diagnostic_setting", "Intune Diagnostic Setting", "microsoft.intune", "2017-04-01-preview"
)

SUBSCRIPTION_POLICY = EntityType(
    type="azure_subscription_policy",
    resource="Subscription Policy",
    classes=("Configuration",),
    arm_type="Microsoft.Subscription/policies",
    documentation="https://learn.microsoft.com/rest/api/subscription/subscription-policy/get-policy-for-tenant",
    fetch=Arm(
        # azure-mgmt-subscription 3.1.1 has an operation for it, which ends in an AttributeError.
        client=_RESOURCES,
        operation="resources.get_by_id",
        permission="Microsoft.Subscription/policies/default/read",
        args=("providers/Microsoft.Subscription/policies/default",),
        kwargs={"api_version": "2021-10-01"},
        tenant=True,
        one=True,
    ),
    key=_of_the_tenant(),
    properties=(
        flag("blockSubscriptionsLeavingTenant", "properties.blockSubscriptionsLeavingTenant", "none may leave"),
        flag("blockSubscriptionsIntoTenant", "properties.blockSubscriptionsIntoTenant", "none may enter"),
        texts("exemptedPrincipals", "properties.exemptedPrincipals", "users it does not hold for, by object id"),
    ),
    relationships=(in_tenant(),),
)

SERVICE = Service(name="Tenant settings", entity_types=(ENTRA_LOGS, INTUNE_LOGS, SUBSCRIPTION_POLICY))
