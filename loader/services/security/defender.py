"""Microsoft Defender for Cloud: plans, contacts, settings, agent provisioning and assessments.

What it finds wrong in detail and its alerts are in `defender_findings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loader.model import (
    ANY_RESOURCE,
    Arm,
    At,
    Detail,
    EntityType,
    Json,
    Service,
    date,
    flag,
    incoming,
    quiet,
    text,
    texts,
)
from loader.services.shared.arm_ids import in_subscription
from loader.services.shared.enumerations import ASSESSMENT_CODES
from loader.services.shared.findings import NOT_APPLICABLE, OPEN, RESOLVED, own_severity, severity, status
from loader.services.shared.wire import explained, is_on, part, parts

_CLIENT = "azure.mgmt.security.aio:SecurityCenter"
_DOCS = "https://learn.microsoft.com/rest/api/defenderforcloud"

# --- plans ---------------------------------------------------------------------------------------------------------


def extensions(enabled: bool) -> Callable[[Json], list[str] | None]:
    """The names of a plan's components that are on, or off. None where the answer (of an older API) tells none."""

    def names(answer: Json) -> list[str] | None:
        if part(answer, "properties").get("extensions") is None:
            return None
        found = parts(answer, "properties", "extensions")
        # "True" and "False" come as text.
        return [str(one.get("name")) for one in found if is_on(one, "isEnabled") is enabled]

    return explained(f"`properties.extensions[]` whose `isEnabled` is {enabled}", names)


def failed_extensions(answer: Json) -> list[str]:
    """the names of `properties.extensions[]` whose `operationStatus.code` is Failed"""
    found = parts(answer, "properties", "extensions")
    return [str(one.get("name")) for one in found if str(part(one, "operationStatus").get("code")).lower() == "failed"]


PRICING = EntityType(
    type="azure_security_center_subscription_pricing",
    resource="Security Center Subscription Pricing",
    classes=("Configuration",),
    arm_type="Microsoft.Security/pricings",
    documentation=f"{_DOCS}/pricings/list",
    fetch=Arm(
        client=_CLIENT,
        operation="pricings.list",
        permission="Microsoft.Security/pricings/read",
        args=(At("id"),),
        parent="azure_subscription",
    ),
    properties=(
        text("pricingTier", "properties.pricingTier", "Standard is on, Free is off", values=("Free", "Standard")),
        text("subPlan", "properties.subPlan", "which of the plan's variants: P1, P2, DefenderForStorageV2, …"),
        texts("extensions", extensions(enabled=True), "components that are on"),
        texts("disabledExtensions", extensions(enabled=False), "components that are off"),
        texts("failedExtensions", failed_extensions, "components whose switching on or off failed"),
        flag("deprecated", "properties.deprecated", "another plan has replaced it"),
        texts("replacedBy", "properties.replacedBy", "that plan"),
        flag("enforce", "properties.enforce", "resources may not choose otherwise"),
        text("resourcesCoverageStatus", "properties.resourcesCoverageStatus", "how many resources follow it"),
        date("enabledOn", "properties.enablementTime", "when it was switched on"),
        quiet(text("freeTrialRemainingTime", "properties.freeTrialRemainingTime", "an ISO 8601 duration")),
    ),
    relationships=(in_subscription(),),
)

# --- contacts ------------------------------------------------------------------------------------------------------


def emails(answer: Json) -> list[str]:
    """All addresses: `emails` is one text with semicolons or commas, `email` (older API) a single address."""
    properties = part(answer, "properties")
    written = str(properties.get("emails") or properties.get("email") or "").replace(",", ";")
    return [address.strip() for address in written.split(";") if address.strip()]


def _source(kind: str, field: str) -> Callable[[Json], object]:
    """What one source of notifications is set to: alerts, or attack paths."""

    def value(answer: Json) -> object:
        for source in parts(answer, "properties", "notificationsSources"):
            if str(source.get("sourceType")).lower() == kind.lower():
                return source.get(field)
        return None

    return explained(f"`{field}` of {kind} in `properties.notificationsSources[]`", value)


