"""What stands behind the public frontends of an application gateway, by its rules: listener, rule, pool, settings.

Each is a word on a port: `tcp:8080 ip:10.0.1.4`, `tcp:443 name:shop.example`, `tcp:80 id:/subscriptions/…`. Rules that
only redirect lead nowhere, and private frontends are not on the Internet.
Source: https://learn.microsoft.com/azure/application-gateway/configuration-request-routing-rules
"""

from __future__ import annotations

from collections.abc import Iterator

from loader.model import Json
from loader.services.shared.wire import part, parts
from loader.shapes import read


def public_listeners(gateway: Json) -> dict[str, Json]:
    """Listeners, HTTP and others, on a frontend with a public address, by id in lower case."""
    said = part(gateway, "properties")
    public = {
        _id(one)
        for one in parts(said, "frontendIPConfigurations")
        if part(one, "properties", "publicIPAddress").get("id")
    }
    every = [*parts(said, "httpListeners"), *parts(said, "listeners")]
    return {_id(one): one for one in every if _named(one, "frontendIPConfiguration") in public}


def public_ports(gateway: Json) -> list[str]:
    """the `port` of `properties.frontendPorts[]` that listeners on a public frontend name, as `tcp:443`"""
    ports = {_id(one): part(one, "properties").get("port") for one in parts(gateway, "properties", "frontendPorts")}
    named = (ports.get(_named(one, "frontendPort")) for one in public_listeners(gateway).values())
    return sorted({f"tcp:{port}" for port in named if port is not None})


def backends(gateway: Json) -> list[str]:
    """members of all `properties.backendAddressPools[]`, whether a rule leads to them or not"""
    pools = (part(pool, "properties") for pool in parts(gateway, "properties", "backendAddressPools"))
    return sorted({one.partition(":")[2] for pool in pools for one in _members(pool)})


def public_backends(gateway: Json) -> list[str]:
    """pools of `properties.requestRoutingRules[]` and their path maps whose listener is on a public frontend"""
    said = part(gateway, "properties")
    pools = {_id(one): part(one, "properties") for one in parts(said, "backendAddressPools")}
    settings = {
        _id(one): part(one, "properties").get("port")
        for kind in ("backendHttpSettingsCollection", "backendSettingsCollection")
        for one in parts(said, kind)
    }
    found = set()
    for pool, setting in _led_to(said, set(public_listeners(gateway))):
        port = settings.get(setting)
        found |= {f"tcp:{port if port is not None else '*'} {one}" for one in _members(pools.get(pool, {}))}
    return sorted(found)


def _led_to(said: Json, listeners: set[str]) -> Iterator[tuple[str, str]]:
    """Pool and settings of each rule on one of the listeners."""
    maps = {_id(one): part(one, "properties") for one in parts(said, "urlPathMaps")}
    for rule in parts(said, "requestRoutingRules"):
        if _named(rule, "httpListener") in listeners:
            yield _named(rule, "backendAddressPool"), _named(rule, "backendHttpSettings")
            paths = maps.get(_named(rule, "urlPathMap"), {})
            yield _of(paths, "defaultBackendAddressPool"), _of(paths, "defaultBackendHttpSettings")
            for path in parts(paths, "pathRules"):
                yield _named(path, "backendAddressPool"), _named(path, "backendHttpSettings")
    for rule in parts(said, "routingRules"):  # of listeners for other protocols than HTTP
        if _named(rule, "listener") in listeners:
            yield _named(rule, "backendAddressPool"), _named(rule, "backendSettings")


def _members(pool: Json) -> Iterator[str]:
    for one in parts(pool, "backendAddresses"):
        if one.get("ipAddress"):
            yield f"ip:{one['ipAddress']}"
        elif one.get("fqdn"):
            yield f"name:{str(one['fqdn']).lower()}"
    for configuration in read(pool, "backendIPConfigurations[].id"):
        yield f"id:{str(configuration).lower().partition('/ipconfigurations/')[0]}"


def _id(one: Json) -> str:
    return str(one.get("id") or "").lower()


def _of(said: Json, field: str) -> str:
    return _id(part(said, field))


def _named(one: Json, field: str) -> str:
    return _of(part(one, "properties"), field)
