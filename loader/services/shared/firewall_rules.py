"""Firewall rules of database servers: a first and a last address, in the same shape for every kind of server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from loader.model import Json, Link, Property, Relationship, flag, links, number, text
from loader.services.shared.addresses import is_internet, share_of, span_blocks
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, address_target, range_target, the_internet
from loader.services.shared.reachable import RULES, by_rules, never_inside, reach_of, reachable
from loader.services.shared.wire import explained, part

_NO_ADDRESS = str(IPv4Address(0))


@dataclass(frozen=True)
class _Span:
    """Reads a rule: the keys of its first and last address. SQL servers have rules for IPv6 with keys of their own."""

    first: str
    last: str

    def of(self, answer: Json) -> tuple[str, str]:
        """The first and the last address of a rule; empty where it has none."""
        properties = part(answer, "properties")
        return str(properties.get(self.first) or ""), str(properties.get(self.last) or "")

    def allows_azure_services(self, answer: Json) -> bool:
        """Azure's own sign for "any Azure service, of any customer": a rule from 0.0.0.0 to 0.0.0.0."""
        return self.of(answer) == (_NO_ADDRESS, _NO_ADDRESS)

    def allowed_addresses(self, answer: Json) -> Iterable[Link]:
        """From where the rule lets in: the Internet, a range, an address, or every service of Azure (0.0.0.0)."""
        start, end = self.of(answer)
        if not start or not end:
            return
        span = {"startIpAddress": start, "endIpAddress": end}
        target = address_target("AzureCloud") if self.allows_azure_services(answer) else range_target(start, end)
        yield Link("ALLOWS", target, incoming=True, properties=span)

    def share(self, answer: Json) -> float:
        """How large a part of the Internet's addresses it lets in."""
        return share_of(span_blocks(*self.of(answer)))

    def properties(self, *further: Property) -> tuple[Property, ...]:
        """Those of a rule. further: what only some have, after its addresses."""
        said = f"`properties.{self.first}` to `properties.{self.last}`"
        return (
            text("startIpAddress", f"properties.{self.first}", "the first address it lets in"),
            text("endIpAddress", f"properties.{self.last}", "the last one"),
            *further,
            flag(
                "allowsInternet",
                explained(
                    f"{said} is so much of the Internet that it counts as it",
                    lambda answer: is_internet(self.share(answer)),
                ),
                "it lets the Internet in: every address, or a large part of them",
            ),
            number(
                "internetShare",
                explained(f"{said}, as a part of the Internet's addresses", lambda answer: self.share(answer)),
                "the part of the Internet's addresses that it lets in, 0 to 1",
            ),
        )

    def lets_in(self) -> Relationship:
        """From where the rule lets in."""
        return links("ALLOWS", FIREWALL_FAR_ENDS, self.allowed_addresses, "from where it lets in", is_incoming=True)


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


_IPV4 = _Span("startIpAddress", "endIpAddress")
_IPV6 = _Span("startIPv6Address", "endIPv6Address")

RULE = _IPV4.properties(
    flag("allowsAzureServices", _IPV4.allows_azure_services, "it lets in any Azure service, of any customer")
)
LETS_IN = _IPV4.lets_in()
# Of IPv6 none stands for "all of Azure".
IPV6_RULE = _IPV6.properties()
LETS_IN_IPV6 = _IPV6.lets_in()