def notification_sources(answer: Json) -> list[str] | None:
    """Of what is mailed: the `sourceType` of each of `properties.notificationsSources[]`. None in the API of 2020."""
    if part(answer, "properties").get("notificationsSources") is None:
        return None
    return [str(one.get("sourceType")) for one in parts(answer, "properties", "notificationsSources")]


def alert_severity(answer: Json) -> object:
    """From which severity on alerts are mailed; the API of 2020 keeps it in `alertNotifications`."""
    older = part(answer, "properties").get("alertNotifications")
    # The API of 2017 has "On" or "Off" there.
    severity = None if isinstance(older, str) else part(older).get("minimalSeverity")
    return _source("Alert", "minimalSeverity")(answer) or severity


def alerts_mailed(answer: Json) -> object:
    """Whether alerts are mailed at all: today a source of that kind is listed; before, a state or "On"/"Off"."""
    properties = part(answer, "properties")
    if properties.get("notificationsSources") is not None:
        return _source("Alert", "sourceType")(answer) is not None
    older = properties.get("alertNotifications")
    return older if isinstance(older, str) else part(older).get("state")


CONTACT = EntityType(
    type="azure_security_center_contact",
    # As the page below has the ids of this version in its examples.
    ids=("Microsoft.Security/securityContacts", "Microsoft.Security/securityContact"),
    resource="Security Contact",
    classes=("Resource",),
    arm_type="Microsoft.Security/securityContacts",
    documentation=f"{_DOCS}/security-contacts/list",
    fetch=Arm(
        client=_CLIENT,
        operation="security_contacts.list",
        permission="Microsoft.Security/securityContacts/read",
        # The newest version the SDK has models for knows nothing of attack path notifications.
        kwargs={"api_version": "2023-12-01-preview"},
    ),
    properties=(
        texts("emails", emails, "addresses that are written to"),
        text(
            "email", explained("`properties.emails`, the first", lambda one: next(iter(emails(one)), None)), "the first"
        ),
        text("phone", "properties.phone", "a phone number"),
        flag("isEnabled", "properties.isEnabled", "the contact is used"),
        flag("alertNotifications", alerts_mailed, "alerts are mailed"),
        text("alertMinimalSeverity", alert_severity, "from which severity on"),
        texts("notificationSources", notification_sources, "of what is mailed: Alert, AttackPath"),
        text("attackPathMinimalRiskLevel", _source("AttackPath", "minimalRiskLevel"), "attack paths are mailed from"),
        flag(
            "alertsToAdmins",
            "properties.notificationsByRole.state | properties.alertsToAdmins",
            "they also go to people with certain roles",
        ),
        texts("notificationRoles", "properties.notificationsByRole.roles", "those roles: Owner, Contributor, …"),
    ),
    relationships=(in_subscription(),),
)

# --- settings ------------------------------------------------------------------------------------------------------

SETTING = EntityType(
    type="azure_security_center_setting",
    resource="Security Center Setting",
    classes=("Configuration",),
    arm_type="Microsoft.Security/settings",
    documentation=f"{_DOCS}/settings/list",
    fetch=Arm(client=_CLIENT, operation="settings.list", permission="Microsoft.Security/settings/read"),
    properties=(
        text("kind", "kind", "DataExportSettings or AlertSyncSettings"),
        flag("enabled", "properties.enabled", "it is on; WDATP is Defender for Endpoint, MCAS Defender for Cloud Apps"),
    ),
    relationships=(in_subscription(),),
)

