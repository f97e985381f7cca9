"""Redis caches, the caches they are linked with, and their firewall rules."""

from __future__ import annotations

from collections.abc import Iterable

from loader.model import (
    Arm,
    Detail,
    EntityType,
    Json,
    Link,
    Segment,
    Service,
    Target,
    flag,
    incoming,
    links,
    number,
    text,
    texts,
    whole,
)
from loader.services.shared.addresses import share_of, span_blocks
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, range_target
from loader.services.shared.firewall_rules import guarded_by_rules
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import in_subnet
from loader.services.shared.wire import part, parts

_CLIENT = "azure.mgmt.redis.aio:RedisManagementClient"
_CACHE = (Segment("resourceGroups"), Segment("Redis"))
_SETTINGS = "properties.redisConfiguration"


def linked_caches(cache: Json) -> Iterable[Link]:
    """The caches it is geo-replicated with. `serverRole` is what the other one is: Primary or Secondary."""
    for server in parts(cache, "$linkedServers", "value"):
        properties = part(server, "properties")
        other = properties.get("linkedRedisCacheId")
        if other:
            role = {"serverRole": str(properties["serverRole"])} if properties.get("serverRole") else {}
            target = Target(str(other).lower(), "azure_redis_cache", {"id": str(other)})
            yield Link("CONNECTS", target, properties=role)


_REACHABLE, _ON_THE_INTERNET = guarded_by_rules(
    page="https://learn.microsoft.com/rest/api/redis/redis/create", inside=in_subnet("properties.subnetId")
)

CACHE = EntityType(
    type="azure_redis_cache",
    resource="Redis Cache",
    classes=("Database", "DataStore", "Cluster"),
    arm_type="Microsoft.Cache/Redis",
    inventory="Microsoft.Cache/Redis",
    documentation="https://learn.microsoft.com/rest/api/redis/redis/list-by-subscription",
    fetch=Arm(client=_CLIENT, operation="redis.list_by_subscription", permission="Microsoft.Cache/redis/read"),
    details=(
        Detail(
            name="linkedServers",
            many=True,
            call=Arm(
                client=_CLIENT,
                operation="linked_server.list",
                permission="Microsoft.Cache/redis/linkedServers/read",
                args=_CACHE,
            ),
        ),
    ),
    secrets=(
        "properties.accessKeys.*",
        "properties.redisConfiguration.rdb-storage-connection-string",
        "properties.redisConfiguration.aof-storage-connection-string-0",
        "properties.redisConfiguration.aof-storage-connection-string-1",
    ),
    properties=(
        text("hostname", "properties.hostName", "where it answers"),
        whole("port", "properties.port", "its port without TLS"),
        whole("sslPort", "properties.sslPort", "its port with TLS"),
        flag("enableNonSslPort", "properties.enableNonSslPort", "it answers without TLS too"),
        text("minimumTlsVersion", "properties.minimumTlsVersion", "1.0, 1.1, 1.2; Azure's default where there is none"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
        *_REACHABLE,
        flag("disableAccessKeyAuthentication", "properties.disableAccessKeyAuthentication", "its keys are refused"),
        flag("entraAuthentication", f"{_SETTINGS}.aad-enabled", "Entra accounts may sign in"),
        flag("authNotRequired", f"{_SETTINGS}.authnotrequired", "anyone who reaches it may use it"),
        approved_private_endpoints(),
        text("subnetId", "properties.subnetId", "the subnet it stands in"),
        text("staticIp", "properties.staticIP", "its address there"),
        text("redisVersion", "properties.redisVersion", "of the engine"),
        text("sku", "properties.sku.name", "Basic, Standard or Premium"),
        text("skuFamily", "properties.sku.family", "C, or P for Premium"),
        whole("skuCapacity", "properties.sku.capacity", "its size within the family"),
        whole("shardCount", "properties.shardCount", "in how many parts its data is"),
        whole("replicasPerPrimary", "properties.replicasPerPrimary | properties.replicasPerMaster", "its copies"),
        texts("zones", "zones", "availability zones it stands in"),
        *identity_properties(),
        text("updateChannel", "properties.updateChannel", "Stable or Preview"),
        text("provisioningState", "properties.provisioningState", "Succeeded, Updating, …"),
    ),
    relationships=(
        in_resource_group(),
        _ON_THE_INTERNET,
        incoming("HAS", "azure_subnet", "properties.subnetId", "the subnet it stands in"),
        links("CONNECTS", "azure_redis_cache", linked_caches, "it is geo-replicated with", needs=("linkedServers",)),
        uses_identities(),
    ),
)


def _span(rule: Json) -> tuple[str, str]:
    """The first and the last address; empty where the rule has none."""
    properties = part(rule, "properties")
    return str(properties.get("startIP") or ""), str(properties.get("endIP") or "")


def _internet_share(rule: Json) -> float:
    """`properties.startIP` to `properties.endIP`, as a part of the Internet's addresses"""
    return share_of(span_blocks(*_span(rule)))


def allowed_addresses(rule: Json) -> Iterable[Link]:
    """From where the rule lets in. Azure's 0.0.0.0 has no special meaning here."""
    start, end = _span(rule)
    if start and end:
        yield Link("ALLOWS", range_target(start, end), incoming=True, properties={"startIp": start, "endIp": end})


FIREWALL_RULE = EntityType(
    type="azure_firewall_rule",
    resource="Redis Firewall Rule",
    classes=("Firewall",),
    arm_type="Microsoft.Cache/Redis/firewallRules",
    documentation="https://learn.microsoft.com/rest/api/redis/firewall-rules/list",
    fetch=Arm(
        client=_CLIENT,
        operation="firewall_rules.list",
        permission="Microsoft.Cache/redis/firewallRules/read",
        args=_CACHE,
        parent="azure_redis_cache",
    ),
    properties=(
        text("ipRangeStart", "properties.startIP", "the first address it lets in"),
        text("ipRangeEnd", "properties.endIP", "the last one"),
        number("internetShare", _internet_share, "the part of the Internet's addresses that it lets in, 0 to 1"),
    ),
    relationships=(
        incoming("HAS", "azure_redis_cache", "@parent.id", "the cache it protects"),
        links("ALLOWS", FIREWALL_FAR_ENDS, allowed_addresses, "from where it lets in", is_incoming=True),
    ),
)

SERVICE = Service(name="Redis", entity_types=(CACHE, FIREWALL_RULE))
