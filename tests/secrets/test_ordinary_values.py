"""Ordinary values stay: few are taken out of real answers, and none that azgraph stores."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

import pytest

from loader.azure.transport.har import files_of, read_har
from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from loader.graph.secrets import SecretsGate
from loader.recordings import declared_places
from loader.secrets import Cleaning
from loader.secrets.names import names_secret, names_secret_text
from loader.secrets.places import tree_of
from loader.services import entity_types
from tests.demo.loading import Demo, load_demo
from tests.secrets.recording import record

RECORDINGS = Path(os.environ.get("AZGRAPH_RECORDINGS", Path(__file__).parents[3] / "shared" / "recordings"))

# Of the demo tenant: two variables of containers' environments, and the path of an event subscription's web hook.
OF_THE_DEMO = {
    "properties.containers[].properties.environmentVariables[].value": 2,
    "properties.destination.properties.endpointBaseUrl": 1,
}


@pytest.fixture(scope="module")
def demo() -> Demo:
    return asyncio.run(load_demo(1))


async def test_a_cleaned_recording_loads_the_same_as_the_demo_itself(demo: Demo, tmp_path: Path) -> None:
    recording = await record(exchanges(1), tmp_path)
    assert recording.taken_out == OF_THE_DEMO
    replayed = await load_demo(1, answers=[one for file in files_of([tmp_path]) for one in read_har(file)])
    assert replayed.not_recorded == demo.not_recorded == []
    assert replayed.records == demo.records


def test_the_gate_takes_nothing_out_of_the_demo(demo: Demo) -> None:
    gate = SecretsGate()
    for one in demo.records.values():
        assert gate.pass_through(one.type, one.properties) == one.properties
        for link in one.links:
            assert gate.pass_through(link.verb, link.properties) == link.properties
    assert gate.refused == 0


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not on this machine (AZGRAPH_RECORDINGS)")
def test_few_values_of_real_answers_are_taken_out() -> None:
    """In 1,657 answers of a test tenant 30 values at most, each of them at a place or under a name that holds secrets.

    Signs that would be wrong: names of permissions, ids, times, hashes, addresses of documentation.
    """
    taken: Counter[str] = Counter()
    forms: Counter[str] = Counter()

    def clean(one: Exchange) -> None:
        found = Cleaning(declared_places(), lambda f: (taken.update([f.place]), forms.update([f.form])))  # type: ignore[func-returns-value]
        body = one.body if isinstance(one.body, str) else one.body.decode(errors="replace")
        found.body(body, one.url)
        found.text(one.url, "url")

    answers = [one for file in files_of([RECORDINGS]) for one in read_har(file)]
    for one in answers:
        clean(one)
    assert len(answers) > 1_000
    assert taken.total() <= 30, taken
    assert forms["text that looks random"] == 0
    assert taken["url"] == 0


def test_no_declared_property_is_read_from_a_place_or_a_name_of_secrets() -> None:
    """What is declared to be stored is not declared to be a secret as well, nor would its name take it out."""
    wrong = []
    for one in entity_types().values():
        tree = tree_of(one.secrets)
        for declared in one.properties:
            texts = declared.kind in ("text", "texts")
            by_name = names_secret_text if texts else names_secret
            paths = declared.source.split("|") if isinstance(declared.source, str) else []
            last = [path.strip().replace("[]", "").rpartition(".")[2] for path in paths]
            if any(map(by_name, (*last, declared.name))) or any(_leads_into(tree, path.strip()) for path in paths):
                wrong.append(f"{one.type}.{declared.name}")
    assert wrong == []


def _leads_into(tree: object, path: str) -> bool:
    for step in path.replace("[]", "").lower().split("."):
        if not isinstance(tree, dict) or (step not in tree and "*" not in tree):
            return tree is None
        tree = tree.get(step, tree.get("*"))
    return tree is None
