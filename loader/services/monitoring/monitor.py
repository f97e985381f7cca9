"""Azure Monitor: diagnostic settings and (retired) log profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loader.model import (
    ANY_SCOPE,
    Arm,
    At,
    EntityType,
    Json,
    Property,
    Service,
    flag,
    incoming,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_subscription
from loader.services.shared.diagnostics import DESTINATIONS, SENT_ON, kept_in
from loader.services.shared.wire import explained, first_with, part, parts

_CLIENT = "azure.mgmt.monitor.aio:MonitorManagementClient"

# --- diagnostic settings -------------------------------------------------------------------------------------------

# The kinds of entity whose diagnostic settings are read: one call for each entity.
DIAGNOSED = (
    "azure_api_management_service",
    "azure_application_gateway",
    "azure_batch_account",
    "azure_cdn_endpoint",
    "azure_cdn_profile",
    "azure_container_registry",
    "azure_databricks_workspace",
    "azure_event_grid_domain",
    "azure_event_grid_topic",
    "azure_function_app",
    "azure_keyvault_service",
    "azure_kubernetes_cluster",
    "azure_lb",
    "azure_mariadb_server",
    "azure_mysql_server",
    "azure_network_firewall",
    "azure_postgresql_server",
    "azure_public_ip",
    "azure_security_group",
    "azure_sql_server",
    "azure_subscription",
    "azure_vnet",
    "azure_web_app",
    "azure_web_app_slot",
)
# Log categories of vaults and subscriptions that questions ask for by name; all others are in `logs`.
_CATEGORIES = ("AuditEvent", "Administrative", "Alert", "Policy", "Security")


def _category(name: str) -> Iterator[Property]:
    """`log.<Category>.…`: whether one category is sent on, and how long it is kept."""

    def value(field: str, block: str = "") -> Callable[[Json], object]:
        def find(answer: Json) -> object:
            log = first_with("category", name, parts(answer, "properties", "logs"))
            return (part(log, block) if block else log).get(field)

        where = f"{block}.{field}" if block else field
        return explained(f"`{where}` of {name} in `properties.logs[]`", find)

    yield flag(f"log.{name}.enabled", value("enabled"), f"{name} logs are sent on")
    yield flag(f"log.{name}.retentionPolicy.enabled", value("enabled", "retentionPolicy"), "they are kept for a time")
    yield whole(f"log.{name}.retentionPolicy.days", value("days", "retentionPolicy"), "for how many days")


DIAGNOSTIC_SETTING = EntityType(
    type="azure_diagnostic_setting",
    resource="Monitor Diagnostic Settings Resource",
    classes=("Configuration",),
    arm_type="Microsoft.Insights/diagnosticSettings",
    documentation="https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/list",
    fetch=Arm(
        client=_CLIENT,
        operation="diagnostic_settings.list",
        permission="Microsoft.Insights/DiagnosticSettings/Read",
        args=(At("id"),),
        parent=DIAGNOSED,
    ),
    properties=(
        *SENT_ON,
        *(one for name in _CATEGORIES for one in _category(name)),
        *DESTINATIONS,
    ),
    relationships=(
        incoming("HAS", ANY_SCOPE, "@parent.id", "what it is about"),
        kept_in(),
    ),
)

# --- log profiles --------------------------------------------------------------------------------------------------

LOG_PROFILE = EntityType(
    type="azure_monitor_log_profile",
    resource="Monitor Log Profile",
    classes=("Configuration",),
    arm_type="Microsoft.Insights/logprofiles",
    documentation="https://learn.microsoft.com/rest/api/monitor/log-profiles/list",
    fetch=Arm(client=_CLIENT, operation="log_profiles.list", permission="Microsoft.Insights/LogProfiles/Read"),
    properties=(
        text("storageAccountId", "properties.storageAccountId", "the storage account the activity log goes to"),
        text("serviceBusRuleId", "properties.serviceBusRuleId", "the event hub it goes to"),
        texts("locations", "properties.locations", "regions whose events are kept"),
        texts("categories", "properties.categories", "Write, Delete, Action"),
        flag("retentionPolicy.enabled", "properties.retentionPolicy.enabled", "they are kept for a time"),
        whole("retentionPolicy.days", "properties.retentionPolicy.days", "for how many days; 0 is for ever"),
    ),
    relationships=(
        in_subscription(),
        outgoing("USES", "azure_storage_account", "properties.storageAccountId", "where the activity log goes"),
    ),
)


SERVICE = Service(name="Monitor", entity_types=(DIAGNOSTIC_SETTING, LOG_PROFILE))
