"""Records for a table of Log Analytics, which Microsoft Sentinel reads, by the Logs Ingestion API.

`POST {endpoint}/dataCollectionRules/{immutable id}/streams/{stream}?api-version=2023-01-01` with a JSON array answers
204; a call takes a megabyte. Witness: Azure/azure-rest-api-specs, specification/monitor/data-plane/ingestion/stable/
2023-01-01/DataCollectionRules.json, and https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
(which names the columns that are reserved: Title, Type, TenantId, id, …). It knows no ids, so what is sent again after
a crash is there twice (`summarize take_any(*) by MessageId`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from loader.errors import AzgraphError
from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.http import Http
from loader.notify.channels.sizes import by_size
from loader.notify.document import Document
from loader.notify.message import Message
from loader.notify.planning import Traits

_LARGEST = 900_000
_VERSION = "2023-01-01"
# Whom the token is for, by the end of the endpoint's name. The second slash is no slip: the audience ends in one.
_AUDIENCES = {".azure.us": "https://monitor.azure.us//.default", ".azure.cn": "https://monitor.azure.cn//.default"}
_AUDIENCE = "https://monitor.azure.com//.default"


class SentinelChannel:
    """Sends records to a stream of a data collection rule. token: gives a token for a scope."""

    traits = Traits(people=False, at_a_time=200)

    def __init__(self, endpoint: str, rule: str, stream: str, token: Callable[[str], str]) -> None:
        host = urlsplit(endpoint).hostname or ""
        self._scope = next((scope for end, scope in _AUDIENCES.items() if host.endswith(end)), _AUDIENCE)
        self._path = f"/dataCollectionRules/{quote(rule)}/streams/{quote(stream)}?api-version={_VERSION}"
        self._endpoint, self._token = endpoint, token

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Posts all of them, in as many requests as their size needs."""
        try:
            token = self._token(self._scope)
        except AzgraphError as error:
            raise NotDeliveredError(str(error).rstrip(".")) from error
        http = Http(self._endpoint, {"Authorization": f"Bearer {token}"}, secrets=(token,))
        records = [json.dumps(record(one.document)).encode() for one in messages]
        for part in by_size(records, _LARGEST):
            body = b"[" + b",".join(part) + b"]"
            http.ask("POST", self._path, content=body, headers={"Content-Type": "application/json"})
        return [""] * len(messages)


def record(document: Document) -> dict[str, Any]:
    """The columns of a message of one alert; `docs/notify.md#microsoft-sentinel` declares them."""
    alert = document.alerts[0] if document.alerts else None
    told: dict[str, Any] = {
        "TimeGenerated": document.at.isoformat(),
        "MessageId": document.id,
        "Kind": str(document.kind),
        "AlertEvent": document.event,
    }
    if alert is None:
        return told
    return {
        **told,
        "AlertId": alert.id,
        "RuleId": alert.rule.id,
        "RuleTitle": alert.rule.title,
        "AlertSeverity": alert.severity,
        "AlertState": alert.state,
        "AlertTitle": alert.title,
        "AlertOwner": alert.owner,
        "EntityKey": alert.entity.key,
        "EntityType": alert.entity.type,
        "EntityName": alert.entity.name,
        "SubscriptionId": alert.entity.subscription.id,
        "SubscriptionName": alert.entity.subscription.name,
        "WebLink": alert.entity.web_link,
        "Values": alert.values,
        "Remediation": alert.rule.remediation,
        "OpenedAt": alert.opened_at.isoformat(),
        "ResolvedAt": alert.resolved_at.isoformat() if alert.resolved_at else None,
        "TimesOpened": alert.times_opened,
    }
