"""The whole way of an answer: exchanges in wire format, the sync, a check's verdicts by resource."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.graph import Database
from loader.library import load_library
from loader.model import Json
from loader.packs import evaluate_check
from loader.sync import Options, sync

ARM = "https://management.azure.com"
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/shop"
_TENANT = {"id": "22222222-2222-4222-8222-222222222222", "displayName": "Contoso", "verifiedDomains": []}
_LIBRARY = load_library()


def resource(provider: str, name: str, **fields: Any) -> Json:
    """An answer of Azure about one resource: resource("Microsoft.Sql/servers", "orders", properties={…})."""
    return {"id": f"{GROUP}/providers/{provider}/{name}", "name": name, "location": "westeurope", **fields}


def load(database: Database, answers: Mapping[str, Json | list[Json]], only: Sequence[str]) -> None:
    """One sync over answers by address (below a subscription, or an id of a resource); a list is Azure's list."""
    account = {"id": SUBSCRIPTION, "subscriptionId": SUBSCRIPTION.rpartition("/")[2], "state": "Enabled"}
    told: dict[str, Json | list[Json]] = {
        f"{ARM}/subscriptions": [account | {"displayName": "Shop", "tenantId": _TENANT["id"]}],
        "https://graph.microsoft.com/v1.0/organization": [_TENANT],
    }
    told |= {ARM + (path if path.startswith("/sub") else f"{SUBSCRIPTION}{path}"): one for path, one in answers.items()}
    exchanges = [Exchange.of_json(url, {"value": one} if isinstance(one, list) else one) for url, one in told.items()]
    asyncio.run(_sync(database, exchanges, only))


async def _sync(database: Database, exchanges: Iterable[Exchange], only: Sequence[str]) -> None:
    async with sessions.exchanges(exchanges) as session:
        await sync(session, database, Options(only=only), lambda _step: None)


def verdicts(database: Database, check: str, **parameters: Any) -> dict[str, str]:
    """What a shipped check says of each resource, by name: pass, fail or not-evaluated."""
    result = evaluate_check(database, _LIBRARY.check(check), Coverage.read(database), parameters)
    return {one.name: one.verdict.value for one in result.resources}


def reasons(database: Database, check: str, **parameters: Any) -> dict[str, str]:
    """Why, by name."""
    result = evaluate_check(database, _LIBRARY.check(check), Coverage.read(database), parameters)
    return {one.name: one.reason for one in result.resources}
