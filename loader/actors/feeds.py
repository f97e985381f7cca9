"""The logs of Azure that tell who did something: how each is asked, and how far back it remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loader.actors.deeds import Deed, of_activity_log, of_directory_audit, of_resource_graph
from loader.model import AnyCall, Arm, Graph, Json, ResourceGraph

# https://learn.microsoft.com/azure/governance/resource-graph/changes/get-resource-changes
_CHANGES = """{table}
| extend changeTime = todatetime(properties.changeAttributes.timestamp)
| where changeTime >= datetime({begin}) and changeTime <= datetime({end})
| project id, changeTime, targetResourceId = tostring(properties.targetResourceId),
  changeType = tostring(properties.changeType), changedBy = tostring(properties.changeAttributes.changedBy),
  changedByType = tostring(properties.changeAttributes.changedByType),
  clientType = tostring(properties.changeAttributes.clientType),
  operation = tostring(properties.changeAttributes.operation),
  correlationId = tostring(properties.changeAttributes.correlationId)
| order by id asc"""
# What the portal shows of an event is more; this is who, what, to what, when, and how it ended.
_EVENT = "caller,claims,resourceId,operationName,status,correlationId,eventTimestamp"


@dataclass(frozen=True, slots=True)
class Feed:
    """One log. step: its name in a run's report; call: without its moments; read: from its items to deeds; days: how
    far back it remembers for certain; purpose: what it is for, where it is an optional right.
    """

    step: str
    call: AnyCall
    read: Callable[[Json], Deed | None]
    days: int
    purpose: str


RESOURCES = Feed(
    step="actors.resource-changes",
    call=ResourceGraph(query="resourcechanges", permission="Microsoft.Resources/changes/read"),
    read=of_resource_graph,
    days=14,
    purpose="who changed resources",
)
CONTAINERS = Feed(
    step="actors.container-changes",
    call=ResourceGraph(query="resourcecontainerchanges", permission="Microsoft.Resources/changes/read"),
    read=of_resource_graph,
    days=14,
    purpose="who changed subscriptions and resource groups",
)
# https://learn.microsoft.com/rest/api/monitor/activity-logs/list
ACTIVITY = Feed(
    step="actors.activity-log",
    call=Arm(
        client="azure.mgmt.monitor.aio:MonitorManagementClient",
        operation="activity_logs.list",
        permission="Microsoft.Insights/eventtypes/values/read",
    ),
    read=of_activity_log,
    days=89,
    purpose="who gave roles, set locks and policies, and deleted",
)
# https://learn.microsoft.com/graph/api/directoryaudit-list; without a licence it remembers a week:
# https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention
DIRECTORY = Feed(
    step="actors.directory-audit",
    call=Graph(builder="audit_logs.directory_audits", permission="AuditLog.Read.All"),
    read=of_directory_audit,
    days=7,
    purpose="who changed users, groups and applications (Microsoft names Directory.Read.All beside it)",
)
FEEDS = (RESOURCES, CONTAINERS, ACTIVITY, DIRECTORY)


def between(feed: Feed, begin: datetime, end: datetime, subscriptions: tuple[str, ...] = ()) -> AnyCall:
    """The call for what happened from one moment to another. subscriptions: what Resource Graph is asked about."""
    since, until = _told(begin), _told(end + timedelta(seconds=1))
    if isinstance(feed.call, ResourceGraph):
        query = _CHANGES.format(table=feed.call.query, begin=since, end=until)
        return replace(feed.call, query=query, subscriptions=subscriptions)
    if isinstance(feed.call, Arm):
        filtered = f"eventTimestamp ge '{since}' and eventTimestamp le '{until}'"
        return replace(feed.call, kwargs={"filter": filtered, "select": _EVENT})
    if isinstance(feed.call, Graph):
        return replace(feed.call, filter=f"activityDateTime ge {since} and activityDateTime le {until}")
    raise TypeError(feed.step)


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
