"""Action groups: who or what an alert tells. Names and kinds of receivers only.

Addresses, telephone numbers and the addresses of webhooks and functions, which often hold a key, are not kept.
"""

from __future__ import annotations

from loader.model import Arm, EntityType, Json, Service, flag, text, texts
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import is_on, part, parts

_END = "Receivers"
# People may unsubscribe from these two kinds; the others have no status.
_MAY_BE_DISABLED = ("emailReceivers", "smsReceivers")


def receivers(answer: Json) -> list[str]:
    """The names in all lists of receivers: `properties.emailReceivers[].name` and so on."""
    return [str(one["name"]) for kind in _kinds(answer) for one in _of(answer, kind) if one.get("name")]


def tells(answer: Json) -> list[str]:
    """The kinds of receivers that are told: `email` of `properties.emailReceivers`, where one is not Disabled.

    People who get mail or text messages may unsubscribe; such a receiver has the status Disabled. A group that is
    switched off tells nobody.
    """
    if not is_on(part(answer, "properties"), "enabled", default=True):
        return []
    told = {
        kind
        for kind in _kinds(answer)
        if any(kind not in _MAY_BE_DISABLED or one.get("status") != "Disabled" for one in _of(answer, kind))
    }
    return sorted(kind.removesuffix(_END) for kind in told)


def _kinds(answer: Json) -> list[str]:
    return sorted(name for name in part(answer, "properties") if name.endswith(_END))


def _of(answer: Json, kind: str) -> list[Json]:
    return parts(answer, "properties", kind)


ACTION_GROUP = EntityType(
    type="azure_action_group",
    resource="Monitor Action Group",
    classes=("Group",),
    arm_type="Microsoft.Insights/actionGroups",
    inventory="Microsoft.Insights/actionGroups",
    documentation="https://learn.microsoft.com/rest/api/monitor/action-groups/list-by-subscription-id",
    fetch=Arm(
        client="azure.mgmt.monitor.aio:MonitorManagementClient",
        operation="action_groups.list_by_subscription_id",
        permission="Microsoft.Insights/ActionGroups/Read",
    ),
    secrets=(
        "properties.webhookReceivers[].serviceUri",
        "properties.azureFunctionReceivers[].httpTriggerUrl",
        "properties.logicAppReceivers[].callbackUrl",
        "properties.automationRunbookReceivers[].serviceUri",
    ),
    properties=(
        text("shortName", "properties.groupShortName", "its name in text messages"),
        flag("enabled", "properties.enabled", "it is on"),
        texts("receivers", receivers, "the names of those who are told"),
        texts("tells", tells, "how they are told: email, sms, webhook, armRole, …; empty where it tells nobody"),
    ),
    relationships=(in_resource_group(),),
)

SERVICE = Service(name="Action groups", entity_types=(ACTION_GROUP,))