AUTO_PROVISIONING = EntityType(
    type="azure_security_center_auto_provisioning_setting",
    resource="Security Center Auto Provisioning Setting",
    classes=("Configuration",),
    arm_type="Microsoft.Security/autoProvisioningSettings",
    documentation=f"{_DOCS}/auto-provisioning-settings/list",
    fetch=Arm(
        client=_CLIENT,
        operation="auto_provisioning_settings.list",
        permission="Microsoft.Security/autoProvisioningSettings/read",
    ),
    properties=(text("autoProvision", "properties.autoProvision", "On installs the monitoring agent on new machines"),),
    relationships=(in_subscription(),),
)

# --- assessments ---------------------------------------------------------------------------------------------------


def assessed_resource(answer: Json) -> Iterator[str]:
    """The ARM id of what was assessed. Azure capitalises these fields, and at times does not."""
    details = {name.lower(): value for name, value in part(answer, "properties", "resourceDetails").items()}
    identity = str(details.get("id") or "")
    if str(details.get("source")).lower() == "azure" and identity:
        yield f"/{identity.strip('/')}"


# What Defender says of a resource, in the words all findings share.
ASSESSED = {"healthy": RESOLVED, "unhealthy": OPEN, "notapplicable": NOT_APPLICABLE}

# What an assessment is about, the same for all resources. The list of assessments leaves it out, only a get tells it:
# https://learn.microsoft.com/rest/api/defenderforcloud/assessments/get ($expand=metadata)
_KIND = "$metadata.properties"

ASSESSMENT = EntityType(
    type="azure_security_assessment",
    resource="Security Assessment",
    classes=("Assessment", "Finding"),
    arm_type="Microsoft.Security/assessments",
    documentation=f"{_DOCS}/assessments/list",
    fetch=Arm(
        client=_CLIENT,
        operation="assessments.list",
        permission="Microsoft.Security/assessments/read",
        args=(At("id"),),
        parent="azure_subscription",
    ),
    details=(
        Detail(
            name="metadata",
            by="name",
            call=Arm(
                client=_CLIENT,
                operation="assessments_metadata.list_by_subscription",
                permission="Microsoft.Security/assessmentMetadata/read",
            ),
        ),
    ),
    name="properties.displayName | name",
    secrets=(
        "properties.partnersData.secret",
        "properties.metadata.partnerData.secret",
    ),
    properties=(
        text("summary", "properties.displayName", "what was looked at"),
        text("assessmentKey", "name", "the same for this assessment of every resource"),
        text(
            "statusCode",
            "properties.status.code",
            "Healthy, Unhealthy or NotApplicable",
            values=ASSESSMENT_CODES,
        ),
        text("statusCause", "properties.status.cause", "why, in a word"),
        text("statusDescription", "properties.status.description", "why, in a sentence"),
        date("firstEvaluatedOn", "properties.status.firstEvaluationDate", "when it was first looked at"),
        quiet(date("statusChangedOn", "properties.status.statusChangeDate", "when that last changed")),
        severity(f"{_KIND}.severity", needs=("metadata",)),
        own_severity(f"{_KIND}.severity"),
        status("properties.status.code", ASSESSED),
        texts("category", f"{_KIND}.categories", "Compute, Data, …"),
        text("assessmentType", f"{_KIND}.assessmentType", "BuiltIn, CustomPolicy, …"),
        text("policyDefinitionId", f"{_KIND}.policyDefinitionId", "the policy behind it"),
        text("remediation", f"{_KIND}.remediationDescription", "what to do about it"),
        text(
            "scannedResourceId",
            explained("`properties.resourceDetails.Id`", lambda answer: next(assessed_resource(answer), None)),
            "what was assessed",
        ),
    ),
    relationships=(
        in_subscription("PERFORMED"),
        incoming("HAS", ANY_RESOURCE, lambda answer: list(assessed_resource(answer)), "what was assessed"),
    ),
)

SERVICE = Service(name="Defender for Cloud", entity_types=(PRICING, CONTACT, SETTING, AUTO_PROVISIONING, ASSESSMENT))
