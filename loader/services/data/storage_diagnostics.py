"""Where the blob, queue and table services of storage accounts send their logs.

These services are resources of their own to Azure Monitor: a setting of the account holds metrics only. Azure lists
settings by resource, so it is a call for each service that an account can have; files are not asked, since no check
reads their logs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from loader.model import Arm, At, EntityType, Json, Service, incoming, text
from loader.services.data.storage import has_blobs, has_queues_and_tables
from loader.services.shared.diagnostics import DESTINATIONS, SENT_ON, kept_in

_SERVICES: dict[str, Callable[[Json], bool]] = {
    "blob": has_blobs,
    "queue": has_queues_and_tables,
    "table": has_queues_and_tables,
}
_ID = re.compile(r"(?P<account>.*/storageAccounts/[^/]+)/(?P<service>[a-z]+)Services/default/", re.IGNORECASE)


def services(account: Json) -> Iterable[str]:
    """The ids of the services that an account can have."""
    return [f"{account['id']}/{name}Services/default" for name, offered in _SERVICES.items() if offered(account)]


def account_id(answer: Json) -> str | None:
    """the part of `id` before the service"""
    found = _ID.match(str(answer.get("id") or ""))
    return found["account"] if found else None


def service_name(answer: Json) -> str | None:
    """the word before `Services` in `id`"""
    found = _ID.match(str(answer.get("id") or ""))
    return found["service"].lower() if found else None


STORAGE_DIAGNOSTIC_SETTING = EntityType(
    type="azure_storage_diagnostic_setting",
    ids=("Microsoft.Insights/diagnosticSettings",),
    resource="Storage Diagnostic Setting",
    classes=("Configuration",),
    documentation="https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/list",
    fetch=Arm(
        client="azure.mgmt.monitor.aio:MonitorManagementClient",
        operation="diagnostic_settings.list",
        permission="Microsoft.Insights/DiagnosticSettings/Read",
        args=(At("@each"),),
        parent="azure_storage_account",
        parts=services,
    ),
    properties=(text("service", service_name, "blob, queue or table"), *SENT_ON, *DESTINATIONS),
    relationships=(incoming("HAS", "azure_storage_account", account_id, "the account with the service"), kept_in()),
)

SERVICE = Service(name="Storage logs", entity_types=(STORAGE_DIAGNOSTIC_SETTING,))
