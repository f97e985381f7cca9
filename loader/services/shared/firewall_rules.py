"""Firewall rules of database servers: a first and a last address, in the same shape for every kind of server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address

from loader.model import Json, Link, Property, Relationship, flag, links, number, text
from loader.services.shared.addresses import is_internet, share_of, span_blocks
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, address_target, range_target, the_internet
from loader.services.shared.reachable import RULES, by_rules, never_inside, reach_of, reachable
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


def _internet_share(answer: Json) -> float:
    """`properties.startIpAddress` to `properties.endIpAddress`, as a part of the Internet's addresses"""
    return share_of(span_blocks(*_span(answer)))


def _any_address(answer: Json) -> bool:
    """`properties.startIpAddress` to `properties.endIpAddress` is so much of the Internet that it counts as it"""
    return is_internet(_internet_share(answer))


def guarded_by_rules(
    *, page: str, access: str = "properties.publicNetworkAccess", inside: Callable[[Json], str] = never_inside
) -> tuple[tuple[Property, ...], Relationship]:
    """For a server whose firewall rules are entities: its `reachableFrom`, and its place on the Internet if it has one.

    Which part of the Internet its rules let in is concluded from all of them, see `internet_to_services`. For the
    parameters see `reachable`.
    """

    def on_the_internet(answer: Json) -> list[Link]:
        public = not inside(answer) and reach_of(answer, access, "Enabled", by_rules).where == RULES
        return [Link("CONNECTS", the_internet(), incoming=True)] if public else []

    return (
        reachable(page=page, access=access, inside=inside, firewall=by_rules),
        links("CONNECTS", "internet", on_the_internet, "it has a public address", is_incoming=True),
    )


RULE: tuple[Property, ...] = (
    text("startIpAddress", "properties.startIpAddress", "the first address it lets in"),
    text("endIpAddress", "properties.endIpAddress", "the last one"),
    flag("allowsAzureServices", allows_azure_services, "it lets in any Azure service, of any customer"),
    flag("allowsInternet", _any_address, "it lets the Internet in: every address, or a large part of them"),
    number("internetShare", _internet_share, "the part of the Internet's addresses that it lets in, 0 to 1"),
)
LETS_IN: Relationship = links("ALLOWS", FIREWALL_FAR_ENDS, allowed_addresses, "from where it lets in", is_incoming=True)
