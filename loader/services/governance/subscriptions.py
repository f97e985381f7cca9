"""Subscriptions, and the regions that each of them may use."""

from __future__ import annotations

from loader.model import Arm, At, EntityType, Json, Service, incoming, number, text, texts
from loader.services.shared.wire import parts

_CLIENT = "azure.mgmt.resource.subscriptions.aio:SubscriptionClient"


def _managed_by(answer: Json) -> list[str] | None:
    """`managedByTenants[].tenantId`, an empty list where there are none, nothing where Azure says nothing of them"""
    if answer.get("managedByTenants") is None:
        return None
    return [str(one["tenantId"]) for one in parts(answer, "managedByTenants") if one.get("tenantId")]


SUBSCRIPTION = EntityType(
    type="azure_subscription",
    resource="Subscription",
    classes=("Account",),
    documentation="https://learn.microsoft.com/rest/api/resources/subscriptions/list",
    fetch=Arm(
        client=_CLIENT,
        operation="subscriptions.list",
        permission="Microsoft.Resources/subscriptions/read",
        tenant=True,
    ),
    properties=(
        text("subscriptionId", "subscriptionId", "its id without the path"),
        text("tenantId", "tenantId | @tenant", "the tenant whose directory it trusts"),
        text("state", "state", "Enabled, Warned, PastDue, Disabled or Deleted"),
        text("authorizationSource", "authorizationSource", "how the reader came by its rights: RoleBased, Legacy, …"),
        text("offerName", "subscriptionPolicies.quotaId", "the offer it was bought under"),
        text("spendingLimit", "subscriptionPolicies.spendingLimit", "On stops it when its credit is used up"),
        text("locationPlacementId", "subscriptionPolicies.locationPlacementId", "which regions it may see"),
        texts("managedByTenants", _managed_by, "other tenants that manage it (Lighthouse); empty where there are none"),
    ),
    relationships=(incoming("HAS", "azure_account", "tenantId | @tenant", "the tenant whose directory it trusts"),),
)

# Keyed by the id that Azure gives it, so there is one for each subscription that sees the region: what a subscription
# has in a region (a network watcher, say) is then its own.
LOCATION = EntityType(
    type="azure_location",
    resource="Location",
    classes=("Site",),
    documentation="https://learn.microsoft.com/rest/api/resources/subscriptions/list-locations",
    fetch=Arm(
        client=_CLIENT,
        operation="subscriptions.list_locations",
        permission="Microsoft.Resources/subscriptions/locations/read",
        args=(At("subscriptionId"),),
        parent="azure_subscription",
    ),
    properties=(
        text("location", "name", "the region's short name"),
        text("regionalDisplayName", "regionalDisplayName", "its name with the country"),
        text("regionType", "metadata.regionType", "Physical or Logical"),
        text("regionCategory", "metadata.regionCategory", "Recommended or Other"),
        text("geography", "metadata.geography", "the country or data boundary"),
        text("geographyGroup", "metadata.geographyGroup", "the continent"),
        text("physicalLocation", "metadata.physicalLocation", "the place"),
        number("latitude", "metadata.latitude | latitude", "degrees north"),
        number("longitude", "metadata.longitude | longitude", "degrees east"),
        texts("pairedRegions", "metadata.pairedRegion[].name", "where its data is copied to"),
        texts("availabilityZones", "availabilityZoneMappings[].logicalZone", "this subscription's zones in it"),
    ),
    relationships=(incoming("USES", "azure_subscription", "@parent.id", "the subscription that may use it"),),
)

SERVICE = Service(name="Subscriptions", entity_types=(SUBSCRIPTION, LOCATION))
