"""Event Grid: domains with their topics, topics that stand alone, and where the events go."""

from __future__ import annotations

from collections.abc import Iterator

from loader.model import (
    ANY_RESOURCE,
    Arm,
    At,
    EntityType,
    Json,
    Property,
    Segment,
    Service,
    flag,
    incoming,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import OPEN, Reach, named, reachable
from loader.shapes import read

_CLIENT = "azure.mgmt.eventgrid.aio:EventGridManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/eventgrid/controlplane"
_API_VERSION = "2025-02-15"


def _firewall(answer: Json) -> Reach:
    """`properties.inboundIpRules[]`: without any, everybody may hand events in."""
    addresses = [str(one) for one in read(answer, "properties.inboundIpRules[].ipMask")]
    return named(addresses) if addresses else OPEN


_ENTRANCE: tuple[Property, ...] = (
    text("endpoint", "properties.endpoint", "where events are handed in"),
    text("inputSchema", "properties.inputSchema", "EventGridSchema, CloudEventSchemaV1_0 or CustomEventSchema"),
    text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
    *reachable(page=f"{_DOCS}/topics/create-or-update", firewall=_firewall),
    texts("allowedIpAddresses", "properties.inboundIpRules[].ipMask", "addresses that are let in"),
    approved_private_endpoints(),
    flag("disableLocalAuth", "properties.disableLocalAuth", "its keys are refused, only Entra accounts hand in"),
    text("minimumTlsVersion", "properties.minimumTlsVersionAllowed", "1.0, 1.1 or 1.2"),
    *identity_properties(),
    text("provisioningState", "properties.provisioningState", "Succeeded, Updating, …"),
)


def _with_subscriptions(answer: Json) -> Iterator[Json]:
    """The topic, with the address of its subscriptions' list: Azure's is below the topic's own id."""
    yield {**answer, "@eventSubscriptions": f"{answer.get('id')}/providers/Microsoft.EventGrid/eventSubscriptions"}


DOMAIN = EntityType(
    type="azure_event_grid_domain",
    resource="Event Grid Domain",
    classes=("Service",),
    arm_type="Microsoft.EventGrid/domains",
    inventory="Microsoft.EventGrid/domains",
    documentation=f"{_DOCS}/domains/list-by-subscription",
    fetch=Arm(client=_CLIENT, operation="domains.list_by_subscription", permission="Microsoft.EventGrid/domains/read"),
    properties=_ENTRANCE,
    relationships=(in_resource_group(), uses_identities(), lets_in(_firewall)),
)

DOMAIN_TOPIC = EntityType(
    type="azure_event_grid_domain_topic",
    resource="Event Grid Domain Topic",
    classes=("Queue",),
    arm_type="Microsoft.EventGrid/domains/topics",
    documentation=f"{_DOCS}/domain-topics/list-by-domain",
    fetch=Arm(
        client=_CLIENT,
        operation="domain_topics.list_by_domain",
        permission="Microsoft.EventGrid/domains/topics/read",
        args=(Segment("resourceGroups"), Segment("domains")),
        parent="azure_event_grid_domain",
    ),
    spread=_with_subscriptions,
    properties=(text("provisioningState", "properties.provisioningState", "Succeeded, Updating, …"),),
    relationships=(incoming("HAS", "azure_event_grid_domain", "@parent.id", "the domain it is in"),),
)

TOPIC = EntityType(
    type="azure_event_grid_topic",
    resource="Event Grid Topic",
    classes=("Queue",),
    arm_type="Microsoft.EventGrid/topics",
    inventory="Microsoft.EventGrid/topics",
    documentation=f"{_DOCS}/topics/list-by-subscription",
    fetch=Arm(client=_CLIENT, operation="topics.list_by_subscription", permission="Microsoft.EventGrid/topics/read"),
    spread=_with_subscriptions,
    properties=_ENTRANCE,
    relationships=(in_resource_group(), uses_identities(), lets_in(_firewall)),
)


def _of(field: str) -> str:
    """A field of the destination, which stands deeper where events are delivered with a managed identity."""
    return f"properties.{field} | properties.deliveryWithResourceIdentity.{field}"


def web_hook_host(answer: Json) -> str | None:
    """Scheme and host of a web hook: the rest of its address, path and query alike, is what lets one in."""
    found = next(iter(read(answer, _of("destination.properties.endpointBaseUrl"))), None)
    return "/".join(str(found).split("/")[:3]) if found else None


# Event Grid's client lists the subscriptions of a topic and those of a domain's topic by two operations; this one
# reads both.
EVENT_SUBSCRIPTION = EntityType(
    type="azure_event_grid_topic_subscription",
    resource="Event Grid Topic Subscription",
    classes=("Subscription",),
    arm_type="Microsoft.EventGrid/eventSubscriptions",
    documentation=f"{_DOCS}/event-subscriptions/list-by-resource",
    fetch=Arm(
        client="azure.mgmt.resource.resources.aio:ResourceManagementClient",
        operation="resources.get_by_id",
        permission="Microsoft.EventGrid/eventSubscriptions/read",
        args=(At("@eventSubscriptions"),),
        kwargs={"api_version": _API_VERSION},
        parent=("azure_event_grid_domain_topic", "azure_event_grid_topic"),
    ),
    secrets=(
        "properties.destination.properties.endpointUrl",
        "properties.destination.properties.endpointBaseUrl",
        "properties.destination.properties.deliveryAttributeMappings[].properties.value",
        "properties.deliveryWithResourceIdentity.destination.properties.endpointUrl",
        "properties.deliveryWithResourceIdentity.destination.properties.endpointBaseUrl",
        "properties.deliveryWithResourceIdentity.destination.properties.deliveryAttributeMappings[].properties.value",
    ),
    properties=(
        text("topic", "properties.topic", "the topic whose events it takes"),
        text("destinationType", _of("destination.endpointType"), "WebHook, StorageQueue, EventHub, AzureFunction, …"),
        text("destinationId", _of("destination.properties.resourceId"), "the resource the events go to"),
        text("queueName", _of("destination.properties.queueName"), "the queue there"),
        text("webHookHost", web_hook_host, "the host the events go to"),
        text("deliveryIdentity", "properties.deliveryWithResourceIdentity.identity.type", "who it delivers as"),
        texts("includedEventTypes", "properties.filter.includedEventTypes", "kinds of events it takes; none: all"),
        text("subjectBeginsWith", "properties.filter.subjectBeginsWith", "what their subject begins with"),
        text("subjectEndsWith", "properties.filter.subjectEndsWith", "what it ends with"),
        texts("labels", "properties.labels", "its owner's own words"),
        text("eventDeliverySchema", "properties.eventDeliverySchema", "how events are written"),
        whole("maxDeliveryAttempts", "properties.retryPolicy.maxDeliveryAttempts", "how often delivery is tried"),
        text("deadLetterStorageId", "properties.deadLetterDestination.properties.resourceId", "where lost events go"),
        text("provisioningState", "properties.provisioningState", "Succeeded, AwaitingManualAction, …"),
    ),
    relationships=(
        incoming("HAS", ("azure_event_grid_domain_topic", "azure_event_grid_topic"), "@parent.id", "its topic"),
        outgoing("USES", ANY_RESOURCE, _of("destination.properties.resourceId"), "the resource the events go to"),
    ),
)

SERVICE = Service(name="Event Grid", entity_types=(DOMAIN, DOMAIN_TOPIC, TOPIC, EVENT_SUBSCRIPTION))
