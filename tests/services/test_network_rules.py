"""What a security group's rules let through: ports, prefixes and priorities taken together."""

from __future__ import annotations

from typing import Any

import pytest

from loader.mapping import build_record
from loader.model import Json, Link
from loader.services.network.network_security_groups import SECURITY_GROUP
from loader.services.shared.addresses import has_public, parse_network
from loader.services.shared.far_ends import address_target, range_target
from loader.services.shared.ports import intersect, intervals, join, subtract

NETWORK = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/g/providers/Microsoft.Network"
GROUP = f"{NETWORK}/networkSecurityGroups/n"


def rule(
    name: str, priority: int, access: str, ports: str | list[str], source: str | list[str] = "*", **more: Any
) -> Json:
    plural = {"destinationPortRanges": ports} if isinstance(ports, list) else {"destinationPortRange": ports}
    plural |= {"sourceAddressPrefixes": source} if isinstance(source, list) else {"sourceAddressPrefix": source}
    said = {"protocol": "Tcp", "sourcePortRange": "*", "destinationAddressPrefix": "*", "direction": "Inbound", **more}
    return {
        "id": f"{GROUP}/securityRules/{name}",
        "name": name,
        "properties": said | plural | {"priority": priority, "access": access},
    }


def edges(*rules: Json) -> dict[tuple[str, str], Link]:
    """The inbound edges, by rule name and far end."""
    record = build_record(SECURITY_GROUP, {"id": GROUP, "name": "n", "properties": {"securityRules": list(rules)}})
    assert record is not None
    return {(str(one.properties["name"]), one.target.key): one for one in record.links if "name" in one.properties}


def left(link: Link, protocol: str = "tcp") -> list[tuple[Any, Any]]:
    return list(zip(link.properties[f"{protocol}From"], link.properties[f"{protocol}To"], strict=True))  # type: ignore[arg-type]


ALLOW_SSH = rule("ssh", 300, "Allow", "22")


@pytest.mark.parametrize(
    "deny",
    [
        rule("no", 100, "Deny", "*"),
        rule("no", 100, "Deny", ["20-22"], "Internet", protocol="*"),
        rule("no", 100, "Deny", "22", ["0.0.0.0/0", "::/0"]),
        rule("no", 100, "Deny", "22", ["0.0.0.0/1", "128.0.0.0/1", "::/0"]),
        rule("no", 100, "Deny", "22", destinationAddressPrefix="VirtualNetwork"),
    ],
)
def test_an_earlier_deny_that_covers_all_of_it_shadows_an_allow(deny: Json) -> None:
    allow = edges(ALLOW_SSH, deny)["ssh", "internet"]
    assert allow.properties["shadowed"] is True
    assert left(allow) == []


@pytest.mark.parametrize(
    "deny",
    [
        rule("later", 400, "Deny", "*"),
        rule("udp", 100, "Deny", "*", protocol="Udp"),
        rule("other-port", 100, "Deny", "23-65535"),
        rule("some-sources", 100, "Deny", "*", "20.0.0.0/8"),
        rule("only-ipv4", 100, "Deny", "*", "0.0.0.0/0"),
        rule("other-machine", 100, "Deny", "*", destinationAddressPrefix="10.0.0.4"),
        rule("some-source-ports", 100, "Deny", "*", sourcePortRange="1-1024"),
        rule("outbound", 100, "Deny", "*", direction="Outbound"),
        rule("allow", 100, "Allow", "*"),
    ],
)
def test_a_deny_that_leaves_a_way_open_shadows_nothing(deny: Json) -> None:
    allow = edges(ALLOW_SSH, deny)["ssh", "internet"]
    assert allow.properties["shadowed"] is False
    assert left(allow) == [(22, 22)]


def test_several_denies_take_their_ports_together() -> None:
    found = edges(
        rule("low", 100, "Deny", "0-21"),
        rule("high", 110, "Deny", ["23-442", "444-65535"]),
        rule("all", 200, "Allow", "*"),
    )
    assert left(found["all", "internet"]) == [(22, 22), (443, 443)]


def test_a_deny_of_the_internet_covers_public_ranges_but_not_private_ones() -> None:
    found = edges(
        rule("no", 100, "Deny", "*", "Internet"),
        rule("partner", 200, "Allow", "22", ["20.30.40.0/24", "10.0.0.0/8"]),
    )
    assert found["partner", "range:20.30.40.0/24"].properties["shadowed"] is True
    assert found["partner", "range:10.0.0.0/8"].properties["shadowed"] is False


def test_an_application_security_group_is_covered_only_by_itself_or_by_everything() -> None:
    near = {"destinationApplicationSecurityGroups": [{"id": "/web"}], "destinationAddressPrefix": None}
    allow = rule("web", 200, "Allow", "443", **near)
    assert left(edges(allow, rule("no", 100, "Deny", "*", **near))["web", "internet"]) == []
    other = {**near, "destinationApplicationSecurityGroups": [{"id": "/data"}]}
    assert left(edges(allow, rule("no", 100, "Deny", "*", **other))["web", "internet"]) == [(443, 443)]


def test_icmp_has_no_ports_and_is_refused_only_by_rules_for_all_of_them() -> None:
    ping = rule("ping", 300, "Allow", "*", protocol="Icmp")
    assert edges(ping, rule("no", 100, "Deny", "22", protocol="*"))["ping", "internet"].properties["shadowed"] is False
    assert edges(ping, rule("no", 100, "Deny", "*", protocol="*"))["ping", "internet"].properties["shadowed"] is True


@pytest.mark.parametrize(
    ("prefix", "key", "properties"),
    [
        ("*", "internet", {}),
        ("Any", "internet", {}),
        ("::/0", "internet", {}),
        ("10.0.0.7/8", "range:10.0.0.0/8", {"CIDR": "10.0.0.0/8", "isPublic": False}),
        ("8.0.0.0/5", "range:8.0.0.0/5", {"isPublic": True}),
        ("20.30.40.50", "address:20.30.40.50", {"ipAddress": "20.30.40.50", "isPublic": True}),
        ("FD00::1/128", "address:fd00::1", {"isPublic": False}),
        ("Storage.WestEurope", "servicetag:storage.westeurope", {"name": "Storage.WestEurope"}),
    ],
)
def test_each_prefix_has_its_far_end(prefix: str, key: str, properties: Json) -> None:
    target = address_target(prefix)
    assert target.key == key
    assert properties.items() <= dict(target.properties).items()


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        ("0.0.0.0", "255.255.255.255", "internet"),
        ("20.0.0.0", "20.0.0.255", "range:20.0.0.0/24"),
        ("20.0.0.1", "20.0.0.1", "address:20.0.0.1"),
        ("20.0.0.1", "20.0.0.9", "range:20.0.0.1-20.0.0.9"),
    ],
)
def test_a_first_and_a_last_address_make_one_far_end(start: str, end: str, key: str) -> None:
    assert range_target(start, end).key == key


def test_shared_address_space_is_not_the_internet() -> None:
    network = parse_network("100.64.0.0/10")
    assert network is not None
    assert not has_public(network)


def test_port_arithmetic() -> None:
    assert intervals(["443", "80-90", "91", "*"]) == [(0, 65535)]
    assert join([(5, 6), (1, 4)]) == [(1, 6)]
    assert subtract([(0, 10)], [(0, 0), (5, 6), (10, 10)]) == [(1, 4), (7, 9)]
    assert intersect([(0, 10), (20, 30)], [(5, 25)]) == [(5, 10), (20, 25)]
