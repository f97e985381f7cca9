"""Activity log alerts: who is told when somebody does something to a subscription, or when Azure itself has trouble.

An alert watches an operation for the whole subscription where `watches` has it, MONITORS leads to the subscription, and
it is `enabled`. It tells somebody where USES leads to an action group that tells somebody.
"""

from __future__ import annotations

from loader.model import ANY_SCOPE, Arm, EntityType, Json, Service, flag, outgoing, text, texts
from loader.services.monitoring.activity_log_conditions import (
    INCIDENT_TYPE,
    condition,
    narrowed_by,
    unread_condition,
    watches,
    watches_health,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import is_on, part


def is_enabled(answer: Json) -> bool:
    """`properties.enabled`, which is true where an alert does not say."""
    return is_on(part(answer, "properties"), "enabled", default=True)


ACTIVITY_LOG_ALERT = EntityType(
    type="azure_monitor_activity_log_alert",
    resource="Monitor Activity Log Alert",
    classes=("Rule",),
    arm_type="Microsoft.Insights/activityLogAlerts",
    inventory="Microsoft.Insights/activityLogAlerts",
    documentation="https://learn.microsoft.com/rest/api/monitor/activity-log-alerts/list-by-subscription-id",
    fetch=Arm(
        client="azure.mgmt.monitor.aio:MonitorManagementClient",
        operation="activity_log_alerts.list_by_subscription_id",
        permission="Microsoft.Insights/ActivityLogAlerts/Read",
    ),
    secrets=("properties.actions.actionGroups[].webhookProperties.*",),
    properties=(
        text("description", "properties.description", "what it is for"),
        flag("enabled", is_enabled, "it is on"),
        texts("scopes", "properties.scopes", "what it watches"),
        texts("watches", watches, "operations that raise it, whoever does them, to what, and however they end"),
        texts(
            "watchesHealth", watches_health, "kinds of service health events that raise it, of any service and region"
        ),
        texts("narrowedBy", narrowed_by, "fields, besides category and operation, that keep it from some events"),
        texts("unreadConditions", unread_condition, "what it says that azgraph does not know, which may narrow it too"),
        texts("condition.category", condition("category"), "Administrative, ServiceHealth, Policy, …"),
        texts("condition.operationName", condition("operationName"), "operations that raise it"),
        texts("condition.level", condition("level"), "levels that raise it"),
        texts("condition.status", condition("status"), "results that raise it"),
        texts("condition.caller", condition("caller"), "callers that raise it"),
        texts("condition.incidentType", condition(INCIDENT_TYPE), "kinds of service health events that raise it"),
        texts("actionGroups", "properties.actions.actionGroups[].actionGroupId", "who is told"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("MONITORS", ANY_SCOPE, "properties.scopes[]", "what it watches"),
        outgoing("USES", "azure_action_group", "properties.actions.actionGroups[].actionGroupId", "who is told"),
    ),
)

SERVICE = Service(name="Activity log alerts", entity_types=(ACTIVITY_LOG_ALERT,))
