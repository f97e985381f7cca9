"""Worlds of `tenant_cases/`: the answers of a tenant and its subscriptions, and what checks must say of them.

A file names the entity `types` to load, the `answers` that all its worlds share, by address, and `worlds`. Each world
is loaded once, over the one before, whose answers it keeps; it says what it is `about`, has `answers` of its own,
`refused` addresses, and its `cases`. A case names a `check`, a verdict with a part of its reason, the `page` that means
it, and whose verdict it is (`of`; otherwise the tenant's). A case with `answers` of its own has a subscription of its
own, named after what the case is `about`; `empty` are the lists that every subscription answers.

An address is whole, or one of Azure's ("/providers/…"), or a path of Microsoft Graph ("users"). In all answers $SUB is
the subscription's id, $OLD(30) and $NEXT(30) are the days so long ago and ahead. `!odd` stands before what Azure does
not answer today. What the directory has goes by short names ("ada") in place of GUIDs.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from tests.truth import oddness
from tests.truth.chain import ARM, GRAPH, SUB, VERDICTS, Chain, answered, listed, load, subscription

FOLDER = Path(__file__).parent / "tenant_cases"
FILES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
REFUSED = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}
_SHORT = re.compile("[a-z]+(?:-[a-z]+)*[0-9]*")
# What people call a thing is no id of it, though it may be the same word.
_CALLED = ("displayName", "name", "userPrincipalName")
_DAYS = re.compile(r"\$(OLD|NEXT)\((\d+)\)")

World = dict[str, Any]


def read(name: str, *, marked: bool = False) -> World:
    """One file; marked: with what is `!odd` in it, see `oddness`."""
    return dict(oddness.read((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), marked=marked))


def exchanges(file: World) -> Iterator[tuple[World, list[Exchange]]]:
    """Each world of a file with its tenant in wire format."""
    answers: dict[str, Any] = dict(file.get("answers", {}))
    for world in file["worlds"]:
        answers |= world.get("answers", {})
        yield world, _exchanges(file, answers, world)


def all_cases() -> Iterator[Mapping[str, Any]]:
    """The cases of all files."""
    for name in FILES:
        for world in read(name)["worlds"]:
            yield from world["cases"]


def wrong_verdicts(database: Database, name: str) -> list[str]:
    """What the checks say otherwise than the file's cases, in sentences."""
    file = read(name)
    wrong: list[str] = []
    for world, told in exchanges(file):
        chain = load(database, told, file["types"])
        for case in world["cases"]:
            wrong += [f"{world['about']}: {one}" for one in _wrong(chain, case)]
    return wrong


def _wrong(chain: Chain, case: Mapping[str, Any]) -> list[str]:
    name = case.get("of") or (case["about"] if "answers" in case else "Contoso")
    about = case.get("about", "it")
    found = chain.results(case["check"], **case.get("parameters", {}))
    if case.get("left-out"):
        return [f"{about} ({case['check']}) judges {name}. See {case['page']}"] if name in found else []
    if name not in found:
        return [f"{about} ({case['check']}) does not judge {name} but {sorted(found)}"]
    return chain.wrong_verdict({**case, "about": about}, name)


def _exchanges(file: World, answers: Mapping[str, Any], world: World) -> list[Exchange]:
    own = [case for case in world["cases"] if "answers" in case]
    told = [subscription(number, case["about"]) for number, case in enumerate(own, 1)]
    made = [listed("/subscriptions", subscription(0, "Contoso Prod"), *told)]
    for one, case in zip([{"id": SUB}, *told], [{"answers": {}}, *own], strict=True):
        empty: dict[str, Any] = {f"$SUB{path}": [] for path in file.get("empty", ())}
        made += [_exchange(one["id"], *pair) for pair in {**empty, **_below(case["answers"])}.items()]
    made += [_exchange(SUB, *pair) for pair in answers.items()]
    made += [Exchange.of_json(_url(SUB, one), REFUSED, status=403) for one in world.get("refused", ())]
    names = {one for exchange in made if exchange.url.startswith(GRAPH) for one in _ids(json.loads(exchange.body))}
    return [_with_guids(one, names) for one in made]


def _ids(answer: Any) -> Iterator[str]:
    """The short names that stand for GUIDs in an answer of Microsoft Graph."""
    if isinstance(answer, list):
        yield from (name for one in answer for name in _ids(one))
    elif isinstance(answer, dict):
        if _SHORT.fullmatch(str(answer.get("id"))):
            yield str(answer["id"])
        yield from (name for one in answer.values() for name in _ids(one))


def _with_guids(exchange: Exchange, names: Collection[str]) -> Exchange:
    def guid(name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, name)) if name in names else name

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: one if name in _CALLED else told(one) for name, one in value.items()}
        return (
            [told(one) for one in value]
            if isinstance(value, list)
            else guid(value)
            if isinstance(value, str)
            else value
        )

    url = "/".join(map(guid, exchange.url.split("/"))) if exchange.url.startswith(GRAPH) else exchange.url
    return replace(exchange, url=url, body=json.dumps(told(json.loads(exchange.body))))


def _below(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {path if "$SUB" in path else f"$SUB{path}": answer for path, answer in answers.items()}


def _exchange(scope: str, address: str, answer: Any) -> Exchange:
    url, made = _url(scope, address), _filled(scope, answer)
    return listed(url, *made) if isinstance(made, list) else answered(url, made)


def _url(scope: str, address: str) -> str:
    filled = address.replace("$SUB", scope)
    if "://" in filled:
        return filled
    return f"{ARM}{filled}" if filled.startswith("/") else f"{GRAPH}/{filled}"


def _filled(scope: str, answer: Any) -> Any:
    text = json.dumps(answer).replace("$SUB", scope)
    return json.loads(_DAYS.sub(_day, text))


def _day(found: re.Match[str]) -> str:
    days = timedelta(days=int(found[2]))
    moment = datetime.now(UTC) + (days if found[1] == "NEXT" else -days)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def verdict_of(case: Mapping[str, Any]) -> str:
    """The verdict that a case states."""
    return next((one for one in VERDICTS if one in case), "left-out")
