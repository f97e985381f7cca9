"""Devices that are registered with or joined to the Entra tenant, and domains it has."""

from __future__ import annotations

from loader.model import EntityType, Graph, Service, date, flag, incoming, quiet, text, texts, whole
from loader.services.shared.directory_links import in_tenant

_DOCS = "https://learn.microsoft.com/graph/api"

# Keyed by the device's own id: as a member of groups its directory object is an `azure_group_member`.
DEVICE = EntityType(
    type="azure_device",
    resource="Device",
    classes=("Device",),
    documentation=f"{_DOCS}/device-list",
    fetch=Graph(builder="devices", permission="Device.Read.All", expand=("registeredUsers",)),
    key="deviceId",
    properties=(
        text("deviceId", "deviceId", "its own id"),
        flag("active", "accountEnabled", "it may be used"),
        flag("accountEnabled", "accountEnabled", "it may be used"),
        text("operatingSystem", "operatingSystem", "its operating system"),
        text("operatingSystemVersion", "operatingSystemVersion", "that one's version"),
        text("manufacturer", "manufacturer", "who made it"),
        text("make", "manufacturer", "who made it"),
        text("model", "model", "what it is"),
        text("category", "deviceCategory", "the organization's own category"),
        text("ownership", "deviceOwnership", "company or personal"),
        text("trustType", "trustType", "AzureAd (joined), ServerAd (hybrid) or Workplace (registered)"),
        text("profileType", "profileType", "RegisteredDevice, SecureVM, Printer, …"),
        flag("isCompliant", "isCompliant", "it meets the compliance policies"),
        flag("isManaged", "isManaged", "it is under management"),
        flag("onPremisesSyncEnabled", "onPremisesSyncEnabled", "it comes from an on-premises directory"),
        quiet(date("onPremisesLastSyncOn", "onPremisesLastSyncDateTime", "when it last did")),
        texts("physicalIds", "physicalIds", "ids of its hardware and owner"),
        texts("systemLabels", "systemLabels", "labels Microsoft gave it"),
        quiet(date("lastSeenOn", "approximateLastSignInDateTime", "about when it was last used")),
        date("complianceExpiresOn", "complianceExpirationDateTime", "when it stops being compliant"),
        date("createdOn", "registrationDateTime", "when it was registered"),
    ),
    relationships=(in_tenant(), incoming("HAS", "azure_user", "registeredUsers[].id", "who registered it")),
)

DOMAIN = EntityType(
    type="azure_domain",
    ids=("opaque",),
    resource="Domain",
    classes=("Service",),
    documentation=f"{_DOCS}/domain-list",
    fetch=Graph(builder="domains", permission="Domain.Read.All"),
    name="id",
    properties=(
        text(
            "authenticationType",
            "authenticationType",
            "Managed by Entra, or Federated",
            values=("Managed", "Federated"),
        ),
        flag("isAdminManaged", "isAdminManaged", "administrators look after its DNS records"),
        flag("isDefault", "isDefault", "new users get it"),
        flag("isInitial", "isInitial", "it came with the tenant"),
        flag("isRoot", "isRoot", "it is no part of another domain"),
        flag("isVerified", "isVerified", "the tenant has shown that it owns it"),
        texts("supportedServices", "supportedServices", "what it is used for: Email, Intune, …"),
        whole(
            "passwordValidityPeriodInDays", "passwordValidityPeriodInDays", "how long passwords last; 2147483647: ever"
        ),
        whole(
            "passwordNotificationWindowInDays", "passwordNotificationWindowInDays", "when users are told before that"
        ),
    ),
    relationships=(in_tenant(),),
)

SERVICE = Service(name="Entra devices and domains", entity_types=(DEVICE, DOMAIN))
