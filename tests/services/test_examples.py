"""Every entity type's examples: through the real SDK client where they have an exchange, then through the mapping."""

from __future__ import annotations

from typing import Any

import pytest

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.mapping import build_record
from loader.model import Call, Embedded, EntityType, Json, Link, Record
from loader.services import entity_types
from tests.services import examples_of
from tests.services.examples_of import FILES, SUBSCRIPTION, Example, load, plain, wire, written

TYPES = entity_types()
EXAMPLES = examples_of.examples()
WITH_EXCHANGE = [name for name in sorted({one.type for one in EXAMPLES}) if "exchange" in load(name)]


def records_of(entity_type: str) -> list[Record]:
    declared = TYPES[entity_type]
    answers = [one.answer for one in EXAMPLES if one.type == entity_type and not one.expect.get("dropped")]
    return [record for answer in answers if (record := build_record(declared, answer))]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_the_mapping_makes_what_the_example_says(example: Example) -> None:
    declared, expect = TYPES[example.type], example.expect
    kept = declared.keep is None or declared.keep(example.answer)
    assert kept is not expect.get("dropped", False)
    if not kept:
        return
    record = build_record(declared, example.answer)
    assert record is not None
    expected = expect.get("properties") or {}
    assert {name: plain(record.properties.get(name)) for name in expected} == expected
    wanted = [_wanted(one) for one in expect.get("links") or ()]
    for link in wanted:
        assert any(_fits(found, link) for found in record.links), f"{link} is not among {_shown(record.links)}"
    assert not {link.verb for link in record.links} & set(expect.get("no_links") or ())
    if expect.get("only"):
        assert sorted({written(link) for link in record.links}) == sorted({link["link"] for link in wanted})


@pytest.mark.parametrize("entity_type", WITH_EXCHANGE)
async def test_the_sdk_client_makes_the_call_and_drops_nothing(entity_type: str) -> None:
    declared, file = TYPES[entity_type], load(entity_type)
    exchange = file["exchange"]
    answers = [one["answer"] for one in file["examples"]]
    body = exchange.get("response") or {"value": [wire(answer) for answer in answers]}
    parent = exchange.get("parent") or answers[0].get("@parent")
    assert isinstance(declared.fetch, Call)
    method = exchange.get("method", "GET")
    assert await _played(declared.fetch, exchange["url"], body, parent, method) == body.get("value", [body])
    for detail in declared.details:
        url = (exchange.get("details") or {}).get(detail.name)
        if url:
            own = answers[0][f"${detail.name}"]
            said = {"value": [own]} if detail.by else own  # one list for all entities, of which each is told its item
            one = not (detail.many or detail.by)
            method, _, address = url.rpartition(" ")
            found = await _played(detail.call, address, said, answers[0], method or "GET", one=one)
            assert found == ([said] if one else said.get("value", [said]))


@pytest.mark.parametrize("entity_type", sorted(name for name, one in TYPES.items() if one.fetch is not None))
def test_every_declared_property_and_verb_is_seen_in_an_example(entity_type: str) -> None:
    assert entity_type in FILES, f"write tests/services/examples/<area>/{entity_type}.yaml"
    declared, records = TYPES[entity_type], records_of(entity_type)
    seen = {name for record in records for name, value in record.properties.items() if value != []}
    unseen = {one.name for one in declared.properties} - seen
    assert not unseen, f"no answer in {FILES[entity_type]} gives {entity_type} a value of {sorted(unseen)}"
    verbs = {(link.verb, link.incoming) for record in records for link in record.links}
    unmade = {(one.verb, one.is_incoming) for one in declared.relationships} - verbs
    assert not unmade, f"no answer in {FILES[entity_type]} makes of {entity_type} the relationships {sorted(unmade)}"


@pytest.mark.parametrize("declared", TYPES.values(), ids=TYPES)
def test_declarations_are_whole(declared: EntityType) -> None:
    assert all((declared.type, declared.resource, declared.classes))
    assert len({one.name for one in declared.properties}) == len(declared.properties)
    assert all(one.meaning for one in declared.properties)
    functions = [one for one in declared.properties if callable(one.source)]
    assert [one.name for one in functions if not one.source.__doc__] == [], "say what it reads, or see `explained`"
    if isinstance(declared.fetch, Embedded):
        assert declared.fetch.parent in TYPES
    elif declared.fetch is not None:
        assert declared.fetch.permission
        assert declared.documentation.startswith("https://learn.microsoft.com/")


async def _played(
    call: Call, url: str, body: Json, parent: Json | None, method: str = "GET", *, one: bool | None = None
) -> list[Json]:
    """What the real client gives when Azure answers `body` at `url`, and at no other address."""
    async with sessions.exchanges([Exchange.of_json(url, body, method=method)]) as session:
        found: list[Json] = []
        async for page in session.pages(call, subscription=SUBSCRIPTION, parent=parent, one=one):
            found.extend(page)
        return found


def _wanted(written_link: str | Json) -> dict[str, Any]:
    link = {"link": written_link} if isinstance(written_link, str) else dict(written_link)
    verb, arrow, target = link["link"].split(" ", 2)
    return {**link, "link": f"{verb} {arrow} {target.lower()}"}


def _fits(found: Link, wanted: Json) -> bool:
    properties = wanted.get("properties") or {}
    return (
        written(found) == wanted["link"]
        and found.key == wanted.get("key", found.key)
        and {name: plain(found.properties.get(name)) for name in properties} == properties
    )


def _shown(links: tuple[Link, ...]) -> str:
    return "\n".join(f"{written(link)}  key={link.key!r} {dict(link.properties)}" for link in links)
