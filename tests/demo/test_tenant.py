"""The demo tenant as a whole: everything asked is answered, everything is there, nothing in it is real."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from loader.demo import exchanges
from loader.demo.placeholders import guid
from loader.demo.tenant import FOLDER
from loader.model import Status
from loader.secrets.names import names_secret
from loader.services import entity_types
from tests.demo.loading import Demo, load_demo

# Kinds that no list answers: they are the far ends of relationships.
_FAR_ENDS = {name for name, one in entity_types().items() if one.fetch is None} - {"person"}
# What Azure answers. People come from a file (`azgraph people import`).
_IN_AZURE = set(entity_types()) - {"person"}
DOCUMENT = FOLDER.parents[1] / "docs" / "demo-tenant.md"
_DOCUMENTATION = [ipaddress.ip_network(one) for one in ("203.0.113.0/24", "198.51.100.0/24", "2001:db8::/32")]
_PRIVATE = [ipaddress.ip_network(one) for one in ("10.0.0.0/8",)]
_EVERYWHERE = {"0.0.0.0", "255.255.255.255", "::"}
# Microsoft's own: the guest role, security defaults, the default application management policy, the assessment of
# vulnerability scanners.
_WELL_KNOWN = {
    "10dae51f-b6af-4016-8d66-8c2a99b929b3",
    "00000000-0000-0000-0000-000000000005",
    "00000000-0000-0000-0000-000000000000",
    "ffff0522-1e88-47fc-8382-2a80ba848f5d",
}


@pytest.fixture(scope="module")
def days() -> tuple[Demo, Demo]:
    return asyncio.run(load_demo(1)), asyncio.run(load_demo(2))


@pytest.fixture(params=[1, 2])
def demo(request: pytest.FixtureRequest, days: tuple[Demo, Demo]) -> Demo:
    return days[request.param - 1]


def test_every_declared_call_is_answered(demo: Demo) -> None:
    assert demo.not_recorded == []
    broken = [
        f"{step.name} in {step.scope}: {step.reason}" for step in demo.steps if step.status is not Status.COMPLETE
    ]
    assert broken == []


def test_every_type_occurs(demo: Demo) -> None:
    loaded = {record.type for record in demo.records.values()}
    named = {link.target.type for record in demo.records.values() for link in record.links}
    assert _IN_AZURE - _FAR_ENDS - loaded == set()
    assert _FAR_ENDS - {str(one) for one in named} == set()


def test_it_is_large_enough_to_be_a_tenant(demo: Demo) -> None:
    assert len(demo.records) >= 380


def test_no_reference_leads_nowhere_by_mistake(demo: Demo) -> None:
    """Links end at loaded entities, but for principals that are deliberately gone."""
    lost = {
        link.target.key
        for record in demo.records.values()
        for link in record.links
        if link.target.type in _IN_AZURE - _FAR_ENDS and link.target.key not in demo.records
    }
    gone = {guid("a principal that was deleted"), guid("users tove.falk@contoso.example")}
    assert lost <= gone


def test_alerts_are_about_a_resource(demo: Demo) -> None:
    for name, alert in demo.of("azure_defender_alert").items():
        about = [link.target.key for link in alert.links if link.verb == "HAS" and link.target.key in demo.records]
        types = {demo.records[key].type for key in about} - {"azure_subscription"}
        assert len(types & {"azure_vm", "azure_keyvault_service", "azure_storage_account"}) == 1, name


def test_the_documentation_names_what_is_there(days: tuple[Demo, Demo]) -> None:
    """Each resource that the table of good and bad examples names exists on the first day."""
    table = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if re.match(r"\| [5-9]\.", line)]
    known = {str(one.properties[field]) for one in days[0].records.values() for field in ("name", "displayName")}
    named = {name for line in table for name in re.findall(r"`([^`]+)`", line)}
    assert len(table) > 50
    assert {name for name in named if name.split("/")[-1] not in known} == set()


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif isinstance(value, str):
        yield path, value


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    return [pair for day in (1, 2) for one in exchanges(day) for pair in _texts(json.loads(one.body), one.url)]


def test_addresses_are_documentation_or_private_ones(texts: list[tuple[str, str]]) -> None:
    candidates = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}:[0-9a-f:]*::?[0-9a-f]*)(?![\w.:-])")
    found = set()
    for path, text in texts:
        # Versions look like addresses, times like IPv6.
        if "ersion" in path or "Time" in path or "Date" in path:
            continue
        for candidate in candidates.findall(text):
            try:
                found.add(ipaddress.ip_address(candidate))
            except ValueError:
                continue
    assert len(found) > 30
    stray = {
        str(one)
        for one in found
        if str(one) not in _EVERYWHERE and not any(one in net for net in (*_DOCUMENTATION, *_PRIVATE))
    }
    assert stray == set()


def test_guids_are_recognisably_invented(texts: list[tuple[str, str]]) -> None:
    names = (FOLDER / "contoso" / "names.yaml").read_text(encoding="utf-8")
    guids = {
        found
        for _, text in texts
        for found in re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text)
    }
    assert {one for one in guids if not one.startswith("c0705000-") and one not in names} <= _WELL_KNOWN


def test_domains_are_invented(texts: list[tuple[str, str]]) -> None:
    mails = {found for _, text in texts for found in re.findall(r"[\w.+#-]+@([\w.-]+\w)", text)}
    assert mails
    assert all(one.endswith(".example") or one == "contoso.onmicrosoft.com" for one in mails)


def test_nothing_looks_like_a_secret(texts: list[tuple[str, str]]) -> None:
    credentials = re.compile(
        r"(AccountKey|SharedAccessKey|Password|sig)=|-----BEGIN|eyJ[\w-]{20}|[A-Za-z0-9+/]{60,}={0,2}$"
    )
    assert [(path, text) for path, text in texts if credentials.search(text) and not text.startswith("/")] == []
    named = [(path, text) for path, text in texts if names_secret(path.rsplit(".", 1)[-1]) and text]
    assert named == []


def test_a_day_is_always_the_same() -> None:
    assert exchanges(1) == exchanges(1)
    assert exchanges(2) == exchanges(2)


def test_the_next_day_makes_things_worse_and_better(days: tuple[Demo, Demo]) -> None:
    first, second = days

    def value(demo: Demo, entity_type: str, name: str, field: str) -> object:
        return demo.of(entity_type)[name].properties.get(field)

    assert "pip-app-2" in set(second.of("azure_public_ip")) - set(first.of("azure_public_ip"))
    assert "vm-sandbox-2" in set(first.of("azure_vm")) - set(second.of("azure_vm"))
    assert "tove.falk" not in json.dumps([str(one.properties) for one in second.of("azure_user").values()])
    assert not value(first, "azure_keyvault_service", "kv-contoso-pay", "enablePurgeProtection")
    assert value(second, "azure_keyvault_service", "kv-contoso-pay", "enablePurgeProtection") is True
    assert value(first, "azure_keyvault_secret", "acquirer", "expiresOn") is None
    assert value(second, "azure_keyvault_secret", "acquirer", "expiresOn") is not None
    assert value(first, "azure_storage_account", "stcontosofiles", "networkRuleSet.defaultAction") == "Deny"
    assert value(second, "azure_storage_account", "stcontosofiles", "networkRuleSet.defaultAction") == "Allow"
    assert value(second, "azure_resource_group", "rg-app", "tag.Owner") == "chidi.okafor"
    assert len(first.of("azure_resource_lock")) == len(second.of("azure_resource_lock")) + 1


def test_the_rules_of_the_security_groups_change(days: tuple[Demo, Demo]) -> None:
    def rules(demo: Demo, group: str) -> set[str]:
        return {link.key for link in demo.of("azure_security_group")[group].links if link.verb in ("ALLOWS", "DENIES")}

    first, second = days
    assert any("allowrdp" in key.lower() for key in rules(first, "nsg-web"))
    assert not any("allowrdp" in key.lower() for key in rules(second, "nsg-web"))
    assert not any("allowsshtemporary" in key.lower() for key in rules(first, "nsg-north"))
    assert any("allowsshtemporary" in key.lower() for key in rules(second, "nsg-north"))


def test_files_are_short_enough_to_review() -> None:
    lengths = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in FOLDER.rglob("*.yaml")}
    assert max(lengths.values()) < 500
    assert sum(lengths.values()) < 7_000
