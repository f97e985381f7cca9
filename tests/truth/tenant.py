"""The whole chain: answers in wire format become a recording, which is loaded and judged as a user would do it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.azure import sessions
from loader.azure.transport.har import entry_of
from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.graph import Database
from loader.library import load_library
from loader.library.running import run_query
from loader.model import Json
from loader.packs import evaluate_check
from loader.sync import Options, Summary, sync

ARM, GRAPH = "https://management.azure.com", "https://graph.microsoft.com/v1.0"
TENANT, SUBSCRIPTION = "cccccccc-0000-4000-8000-00000000000c", "aaaaaaaa-0000-4000-8000-00000000000a"
SUB = f"/subscriptions/{SUBSCRIPTION}"
LIBRARY = load_library()


def listed(url: str, *items: Json) -> Exchange:
    """A list's only page."""
    return Exchange.of_json(url if "://" in url else f"{ARM}{url}", {"value": list(items)})


def answered(url: str, body: Json) -> Exchange:
    """One object."""
    return Exchange.of_json(url if "://" in url else f"{ARM}{url}", body)


def tenant(*subscriptions: Json) -> list[Exchange]:
    """Contoso, with its one subscription and further ones."""
    own = {"id": SUB, "subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "displayName": "Contoso Prod"}
    return [
        listed("/subscriptions", {**own, "state": "Enabled"}, *subscriptions),
        listed(f"{GRAPH}/organization", {"id": TENANT, "displayName": "Contoso", "verifiedDomains": []}),
    ]


@dataclass(frozen=True)
class Chain:
    """What was loaded, to be asked."""

    database: Database
    summary: Summary

    def verdicts(self, check: str, **parameters: Any) -> Mapping[str, str]:
        """Each resource's verdict, by its name."""
        coverage = Coverage.read(self.database)
        result = evaluate_check(self.database, LIBRARY.check(check), coverage, parameters)
        return {one.name: one.verdict.value for one in result.resources}

    def rows(self, query: str, **parameters: Any) -> list[Mapping[str, Any]]:
        return list(run_query(self.database, LIBRARY.query(query), parameters).rows)


def load(database: Database, folder: Path, exchanges: Iterable[Exchange], *only: str) -> Chain:
    """Writes the answers as a HAR file into the folder and loads it; only: entity types."""
    log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": []}
    log["entries"] = [entry_of(one, 0.0, {}) for one in exchanges]
    recording = folder / "recording.har"
    recording.write_text(json.dumps({"log": log}), encoding="utf-8")

    async def run() -> Summary:
        async with sessions.replay([recording]) as session:
            return await sync(session, database, Options(only=only), lambda _step: None)

    return Chain(database, asyncio.run(run()))
