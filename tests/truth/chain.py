"""The whole chain behind a verdict: answers in wire format, the real clients, a sync, a check on the real database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.graph import Database
from loader.library import load_library
from loader.packs import evaluate_check
from loader.sync import Options, sync

ARM, GRAPH = "https://management.azure.com", "https://graph.microsoft.com/v1.0"
TENANT = "cccccccc-0000-4000-8000-00000000000c"
VERDICTS = ("pass", "fail", "not-evaluated")
LIBRARY = load_library()


def cases(file: str) -> list[dict[str, Any]]:
    """The cases of a table beside this file; each says what it is `about`, a `check`, a verdict with a part of its
    reason ("fail: leaves out"), and the `page` of the documentation that means it."""
    found = yaml.safe_load((Path(__file__).parent / file).read_text(encoding="utf-8"))
    assert all({"about", "check", "page"} < set(case) and set(case) & set(VERDICTS) for case in found)
    return list(found)


def subscription(number: int, name: str) -> dict[str, Any]:
    """A subscription as Azure lists it; its id ends with the number."""
    guid = f"aaaaaaaa-0000-4000-8000-{number:012d}"
    told = {"subscriptionId": guid, "tenantId": TENANT, "displayName": name, "state": "Enabled"}
    return {"id": f"/subscriptions/{guid}", **told}


def load(database: Database, answers: Mapping[str, Any], only: Sequence[str]) -> None:
    """Loads these answers, by address, over what is there: a list as Azure tells lists, an object as it is."""
    told = {
        f"{ARM}/subscriptions": [subscription(1, "Contoso Prod")],
        f"{GRAPH}/organization": [{"id": TENANT, "displayName": "Contoso"}],
        **answers,
    }
    recorded = [
        Exchange.of_json(address, {"value": answer} if isinstance(answer, list) else answer)
        for address, answer in told.items()
    ]

    async def run() -> None:
        async with sessions.exchanges(recorded) as session:
            await sync(session, database, Options(only=only, accept_deletions=True), lambda _step: None)

    asyncio.run(run())


def wrong_verdict(database: Database, case: Mapping[str, Any], resource: str) -> list[str]:
    """What the case's check says of the resource, in a sentence, where that is not what the case says."""
    expected = next(one for one in VERDICTS if one in case)
    check = LIBRARY.check(case["check"])
    result = evaluate_check(database, check, Coverage.read(database), case.get("parameters", {}))
    told = {one.name: one for one in result.resources}[resource]
    if told.verdict.value == expected and str(case[expected]) in told.reason:
        return []
    return [f"{case['about']} ({check.id}): {told.verdict.value}, not {expected}: {told.reason} See {case['page']}"]
