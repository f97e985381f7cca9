"""Service Bus: namespaces, queues, topics, and the subscriptions of topics."""

from __future__ import annotations

from loader.model import Arm, EntityType, Property, Segment, Service, date, flag, incoming, quiet, text, whole
from loader.services.messaging.network_rule_sets import NAMED_NETWORKS, namespace_firewall, network_rule_set, tier
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.customer_keys import uses_named_keys
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import reachable

_CLIENT = "azure.mgmt.servicebus.aio:ServiceBusManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/servicebus/controlplane-stable"
_NAMESPACE = (Segment("resourceGroups"), Segment("namespaces"))

# Event Hubs' namespaces answer in the same shape.
NAMESPACE_PROPERTIES: tuple[Property, ...] = (
    text("sku", "sku.name", "Basic, Standard or Premium"),
    text("endpoint", "properties.serviceBusEndpoint", "where it answers"),
    text("status", "properties.status", "Active, Disabled, …"),
    text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
    *reachable(page=f"{_DOCS}/namespaces/create-or-update", firewall=namespace_firewall, may_need=("networkRuleSet",)),
    *NAMED_NETWORKS,
    text("minimumTlsVersion", "properties.minimumTlsVersion", "1.0, 1.1 or 1.2"),
    flag("disableLocalAuth", "properties.disableLocalAuth", "its keys are refused, only Entra accounts sign in"),
    approved_private_endpoints(),
    text("encryption.keySource", "properties.encryption.keySource", "Microsoft.KeyVault: encrypted with an own key"),
    flag(
        "requireInfrastructureEncryption",
        "properties.encryption.requireInfrastructureEncryption",
        "data is encrypted twice",
    ),
    flag("zoneRedundant", "properties.zoneRedundant", "it outlives the loss of a zone"),
    *identity_properties(),
    text("metricId", "properties.metricId", "its name in Azure Monitor"),
    text("provisioningState", "properties.provisioningState", "Succeeded, Updating, …"),
    date("createdOn", "properties.createdAt", "when it was made"),
)

NAMESPACE = EntityType(
    type="azure_service_bus_namespace",
    resource="Service Bus Namespace",
    classes=("Service",),
    arm_type="Microsoft.ServiceBus/namespaces",
    inventory="Microsoft.ServiceBus/namespaces",
    documentation=f"{_DOCS}/namespaces/list",
    fetch=Arm(client=_CLIENT, operation="namespaces.list", permission="Microsoft.ServiceBus/namespaces/read"),
    # Only the highest tier has a firewall.
    details=(network_rule_set(_CLIENT, "Microsoft.ServiceBus", lambda one: tier(one) == "premium"),),
    properties=NAMESPACE_PROPERTIES,
    relationships=(
        in_resource_group(),
        uses_named_keys(),
        uses_identities(),
        lets_in(namespace_firewall, needs=("networkRuleSet",)),
    ),
)


# Counts of messages, sizes and times of use change all the time and are left out.
_COMMON: tuple[Property, ...] = (
    text("status", "properties.status", "Active, Disabled, SendDisabled, …"),
    text("defaultMessageTimeToLive", "properties.defaultMessageTimeToLive", "how long messages are kept (ISO 8601)"),
    text("autoDeleteOnIdle", "properties.autoDeleteOnIdle", "after how long unused it is deleted (ISO 8601)"),
    flag("enableBatchedOperations", "properties.enableBatchedOperations", "the server gathers operations"),
    date("createdOn", "properties.createdAt", "when it was made"),
)
_STORE: tuple[Property, ...] = (
    whole("maxSizeInMegabytes", "properties.maxSizeInMegabytes", "how much it holds"),
    flag("requiresDuplicateDetection", "properties.requiresDuplicateDetection", "a message sent twice is kept once"),
    flag("enablePartitioning", "properties.enablePartitioning", "it is spread over several brokers"),
    flag("enableExpress", "properties.enableExpress", "messages wait in memory before they are stored"),
)
_RECEIVER: tuple[Property, ...] = (
    text("lockDuration", "properties.lockDuration", "how long a reader may keep a message (ISO 8601)"),
    flag("requiresSession", "properties.requiresSession", "messages belong to sessions"),
    whole("maxDeliveryCount", "properties.maxDeliveryCount", "how often delivery is tried"),
    flag("deadLetteringOnMessageExpiration", "properties.deadLetteringOnMessageExpiration", "expired ones are kept"),
    text("forwardTo", "properties.forwardTo", "the queue or topic that messages go on to"),
    text("forwardDeadLetteredMessagesTo", "properties.forwardDeadLetteredMessagesTo", "where undelivered ones go"),
)


def _in_namespace(operation: str, resource: str) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.ServiceBus/namespaces/{resource}/read",
        args=_NAMESPACE,
        parent="azure_service_bus_namespace",
    )


_OF_NAMESPACE = incoming("HAS", "azure_service_bus_namespace", "@parent.id", "the namespace it is in")

QUEUE = EntityType(
    type="azure_service_bus_queue",
    resource="Service Bus Queue",
    classes=("Queue",),
    arm_type="Microsoft.ServiceBus/namespaces/queues",
    documentation=f"{_DOCS}/queues/list-by-namespace",
    fetch=_in_namespace("queues.list_by_namespace", "queues"),
    properties=(*_COMMON, *_STORE, *_RECEIVER),
    relationships=(_OF_NAMESPACE,),
)

TOPIC = EntityType(
    type="azure_service_bus_topic",
    resource="Service Bus Topic",
    classes=("Queue",),
    arm_type="Microsoft.ServiceBus/namespaces/topics",
    documentation=f"{_DOCS}/topics/list-by-namespace",
    fetch=_in_namespace("topics.list_by_namespace", "topics"),
    properties=(
        *_COMMON,
        *_STORE,
        flag("supportOrdering", "properties.supportOrdering", "messages keep their order"),
        quiet(whole("subscriptionCount", "properties.subscriptionCount", "subscriptions of it")),
    ),
    relationships=(_OF_NAMESPACE,),
)

SUBSCRIPTION = EntityType(
    type="azure_service_bus_subscription",
    resource="Service Bus Subscription",
    classes=("Subscription",),
    arm_type="Microsoft.ServiceBus/namespaces/topics/subscriptions",
    documentation=f"{_DOCS}/subscriptions/list-by-topic",
    fetch=Arm(
        client=_CLIENT,
        operation="subscriptions.list_by_topic",
        permission="Microsoft.ServiceBus/namespaces/topics/subscriptions/read",
        args=(*_NAMESPACE, Segment("topics")),
        parent="azure_service_bus_topic",
    ),
    properties=(
        *_COMMON,
        *_RECEIVER,
        flag(
            "deadLetteringOnFilterEvaluationExceptions",
            "properties.deadLetteringOnFilterEvaluationExceptions",
            "messages whose filter failed are kept",
        ),
    ),
    relationships=(incoming("HAS", "azure_service_bus_topic", "@parent.id", "the topic it reads"),),
)

SERVICE = Service(name="Service Bus", entity_types=(NAMESPACE, QUEUE, TOPIC, SUBSCRIPTION))
