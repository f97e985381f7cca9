"""The whole chain behind a verdict: answers in wire format become a recording, which is loaded and judged.

The tenant is Contoso with its subscription "Contoso Prod"; a case tells only the answers that it is about.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from loader.azure import sessions
from loader.azure.transport.har import entry_of
from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.graph import Database
from loader.library import shipped_library
from loader.library.running import run_query
from loader.model import Json
from loader.packs import ResourceResult, evaluate_check
from loader.sync import Options, Summary, sync
from tests.truth import oddness

ARM, GRAPH = "https://management.azure.com", "https://graph.microsoft.com/v1.0"
TENANT = "cccccccc-0000-4000-8000-00000000000c"
SUB = "/subscriptions/aaaaaaaa-0000-4000-8000-000000000000"
GROUP = f"{SUB}/resourceGroups/shop"
VERDICTS = ("pass", "fail", "not-evaluated")
LIBRARY = shipped_library()


def subscription(number: int, name: str) -> Json:
    """A subscription as Azure lists it; its id ends with the number."""
    guid = f"aaaaaaaa-0000-4000-8000-{number:012d}"
    told = {"subscriptionId": guid, "tenantId": TENANT, "displayName": name, "state": "Enabled"}
    return {"id": f"/subscriptions/{guid}", **told}


def resource(provider: str, name: str, **fields: Any) -> Json:
    """An answer of Azure about one resource: resource("Microsoft.Sql/servers", "orders", properties={…})."""
    return {"id": f"{GROUP}/providers/{provider}/{name}", "name": name, "location": "westeurope", **fields}


def listed(address: str, *items: Json) -> Exchange:
    """A list's only page. address: whole, or a path of Azure's."""
    return answered(address, {"value": list(items)})


def answered(address: str, body: Json) -> Exchange:
    """One object."""
    return Exchange.of_json(address if "://" in address else f"{ARM}{address}", body)


def tenant(*further: Json) -> list[Exchange]:
    """Contoso, with its one subscription and further ones."""
    return [
        listed("/subscriptions", subscription(0, "Contoso Prod"), *further),
        listed(f"{GRAPH}/organization", {"id": TENANT, "displayName": "Contoso", "verifiedDomains": []}),
    ]


@dataclass(frozen=True)
class Chain:
    """What was loaded, to be asked; the same question is asked once."""

    database: Database
    summary: Summary
    _told: dict[str, dict[str, ResourceResult]] = field(default_factory=dict)

    @cached_property
    def coverage(self) -> Coverage:
        """What was loaded whole."""
        return Coverage.read(self.database)

    def results(self, check: str, **parameters: Any) -> dict[str, ResourceResult]:
        """What a shipped check says of each resource, by its name."""
        question = f"{check} {sorted(parameters.items())}"
        if question not in self._told:
            result = evaluate_check(self.database, LIBRARY.check(check), self.coverage, parameters)
            self._told[question] = {one.name: one for one in result.resources}
        return self._told[question]

    def verdicts(self, check: str, **parameters: Any) -> dict[str, str]:
        """Each resource's verdict: pass, fail or not-evaluated."""
        return {name: one.verdict.value for name, one in self.results(check, **parameters).items()}

    def reasons(self, check: str, **parameters: Any) -> dict[str, str]:
        """Why, by name."""
        return {name: one.reason for name, one in self.results(check, **parameters).items()}

    def rows(self, query: str, **parameters: Any) -> list[Mapping[str, Any]]:
        """What a shipped query finds."""
        return list(run_query(self.database, LIBRARY.query(query), parameters).rows)

    def wrong_verdict(self, case: Mapping[str, Any], name: str) -> list[str]:
        """What the case's check says of the resource, in a sentence, where that is not what the case says."""
        expected = next(one for one in VERDICTS if one in case)
        told = self.results(case["check"], **case.get("parameters", {}))[name]
        if told.verdict.value == expected and str(case[expected]) in told.reason:
            return []
        said = f"{told.verdict.value}, not {expected}: {told.reason}"
        return [f"{case['about']} ({case['check']}): {said} See {case['page']}"]


def load(
    database: Database, answers: Mapping[str, Json | list[Json]] | Iterable[Exchange], only: Iterable[str]
) -> Chain:
    """Loads the answers as a recording, over what is there, with those of the tenant where they are not among them.

    answers: exchanges; or by address, which is whole, an id, or a path below the subscription: a list of objects is
    Azure's list. only: entity types.
    """
    told = exchanges_of(answers) if isinstance(answers, Mapping) else list(answers)
    log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": []}
    log["entries"] = [entry_of(one, 0.0, {}) for one in whole(told)]
    with TemporaryDirectory() as folder:
        recording = Path(folder) / "recording.har"
        recording.write_text(json.dumps({"log": log}), encoding="utf-8")
        return Chain(database, asyncio.run(_loaded(database, recording, list(only))))


def exchanges_of(answers: Mapping[str, Json | list[Json]]) -> list[Exchange]:
    """Answers by address, as `load` takes them, in wire format."""
    return [_exchange(*one) for one in answers.items()]


def whole(told: Iterable[Exchange]) -> Iterable[Exchange]:
    """The exchanges, with those of the tenant where they are not among them."""
    return {one.url: one for one in [*tenant(), *told]}.values()


def _exchange(address: str, answer: Json | list[Json]) -> Exchange:
    path = address if "://" in address or address.startswith("/subscriptions/") else f"{SUB}{address}"
    return listed(path, *answer) if isinstance(answer, list) else answered(path, answer)


async def _loaded(database: Database, recording: Path, only: list[str]) -> Summary:
    async with sessions.replay([recording]) as session:
        return await sync(session, database, Options(only=only, accept_deletions=True), lambda _step: None)


def cases(file: str, *, marked: bool = False) -> list[dict[str, Any]]:
    """The cases of a table beside this file; each says what it is `about`, a `check`, a verdict with a part of its
    reason ("fail: leaves out"), and the `page` of the documentation that means it.

    marked: with what is `!odd` in them, see `oddness`.
    """
    found = oddness.read((Path(__file__).parent / file).read_text(encoding="utf-8"), marked=marked)
    assert all({"about", "check", "page"} < set(case) and set(case) & set(VERDICTS) for case in found)
    return list(found)
