"""Firewall rules of database servers: a first and a last address, in the same shape for every kind of server."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

from loader.model import Json, Link, Property, Relationship, flag, links, text
from loader.services.shared.addresses import FIREWALL_FAR_ENDS, address_target, range_target
from loader.services.shared.wire import part

_NO_ADDRESS = str(IPv4Address(0))


def _span(answer: Json) -> tuple[str, str]:
    """The first and the last address of a rule; empty where it has none."""
    properties = part(answer, "properties")
    return str(properties.get("startIpAddress") or ""), str(properties.get("endIpAddress") or "")


def allowed_addresses(answer: Json) -> Iterable[Link]:
    """From where the rule lets in: the Internet, a range, an address, or every service of Azure (0.0.0.0)."""
    start, end = _span(answer)
    if not start or not end:
        return
    span = {"startIpAddress": start, "endIpAddress": end}
    target = address_target("AzureCloud") if allows_azure_services(answer) else range_target(start, end)
    yield Link("ALLOWS", target, incoming=True, properties=span)


def allows_azure_services(answer: Json) -> bool:
    """Azure's own sign for "any Azure service, of any customer": a rule from 0.0.0.0 to 0.0.0.0."""
    return _span(answer) == (_NO_ADDRESS, _NO_ADDRESS)


def _any_address(answer: Json) -> bool:
    """`properties.startIpAddress` to `properties.endIpAddress` is every address there is"""
    start, end = _span(answer)
    return bool(start and end) and range_target(start, end).type == "internet"


RULE: tuple[Property, ...] = (
    text("startIpAddress", "properties.startIpAddress", "the first address it lets in"),
    text("endIpAddress", "properties.endIpAddress", "the last one"),
    flag("allowsAzureServices", allows_azure_services, "it lets in any Azure service, of any customer"),
    flag("allowsInternet", _any_address, "it lets in every address"),
)
LETS_IN: Relationship = links("ALLOWS", FIREWALL_FAR_ENDS, allowed_addresses, "from where it lets in", is_incoming=True)
