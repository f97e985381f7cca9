"""What every kind of diagnostic setting says: which logs are sent on, and where to."""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Json, Property, Relationship, outgoing, text, texts
from loader.services.shared.wire import explained, is_on, parts


def enabled(field: str, kind: str = "logs") -> Callable[[Json], list[str]]:
    """The categories, or category groups, that are switched on."""
    return explained(
        f"`properties.{kind}[].{field}` of those that are enabled",
        lambda answer: [
            str(log[field]) for log in parts(answer, "properties", kind) if is_on(log, "enabled") and log.get(field)
        ],
    )


SENT_ON: tuple[Property, ...] = (
    texts("logs", enabled("category"), "log categories that are sent on"),
    texts("categoryGroups", enabled("categoryGroup"), "groups of categories that are sent on: allLogs, audit"),
    texts("metrics", enabled("category", "metrics"), "metrics that are sent on"),
)
DESTINATIONS: tuple[Property, ...] = (
    text("storageAccountId", "properties.storageAccountId", "the storage account they go to"),
    text("workspaceId", "properties.workspaceId", "the Log Analytics workspace they go to"),
    text("logAnalyticsDestinationType", "properties.logAnalyticsDestinationType", "tables they are written to"),
    text("eventHubName", "properties.eventHubName", "the event hub they go to"),
    text("eventHubAuthorizationRuleId", "properties.eventHubAuthorizationRuleId", "the right it is written with"),
    text("serviceBusRuleId", "properties.serviceBusRuleId", "the same, in older settings"),
    text("marketplacePartnerId", "properties.marketplacePartnerId", "the partner's service they go to"),
)


def kept_in() -> Relationship:
    return outgoing("USES", "azure_storage_account", "properties.storageAccountId", "where logs are kept")
