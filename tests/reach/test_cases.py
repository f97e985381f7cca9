"""What rules let through, held to Azure's documentation: one row a case, with the page that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from loader.mapping import build_record
from loader.reach.ends import End, everybody, of_version, part_of_internet, within
from loader.reach.public import ways_in
from loader.reach.rules import Rule, both, from_edges, through_all, told
from loader.services.network.network_security_groups import SECURITY_GROUP

FILE = Path(__file__).parent / "cases.yaml"
CASES: list[dict[str, Any]] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n"
ASG = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/"


def group(written: list[str]) -> list[Rule]:
    """`100 Allow tcp 22 from * to *`, through the mapping of a group's real answer."""
    answer = {"id": GROUP, "name": "n", "properties": {"securityRules": [wire(one) for one in written]}}
    record = build_record(SECURITY_GROUP, answer)
    assert record is not None
    edges = [{**one.properties, "_key": one.key} for one in record.links if one.verb in ("ALLOWS", "DENIES")]
    return from_edges(edges)


def wire(written: str) -> dict[str, Any]:
    priority, access, protocol, ports, _, sources, _, targets, *more = written.split()
    sides: dict[str, Any] = {"sourceAddressPrefixes": sources.split(","), "sourcePortRange": more[1] if more else "*"}
    if targets.startswith("asg:"):
        sides["destinationApplicationSecurityGroups"] = [{"id": ASG + targets[4:]}]
    else:
        sides["destinationAddressPrefixes"] = targets.split(",")
    said = {"priority": int(priority), "access": access, "protocol": protocol, "direction": "Inbound"}
    return {
        "id": f"{GROUP}/securityRules/{priority}",
        "name": priority,
        "properties": said | sides | {"destinationPortRanges": ports.split(",")},
    }


def admin_rules(written: list[str]) -> list[Rule]:
    found = []
    for one in written:
        said = wire(one)["properties"]
        for port in said["destinationPortRanges"]:
            first, _, last = ("0-65535" if port == "*" else port).partition("-")
            found.append(
                {
                    "id": str(said["priority"]),
                    "priority": said["priority"],
                    "access": said["access"],
                    "protocol": said["protocol"].lower(),
                    "fromPort": first,
                    "toPort": last or first,
                    "sourcePrefixes": said["sourceAddressPrefixes"],
                    "destinationPrefixes": said["destinationAddressPrefixes"],
                    "sourcePortRanges": ["*"],
                }
            )
    return from_edges(found, defaults=False)


def source_of(written: str, version: int) -> End:
    if written == "internet":
        return everybody(version)
    if written.startswith("vnet:"):
        return within([written[5:]])
    return of_version(part_of_internet(written), version)


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["about"])
def test_the_case_holds(case: dict[str, Any]) -> None:
    assert case["page"].startswith("https://learn.microsoft.com/")
    version = case.get("version", 4)
    groups = [group(case[name]) for name in ("nic", "subnet") if name in case]
    target = of_version(
        within(case.get("at", ["10.0.1.4", "fd00::4"]), [ASG + one for one in case.get("asg", [])]), version
    )
    opened, _ = through_all(
        groups, admin_rules(case.get("admin", [])), source_of(case.get("from", "internet"), version), target
    )
    if "way" in case:
        row = {"publicAddresses": [], "balancers": [], "groups": groups, **case["way"]}
        found = [told(both(opened, way.passed)) for way in ways_in(row) if version in way.versions]
        assert found == ([case["open"]] if case["open"] else []) or (found == [[]] and not case["open"])
    else:
        assert told(opened) == case["open"]


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60
    assert len({one["about"] for one in CASES}) == len(CASES)
