"""Which part of the Internet the firewall rules of a server let in together."""

from __future__ import annotations

from typing import Any

import pytest

from loader import services
from loader.conclusions.internet_to_public_services import PORTS, SERVICES, TO_SERVICES
from loader.conclusions.internet_to_services import INTERNET_REACHES, RULES_OF

Rules = list[tuple[str, str]]


def reached(server_type: str, rules: Rules) -> dict[str, Any] | None:
    named = [{"name": f"rule-{at}", "first": first, "last": last} for at, (first, last) in enumerate(rules)]
    found = list(INTERNET_REACHES.rows([{"server": "server", "type": server_type, "rules": named}]))
    return dict(found[0].properties) if found else None


@pytest.mark.parametrize(
    ("server_type", "rules", "expected"),
    [
        ("azure_sql_server", [], None),
        ("azure_redis_cache", [], {"internetShare": 1.0, "rules": []}),
        ("azure_sql_server", [("0.0.0.0", "0.0.0.0")], None),
        ("azure_redis_cache", [("10.0.0.0", "10.0.0.255")], None),
        ("azure_sql_server", [("0.0.0.1", "255.255.255.254")], {"internetShare": 1.0, "rules": ["rule-0"]}),
        (
            "azure_redis_cache",
            [("0.0.0.0", "127.255.255.255"), ("10.0.0.0", "10.0.0.9"), ("128.0.0.0", "255.255.255.255")],
            {"internetShare": 1.0, "rules": ["rule-0", "rule-2"]},
        ),
        ("azure_sql_server", [("9.9.9.9", "1.1.1.1"), ("", ""), ("here", "there")], None),
    ],
)
def test_rules_are_taken_together(server_type: str, rules: Rules, expected: dict[str, Any] | None) -> None:
    assert reached(server_type, rules) == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("azure_iot_hub", ["443", "5671", "8883"]),
        ("azure_event_hub_namespace", ["443", "5671-5672", "9093"]),
        ("azure_service_bus_namespace", ["443", "5671-5672"]),
        ("azure_storage_account", ["443"]),
    ],
)
def test_hubs_and_namespaces_answer_on_the_ports_of_their_protocols(service: str, expected: list[str]) -> None:
    assert set(PORTS) <= set(SERVICES)
    row = {"target": "it", "type": service, "anonymous": False, "share": 1.0, "why": ""}
    assert TO_SERVICES.rows is not None
    (way,) = TO_SERVICES.rows([row])
    assert way.properties["ports"] == expected


def test_every_server_and_rule_is_loaded() -> None:
    assert {*RULES_OF, *RULES_OF.values()} <= set(services.entity_types())
