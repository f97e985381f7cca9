"""Event Hubs: dedicated clusters, namespaces, hubs, consumer groups, and the keys namespaces are encrypted with."""

from __future__ import annotations

from loader.model import Arm, Embedded, EntityType, Json, Segment, Service, date, flag, incoming, outgoing, text, whole
from loader.services.messaging.network_rule_sets import namespace_firewall, network_rule_set, tier
from loader.services.messaging.service_bus import NAMESPACE_PROPERTIES
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.customer_keys import named_key, uses_keys
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import uses_identities
from loader.services.shared.wire import part

_CLIENT = "azure.mgmt.eventhub.aio:EventHubManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/eventhub/controlplane-stable"
_NAMESPACE = (Segment("resourceGroups"), Segment("namespaces"))

CLUSTER = EntityType(
    type="azure_event_hub_cluster",
    resource="Event Hub Cluster",
    classes=("Cluster",),
    arm_type="Microsoft.EventHub/clusters",
    inventory="Microsoft.EventHub/clusters",
    documentation=f"{_DOCS}/clusters/list-by-subscription",
    fetch=Arm(client=_CLIENT, operation="clusters.list_by_subscription", permission="Microsoft.EventHub/clusters/read"),
    properties=(
        whole("capacity", "sku.capacity", "capacity units bought"),
        flag("supportsScaling", "properties.supportsScaling", "it can be made larger"),
        text("status", "properties.status", "Active, …"),
        text("metricId", "properties.metricId", "its name in Azure Monitor"),
        date("createdOn", "properties.createdAt", "when it was made"),
    ),
    relationships=(in_resource_group(),),
)

NAMESPACE = EntityType(
    type="azure_event_hub_namespace",
    resource="Event Hub Namespace",
    classes=("Group",),
    arm_type="Microsoft.EventHub/namespaces",
    inventory="Microsoft.EventHub/namespaces",
    documentation=f"{_DOCS}/namespaces/list",
    fetch=Arm(client=_CLIENT, operation="namespaces.list", permission="Microsoft.EventHub/namespaces/read"),
    details=(network_rule_set(_CLIENT, "Microsoft.EventHub", lambda one: tier(one) != "basic"),),
    properties=(
        *NAMESPACE_PROPERTIES,
        text("clusterArmId", "properties.clusterArmId", "the dedicated cluster it is on"),
        flag("kafkaEnabled", "properties.kafkaEnabled", "Kafka clients may use it"),
        flag("isAutoInflateEnabled", "properties.isAutoInflateEnabled", "it grows with the load"),
        whole("maximumThroughputUnits", "properties.maximumThroughputUnits", "as far as this"),
    ),
    relationships=(
        in_resource_group(),
        incoming("ASSIGNED", "azure_event_hub_cluster", "properties.clusterArmId", "the dedicated cluster it is on"),
        uses_identities(),
        lets_in(namespace_firewall, needs=("networkRuleSet",)),
    ),
)


def _key_id(answer: Json) -> str | None:
    """Azure gives it no id: the namespace's, and the vault and name of the key."""
    namespace, key = part(answer, "@parent").get("id"), named_key(answer)
    return f"{namespace}/keys/{key.removeprefix('https://')}" if namespace and key else None


KEY = EntityType(
    type="azure_event_hub_key",
    resource="Event Hub Key",
    classes=("Key",),
    documentation=f"{_DOCS}/namespaces/list",
    fetch=Embedded(parent="azure_event_hub_namespace", at="properties.encryption.keyVaultProperties[]"),
    key=_key_id,
    name="keyName",
    properties=(
        text("keyName", "keyName", "its name in the vault"),
        text("keyVaultUri", "keyVaultUri", "the vault it is in"),
        text("keyVersion", "keyVersion", "its version; empty: always the newest"),
        text("identityId", "identity.userAssignedIdentity", "the identity that fetches it"),
    ),
    relationships=(
        incoming("HAS", "azure_event_hub_namespace", "@parent.id", "the namespace it encrypts"),
        uses_keys(lambda answer: [named_key(answer)]),
    ),
)

_CAPTURE = "properties.captureDescription"

HUB = EntityType(
    type="azure_event_hub",
    resource="Event Hub",
    classes=("Service",),
    arm_type="Microsoft.EventHub/namespaces/eventhubs",
    documentation=f"{_DOCS}/event-hubs/list-by-namespace",
    fetch=Arm(
        client=_CLIENT,
        operation="event_hubs.list_by_namespace",
        permission="Microsoft.EventHub/namespaces/eventhubs/read",
        args=_NAMESPACE,
        parent="azure_event_hub_namespace",
    ),
    properties=(
        text("status", "properties.status", "Active, Disabled, SendDisabled, …"),
        whole("partitionCount", "properties.partitionCount", "how many readers can share it"),
        whole("messageRetentionInDays", "properties.messageRetentionInDays", "how long events are kept"),
        flag("captureEnabled", f"{_CAPTURE}.enabled", "events are copied to storage"),
        text("captureContainer", f"{_CAPTURE}.destination.properties.blobContainer", "the container there"),
        date("createdOn", "properties.createdAt", "when it was made"),
    ),
    relationships=(
        incoming("HAS", "azure_event_hub_namespace", "@parent.id", "the namespace it is in"),
        outgoing(
            "USES",
            "azure_storage_account",
            f"{_CAPTURE}.destination.properties.storageAccountResourceId",
            "where its events are copied to",
        ),
    ),
)

CONSUMER_GROUP = EntityType(
    type="azure_event_hub_consumer_group",
    resource="Event Hub Consumer Group",
    classes=("Channel",),
    arm_type="Microsoft.EventHub/namespaces/eventhubs/consumergroups",
    documentation=f"{_DOCS}/consumer-groups/list-by-event-hub",
    fetch=Arm(
        client=_CLIENT,
        operation="consumer_groups.list_by_event_hub",
        permission="Microsoft.EventHub/namespaces/eventHubs/consumergroups/read",
        args=(*_NAMESPACE, Segment("eventhubs")),
        parent="azure_event_hub",
    ),
    properties=(
        text("userMetadata", "properties.userMetadata", "its owner's own words"),
        date("createdOn", "properties.createdAt", "when it was made"),
    ),
    relationships=(incoming("HAS", "azure_event_hub", "@parent.id", "the hub it reads"),),
)

SERVICE = Service(name="Event Hubs", entity_types=(CLUSTER, NAMESPACE, KEY, HUB, CONSUMER_GROUP))
