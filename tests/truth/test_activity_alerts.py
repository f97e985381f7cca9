"""Verdicts about activity log alerts, from answers in the shape of those that the documentation shows.

https://learn.microsoft.com/rest/api/monitor/activity-log-alerts/list-by-subscription-id and …/action-groups/…; the
cases stand in activity_alerts.yaml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loader.graph import Database
from tests.truth.chain import ARM, cases, load, subscription

TYPES = ["azure_subscription", "azure_monitor_activity_log_alert", "azure_action_group"]
OPERATION = "Microsoft.Network/networkSecurityGroups/write"
WATCHED = [{"field": "category", "equals": "Administrative"}, {"field": "operationName", "equals": OPERATION}]
MAIL = {"name": "on duty", "emailAddress": "duty@contoso.example", "status": "Enabled", "useCommonAlertSchema": True}
HOOK = {"name": "pager", "serviceUri": "https://pager.contoso.example/hook?code=secret", "useAadAuth": False}
GROUPS: dict[str, dict[str, Any]] = {
    "on-call": {"enabled": True, "emailReceivers": [MAIL], "webhookReceivers": [HOOK], "smsReceivers": []},
    "switched-off": {"enabled": False, "emailReceivers": [MAIL]},
    "bare": {"enabled": True, "emailReceivers": [], "webhookReceivers": []},
    "unsubscribed": {"enabled": True, "emailReceivers": [{**MAIL, "status": "Disabled"}]},
}


def group_id(scope: str, name: str) -> str:
    where = "/subscriptions/bbbbbbbb-0000-4000-8000-000000000001" if name == "elsewhere" else scope
    return f"{where}/resourceGroups/ops/providers/microsoft.insights/actionGroups/{name}"


def alert(case: Mapping[str, Any], scope: str) -> dict[str, Any]:
    groups = [group_id(scope, name) for name in case.get("groups", ["on-call"])]
    narrowing = [case["narrowing"]] if "narrowing" in case else []
    return {
        "id": f"{scope}/resourceGroups/ops/providers/Microsoft.Insights/activityLogAlerts/watch",
        "name": "watch",
        "type": "Microsoft.Insights/ActivityLogAlerts",
        "location": "Global",
        "properties": {
            "scopes": [scope + case.get("scope", "")],
            "enabled": case.get("enabled", True),
            "condition": {"allOf": case.get("allOf", WATCHED) + narrowing, "odata.type": None},
            "actions": {"actionGroups": [{"actionGroupId": one, "webhookProperties": {}} for one in groups]},
        },
    }


def answers_of(table: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A subscription for each case, by address."""
    subscriptions = [subscription(number, case["about"]) for number, case in enumerate(table, 1)]
    answers: dict[str, Any] = {f"{ARM}/subscriptions": subscriptions}
    for case, one in zip(table, subscriptions, strict=True):
        insights = f"{ARM}{one['id']}/providers/Microsoft.Insights"
        answers[f"{insights}/activityLogAlerts"] = [alert(case, one["id"])]
        answers[f"{insights}/actionGroups"] = [
            {"id": group_id(one["id"], name), "name": name, "location": "Global", "properties": properties}
            for name, properties in GROUPS.items()
        ]
    return answers


def test_subscriptions_have_the_verdicts_that_the_documentation_means(database: Database) -> None:
    table = cases("activity_alerts.yaml")
    chain = load(database, answers_of(table), TYPES)
    wrong = []
    for case in table:
        if case["check"] == "activity-log-alert":
            case["parameters"] = {"operation": OPERATION}
        wrong += chain.wrong_verdict(case, case["about"])
    assert not wrong, "\n".join(wrong)
    stored = database.read("MATCH (group:azure_action_group) RETURN properties(group) AS properties")
    assert "pager" in str(stored)
    assert "contoso.example" not in str(stored)
