"""A tenant whose regions could not be listed: others still point at them, so they stand in the graph as stubs."""

from __future__ import annotations

import asyncio

import pytest

from loader.azure import sessions
from loader.demo import exchanges
from loader.graph import Database
from loader.library import shipped_library
from loader.library.cypher import entity_types_in
from loader.library.definitions import Control, Pack, Section
from loader.packs import Verdict, evaluate_pack
from loader.sync import Options, sync

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]
TYPES = ("azure_network_watcher", "azure_location")


def test_every_pack_is_printed(database: Database) -> None:
    """Of each pack what reads regions, or nothing would be new: it was the end of all six CIS packs."""
    library = shipped_library()
    reading = {one.id for one in library.checks.values() if "azure_location" in entity_types_in(one.cypher)}
    answers = [one for one in exchanges() if "/locations" not in one.url]

    async def load() -> None:
        async with sessions.exchanges(answers) as session:
            await sync(session, database, Options(only=TYPES), lambda _step: None)

    asyncio.run(load())
    assert database.read("MATCH (region:azure_location {_stub: true}) WHERE region.location IS NULL RETURN region")
    concerned = 0
    for pack in library.packs.values():
        controls = [one for _, one in pack.controls() if reading & {use.check for use in one.uses}]
        concerned += bool(controls)
        result = evaluate_pack(database, library, _only(pack, controls))
        assert {one.verdict for one in result.controls} <= {Verdict.NOT_EVALUATED}
    assert concerned >= 6


def _only(pack: Pack, controls: list[Control]) -> Pack:
    return pack.model_copy(update={"sections": [Section(id="1", title="One", controls=controls)]})
