"""Application Insights and Log Analytics: where applications and resources send what they log.

Instrumentation keys, connection strings and workspace keys are secrets: the first two are answered beside the rest and
left out, the last are never asked for.
"""

from loader.model import Arm, EntityType, Service, date, flag, number, outgoing, text, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.reachable import reachable

_PAGE = "https://learn.microsoft.com/azure/azure-monitor/logs/private-link-security"
_ACCESS = (
    text("publicNetworkAccessForIngestion", "properties.publicNetworkAccessForIngestion", "who may send: Enabled …"),
    text("publicNetworkAccessForQuery", "properties.publicNetworkAccessForQuery", "who may ask: Enabled …"),
    *reachable(page=_PAGE, access="properties.publicNetworkAccessForIngestion", door="ingestion."),
    *reachable(page=_PAGE, access="properties.publicNetworkAccessForQuery", door="query."),
    text("provisioningState", "properties.provisioningState", "state of the last change"),
)

COMPONENT = EntityType(
    type="azure_application_insights_component",
    resource="Application Insights Component",
    classes=("Logs",),
    arm_type="Microsoft.Insights/components",
    inventory="Microsoft.Insights/components",
    documentation="https://learn.microsoft.com/rest/api/application-insights/components/list",
    fetch=Arm(
        client="azure.mgmt.applicationinsights.aio:ApplicationInsightsManagementClient",
        operation="components.list",
        permission="Microsoft.Insights/components/read",
    ),
    secrets=(
        "properties.InstrumentationKey",
        "properties.ConnectionString",
        "properties.HockeyAppToken",
    ),
    properties=(
        text("kind", "kind", "web, java, other, …"),
        text("applicationType", "properties.Application_Type", "web or other"),
        text("appId", "properties.AppId", "the id that queries name"),
        text(
            "ingestionMode",
            "properties.IngestionMode",
            "LogAnalytics, or one of the retired modes",
            values=("ApplicationInsights", "ApplicationInsightsWithDiagnosticSettings", "LogAnalytics"),
        ),
        whole("retentionInDays", "properties.RetentionInDays", "how long it is kept"),
        flag("localAuthDisabled", "properties.DisableLocalAuth", "the key alone lets nobody send"),
        flag("ipMaskingDisabled", "properties.DisableIpMasking", "addresses of users are kept whole"),
        *_ACCESS,
        date("createdOn", "properties.CreationDate", "when it was made"),
    ),
    relationships=(
        in_resource_group(),
        outgoing(
            "USES", "azure_log_analytics_workspace", "properties.WorkspaceResourceId", "the workspace that keeps it"
        ),
    ),
)

LOG_ANALYTICS_WORKSPACE = EntityType(
    type="azure_log_analytics_workspace",
    resource="Log Analytics Workspace",
    classes=("Logs", "DataStore"),
    arm_type="Microsoft.OperationalInsights/workspaces",
    inventory="Microsoft.OperationalInsights/workspaces",
    documentation="https://learn.microsoft.com/rest/api/loganalytics/workspaces/list",
    fetch=Arm(
        client="azure.mgmt.loganalytics.aio:LogAnalyticsManagementClient",
        operation="workspaces.list",
        permission="Microsoft.OperationalInsights/workspaces/read",
    ),
    properties=(
        text("sku", "properties.sku.name", "PerGB2018, CapacityReservation, …"),
        text("customerId", "properties.customerId", "the id that agents and queries name"),
        whole("retentionInDays", "properties.retentionInDays", "how long it is kept"),
        number("dailyQuotaGb", "properties.workspaceCapping.dailyQuotaGb", "what comes after is lost; -1 is no limit"),
        flag("localAuthDisabled", "properties.features.disableLocalAuth", "the key alone lets nobody send"),
        flag(
            "resourcePermissions",
            "properties.features.enableLogAccessUsingOnlyResourcePermissions",
            "who may read a resource may read its logs",
        ),
        *identity_properties(),
        flag("purgeOn30Days", "properties.features.immediatePurgeDataOn30Days", "data goes for good after 30 days"),
        *_ACCESS,
        date("createdOn", "properties.createdDate", "when it was made"),
    ),
    relationships=(in_resource_group(), uses_identities()),
)

SERVICE = Service(name="Application Insights and Log Analytics", entity_types=(COMPONENT, LOG_ANALYTICS_WORKSPACE))
