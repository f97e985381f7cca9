"""How many requests azgraph sends to load the recorded tenant, and where it sends fewer than who recorded it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.as_azure_answers import as_azure_answers
from bench.server import Server
from loader.azure import sessions
from loader.azure.transport.har import files_of, read_har
from loader.azure.transport.replay import ReplayStore
from loader.azure.transport.wire import Exchange
from loader.sync.run import Options, sync

# What the older product, whose answers the recordings hold, sent for the same tenant.
OLDER_PRODUCT = 4_861

_ID = r"[^/]+"
_IN_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)/\w")
# The first that fits tells what sort of request a path is.
_SORTS = (
    ("settings of one resource for monitoring", re.compile(r"/providers/microsoft\.insights/[^/]+$")),
    ("role assignments and definitions", re.compile(r"/providers/microsoft\.authorization/role")),
    ("policies", re.compile(r"/providers/microsoft\.(authorization/polic|policyinsights)")),
    ("lists of one resource group", re.compile(rf"/resourcegroups/{_ID}/providers/{_ID}/{_ID}$")),
    ("lists of a whole subscription", re.compile(rf"^/subscriptions/{_ID}/(providers/{_ID}/)?{_ID}$")),
    ("parts and details of one resource", re.compile(rf"/resourcegroups/{_ID}/providers/{_ID}/{_ID}/{_ID}")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests sent for all visible subscriptions, and for those of which anything was recorded.

    calls_as_azure_answers: for the latter, where the answers hold what azgraph asks for (`bench.as_azure_answers`).
    by_sort: recorded requests of the older product and ours of the same run, by what they ask for.
    """

    calls: int
    calls_where_recorded: int
    calls_as_azure_answers: int
    recorded: int
    by_sort: dict[str, tuple[int, int]]


class _CountingStore(ReplayStore):
    """Recorded answers that keep count of what is asked for."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        super().__init__(exchanges)
        self.asked: Counter[str] = Counter()

    def find(self, method: str, url: str, body: bytes | None = None) -> Exchange | None:
        self.asked[sort_of(url)] += 1
        return super().find(method, url, body)


def measure(server: Server, recordings: Path) -> Asked:
    """Loads the recordings into an empty graph, three times."""
    exchanges = [one for file in files_of([recordings]) for one in read_har(file)]
    subscriptions = _recorded_subscriptions(exchanges)
    store = _CountingStore(as_azure_answers(exchanges, subscriptions))
    as_azure = asyncio.run(_load(store, server, subscriptions))
    where_recorded = asyncio.run(_load(ReplayStore(exchanges), server, subscriptions))
    calls = asyncio.run(_load(ReplayStore(exchanges), server, []))
    theirs = Counter(sort_of(one.url) for one in exchanges)
    sorts = sorted(theirs | store.asked, key=lambda name: store.asked[name] - theirs[name])
    by_sort = {name: (theirs[name], store.asked[name]) for name in sorts}
    return Asked(calls, where_recorded, as_azure, len(exchanges), by_sort)


def _recorded_subscriptions(exchanges: list[Exchange]) -> list[str]:
    """The subscriptions of which more was recorded than that they exist."""
    return sorted({found[1] for one in exchanges if (found := _IN_SUBSCRIPTION.search(one.url.lower()))})


async def _load(store: ReplayStore, server: Server, subscriptions: list[str]) -> int:
    server.empty()
    async with sessions.over(store) as session:
        summary = await sync(session, server.database, Options(subscriptions=subscriptions), lambda _step: None)
    return summary.http["calls"]


def sort_of(url: str) -> str:
    """What a request asks for, in a few words."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").lower(), parts.path.lower().rstrip("/")
    if host.startswith("graph."):
        return "Entra: parts of one object" if len(path.split("/")) > 3 else "Entra: lists"
    if "management" not in host:
        return "vaults and storage services themselves"
    return next((name for name, pattern in _SORTS if pattern.search(path)), "everything else")
