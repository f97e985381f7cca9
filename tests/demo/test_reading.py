"""The YAML of the demo: what its forms mean, and what is refused with file and line."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loader.demo.merging import merge_patch
from loader.demo.tenant import exchanges
from loader.errors import UsageError

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


def _answers(folder: Path, contoso: str, next_day: str = "", day: int = 1) -> dict[str, Any]:
    """The bodies by URL of a tenant that is written in two texts."""
    for name, text in (("contoso", contoso), ("contoso-next-day", next_day)):
        (folder / name).mkdir()
        if text:
            (folder / name / "things.yaml").write_text(text, encoding="utf-8")
    return {one.url: json.loads(one.body) for one in exchanges(day, now=NOON, folder=folder)}


_THINGS = """\
- get: /subscriptions/1/things
  defaults:
    id: /subscriptions/1/things/${name}
    $colour: grey
    properties: {state: "On", colour: "${colour}", parts: [{id: "${..id}/parts/${name}", kind: small}]}
  value:
    - {name: a, $colour: red, properties: {parts: [{name: x}, {name: y, kind: null}]}}
    - {name: b, properties: {state: null, of: "${id a}", until: "${now+2d}", exp: "${epoch now-10d}"}}
- each: /subscriptions/*/things/*
  get: ${each.id}/children
  value: []
- get: /subscriptions/1/things/b/children
  value: [{name: c}]
"""


def test_defaults_placeholders_and_answers_for_each(tmp_path: Path) -> None:
    arm = "https://management.azure.com"
    assert _answers(tmp_path, _THINGS) == {
        f"{arm}/subscriptions/1/things": {
            "value": [
                {
                    "id": "/subscriptions/1/things/a",
                    "name": "a",
                    "properties": {
                        "state": "On",
                        "colour": "red",
                        "parts": [
                            {"id": "/subscriptions/1/things/a/parts/x", "kind": "small", "name": "x"},
                            {"id": "/subscriptions/1/things/a/parts/y", "name": "y"},
                        ],
                    },
                },
                {
                    "id": "/subscriptions/1/things/b",
                    "name": "b",
                    "properties": {
                        "colour": "grey",
                        "of": "/subscriptions/1/things/a",
                        "until": "2026-01-12T12:00:00Z",
                        "exp": 1767182400,
                    },
                },
            ]
        },
        f"{arm}/subscriptions/1/things/b/children": {"value": [{"name": "c"}]},
        f"{arm}/subscriptions/1/things/a/children": {"value": []},
    }


def test_the_next_day_patches_adds_and_removes(tmp_path: Path) -> None:
    events = """\
- patch: /subscriptions/1/things/B
  with: {properties: {state: "Off", colour: null}}
- add: /subscriptions/1/things
  item: {name: d}
- add: ${id d}
  at: properties.parts
  item: {name: z}
- remove: /subscriptions/1/things/a
"""
    answers = _answers(tmp_path, _THINGS, events, day=2)
    things = {one["name"]: one for one in answers["https://management.azure.com/subscriptions/1/things"]["value"]}
    assert set(things) == {"b", "d"}
    assert things["b"]["properties"]["state"] == "Off"
    assert "colour" not in things["b"]["properties"]
    assert things["d"]["properties"]["parts"] == [{"name": "z"}]
    assert "https://management.azure.com/subscriptions/1/things/a/children" not in answers
    assert "https://management.azure.com/subscriptions/1/things/d/children" in answers


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("- get: /a\n  vlaue: []\n", 1, "vlaue is not a field"),
        ("- get: /a\n  value: []\n- get: /b\n", 3, "either `value`"),
        ("- get: /a\n  value:\n    - name: x\n      of: ${id nobody}\n", 4, "no object is called nobody"),
        ("- get: /a\n  value:\n    - {name: ok}\n    - {name: '${nothing}'}\n", 4, "stands for nothing"),
        ("- get: /a\n  value: [\n", 3, "expected"),
        ("- get: /a\n  get: /b\n  value: []\n", 2, "twice"),
        ("get: /a\n", 1, "a list of mappings"),
        ("- get: /a\n  value: [{id: '${id x}/y', name: x}]\n", 2, "leads back to itself"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as refused:
        _answers(tmp_path, text)
    assert re.search(rf"things\.yaml(:|, line ){line}:", str(refused.value))


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("- patch: /nobody\n  with: {a: b}\n", "nothing answers /nobody"),
        ("- remove: /nobody\n", "nothing answers /nobody"),
        ("- add: /nowhere\n  item: {name: x}\n", "no list is answered"),
        ("- patch: /a\n", "with is missing"),
        ("- refuse: /nobody\n", "nothing answers /nobody"),
        ("- page: /a\n", "size is missing"),
        ("- destroy: /a\n", "one of patch, remove, add"),
    ],
)
def test_an_event_about_nothing_is_refused(tmp_path: Path, event: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as refused:
        _answers(tmp_path, _THINGS, event, day=2)
    assert "things.yaml, line 1:" in str(refused.value)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ],
)
def test_merge_patch_follows_its_rfc(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


_AWKWARD = """\
- add: /subscriptions/1/things
  repeat: 3
  item: {name: "c${n}"}
- page: /subscriptions/*/things
  size: 4
- refuse: ${id a}/children
- recase: ${id b}/children
- mirror: /subscriptions/1
  at: /subscriptions/2
- mirror: /subscriptions/1
  at: /subscriptions/3
  status: 403
"""


def test_what_befalls_whole_answers(tmp_path: Path) -> None:
    things = _THINGS.replace("[{name: c}]", '[{name: c, id: "/subscriptions/1/resourceGroups/rg-c/things/c"}]')
    for name, text in (("contoso", things), ("contoso-awkward", _AWKWARD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "things.yaml").write_text(text, encoding="utf-8")
    found = {one.url: one for one in exchanges(awkward=True, now=NOON, folder=tmp_path)}
    arm = "https://management.azure.com"
    pages, url = [], f"{arm}/subscriptions/1/things"
    while url:
        body = json.loads(found[url].body)
        pages.append([one["name"] for one in body["value"]])
        url = body["nextLink"]
    assert pages == [["a", "b", "c1", "c2"], [], ["c3"]]
    assert found[f"{arm}/subscriptions/1/things/a/children"].status == 403
    [child] = json.loads(found[f"{arm}/subscriptions/1/things/b/children"].body)["value"]
    assert child["id"] == "/subscriptions/1/RESOURCEGROUPS/RG-C/things/c"
    assert found[f"{arm}/subscriptions/3/things"].status == 403
    empty = found[f"{arm}/subscriptions/2/things"]
    assert (empty.status, json.loads(empty.body)) == (200, {"value": []})
    assert len({one.url for one in found.values() if "/subscriptions/1/things/c" in one.url}) == 3, "children of each"
