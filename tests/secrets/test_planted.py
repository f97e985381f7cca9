"""A hundred secrets and more, planted in the demo tenant over all types that can carry one: nothing keeps any."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from loader.azure.transport.har import files_of, read_har
from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from loader.graph.secrets import SecretsGate
from loader.mapping import build_record
from loader.recordings import closing_words, look_through
from loader.secrets.places import resource_type
from loader.services import entity_types
from tests.azure.contoso import text_of
from tests.secrets.planting import SEEN_AS_OTHERS, Planted, formed, planted
from tests.secrets.recording import record


@pytest.fixture(scope="module")
def garden() -> Planted:
    return planted(exchanges(1))


def test_the_garden_is_large_and_covers_every_type(garden: Planted) -> None:
    text = "\n".join(str(one.body) for one in garden.exchanges)
    assert len(garden.needles) > 180
    assert [where for where, needle in garden.needles.items() if needle not in text] == []
    declared = {
        f"{one.type}: {path}"
        for one in entity_types().values()
        for path in one.secrets
        if one.type not in SEEN_AS_OTHERS
    }
    assert declared - set(garden.needles) == set()


async def test_a_recording_keeps_none_and_says_so(garden: Planted, tmp_path: Path) -> None:
    folder = tmp_path / "recording"
    told = closing_words(await record(garden.exchanges, folder))
    text = text_of(folder)
    assert [where for where, needle in garden.needles.items() if needle in text] == []
    assert int(told.split()[0]) > len(garden.needles)
    assert "azgraph recording check" in told
    entries = [entry for path in folder.iterdir() for entry in json.loads(path.read_text())["log"]["entries"]]
    places = {place for entry in entries for place in entry.get("_takenOut", {})}
    assert "properties.containers[].properties.environmentVariables[].value" in places
    assert "tags.note0" in places
    assert [one for file in files_of([folder]) for one in look_through(file)] == []


async def test_what_is_cleaned_is_clean(garden: Planted, tmp_path: Path) -> None:
    """A recording of a recording is the same, so that a replay may be recorded, cleaned and checked again."""
    await record(garden.exchanges, tmp_path / "first")
    first = [one for file in files_of([tmp_path / "first"]) for one in read_har(file)]
    told = closing_words(await record(first, tmp_path / "second"))
    second = [one for file in files_of([tmp_path / "second"]) for one in read_har(file)]
    assert [(one.url, one.body) for one in first] == [(one.url, one.body) for one in second]
    assert "no secrets to take out" in told


@pytest.mark.parametrize("name", formed(0))
async def test_addresses_errors_and_what_is_posted(name: str, tmp_path: Path) -> None:
    secret, needle = formed(7)[name]
    error = {"error": {"code": "X", "message": f"It went wrong with {secret}", "details": [{"message": secret}]}}
    url = f"https://management.azure.com/x?a={quote(secret, safe='')}"
    answer = replace(Exchange.of_json(url, error, status=400, method="POST"), request_body=secret)
    await record([answer], tmp_path)
    assert needle not in text_of(tmp_path)


def test_the_mapping_sees_no_declared_place(garden: Planted) -> None:
    """Whatever a property is computed from, the record that is made of a planted answer has no secret in it."""
    gate, needles, made = SecretsGate(), set(garden.needles.values()), 0
    types = {one.arm_type.lower(): one for one in entity_types().values() if one.arm_type}
    for exchange in garden.exchanges:
        body = json.loads(exchange.body)
        for item in body["value"] if isinstance(body.get("value"), list) else [body]:
            declared = types.get(resource_type(str(item.get("id") or "")))
            record_ = build_record(declared, item) if declared is not None else None
            if record_ is not None:
                made += 1
                told = str(gate.pass_through(record_.type, record_.properties))
                assert [needle for needle in needles if needle in told] == [], record_.type
    assert made > 200
