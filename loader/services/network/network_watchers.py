"""Network watchers and their flow logs. Flow logs have no list of a subscription: one call a watcher.

A flow log's target is a virtual network, a subnet or an interface; those of security groups are being retired
(no new ones since June 2025), so the two are told apart by `targetType`.
"""

from __future__ import annotations

from loader.mapping import normal_location
from loader.model import (
    Arm,
    EntityType,
    Json,
    Link,
    Segment,
    Service,
    Target,
    flag,
    incoming,
    links,
    outgoing,
    text,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group, parent_of, subscription_of
from loader.services.shared.wire import part

_ANALYTICS = "properties.flowAnalyticsConfiguration.networkWatcherFlowAnalyticsConfiguration"
_MOMENTS = {"B", "C", "E", "D"}
_TARGETS = {
    "networksecuritygroups": "azure_security_group",
    "virtualnetworks": "azure_vnet",
    "subnets": "azure_subnet",
    "networkinterfaces": "azure_nic",
}


def _location(watcher: Json) -> str | None:
    """The id of the subscription's location, made from the watcher's own: there is one watcher a region."""
    subscription, location = subscription_of(str(watcher.get("id"))), watcher.get("location")
    return f"{subscription}/locations/{normal_location(location)}" if subscription and location else None


def _target_type(log: Json) -> str | None:
    """The entity type that the log records, told from the target's id."""
    target = str(part(log, "properties").get("targetResourceId") or "")
    parts = target.lower().split("/")
    return _TARGETS.get(parts[-2]) if len(parts) > 1 else None


def _target(log: Json) -> list[Link]:
    target, kind = str(part(log, "properties").get("targetResourceId") or ""), _target_type(log)
    return [Link("HAS", Target(target.lower(), kind, {"id": target}), incoming=True)] if kind else []


def _narrowed(log: Json) -> bool:
    """`properties.enabledFilteringCriteria` is there, or `recordTypes` without one of begin, continue, end and deny"""
    told = part(log, "properties")
    moments = {one.strip().upper() for one in str(told.get("recordTypes") or "").split(",")} - {""}
    return bool(str(told.get("enabledFilteringCriteria") or "").strip() or (moments and not moments >= _MOMENTS))


def _watcher(log: Json) -> str | None:
    return parent_of(str(log.get("id") or ""))


NETWORK_WATCHER = EntityType(
    type="azure_network_watcher",
    resource="Network Watcher",
    classes=("Resource",),
    arm_type="Microsoft.Network/networkWatchers",
    inventory="Microsoft.Network/networkWatchers",
    documentation="https://learn.microsoft.com/rest/api/network-watcher/network-watchers/list-all",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="network_watchers.list_all",
        permission="Microsoft.Network/networkWatchers/read",
    ),
    properties=(text("provisioningState", "properties.provisioningState", "Succeeded where it works"),),
    relationships=(
        in_resource_group(),
        incoming("HAS", "azure_location", _location, "the region it watches"),
    ),
)

FLOW_LOG = EntityType(
    type="azure_security_group_flow_logs",
    resource="Security Group Flow Logs",
    classes=("Logs",),
    arm_type="Microsoft.Network/networkWatchers/flowLogs",
    inventory="Microsoft.Network/networkWatchers/flowLogs",
    documentation="https://learn.microsoft.com/rest/api/network-watcher/flow-logs/list",
    fetch=Arm(
        client="azure.mgmt.network.aio:NetworkManagementClient",
        operation="flow_logs.list",
        permission="Microsoft.Network/networkWatchers/flowLogs/read",
        args=(Segment("resourceGroups"), Segment("networkWatchers")),
        parent="azure_network_watcher",
    ),
    properties=(
        flag("enabled", "properties.enabled", "It is recording"),
        text("targetResourceId", "properties.targetResourceId", "What it records"),
        text("targetType", _target_type, "Entity type of what it records"),
        text("storageId", "properties.storageId", "The storage account it writes to"),
        flag("retentionPolicy.enabled", "properties.retentionPolicy.enabled", "Old records are deleted"),
        whole("retentionPolicy.days", "properties.retentionPolicy.days", "Days kept; 0 keeps them for ever"),
        text("format", "properties.format.type", "JSON"),
        whole("formatVersion", "properties.format.version", "2 has bytes and packets too"),
        flag("trafficAnalyticsEnabled", f"{_ANALYTICS}.enabled", "Sent to a Log Analytics workspace"),
        text("workspaceResourceId", f"{_ANALYTICS}.workspaceResourceId", "That workspace"),
        whole("trafficAnalyticsInterval", f"{_ANALYTICS}.trafficAnalyticsInterval", "Minutes between two analyses"),
        text("enabledFilteringCriteria", "properties.enabledFilteringCriteria", "Records only what matches"),
        text("recordTypes", "properties.recordTypes", "Which moments of flows it records: B, C, E, D; unset: all"),
        flag("narrowed", _narrowed, "It leaves flows out, by what matches or by their moments"),
        text("provisioningState", "properties.provisioningState", "State of the last change"),
    ),
    relationships=(
        incoming("HAS", "azure_network_watcher", _watcher, "the watcher that runs it"),
        links("HAS", tuple(_TARGETS.values()), _target, "what it records", is_incoming=True),
        outgoing("USES", "azure_storage_account", "properties.storageId", "where it writes"),
    ),
)

SERVICE = Service(name="Network Watcher", entity_types=(NETWORK_WATCHER, FLOW_LOG))
