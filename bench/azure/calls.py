"""Which calls a sync of a simulated tenant is made of: by the form of their addresses, at first and unchanged.

`python -m bench.azure.calls [SIZE]` loads the tenant on an emptied Neo4j, then again with `freshness: {all: 24h}`, as
it is without that, and with everything read whole; for each run it prints how many calls it took for 1,000 entities,
and of which forms they were, the most frequent first. Each graph is compared with the truth. Azure's limits are not
played, and nobody waits: calls do not hang on either.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench.azure.made import SIZES
from bench.azure.server import Play, playing
from bench.azure.truth import compare
from bench.server import running
from loader.azure import sessions
from loader.azure.transport.wire import WireRequest
from loader.graph import Database
from loader.sync import Options, Summary, sync
from loader.sync.standing import Standing

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOLD_FORMS = 60


def form_of(request: WireRequest) -> str:
    """The address of a request with a sign for each id: "GET arm/subscriptions/*/resourceGroups"."""
    parts = urlsplit(request.url)
    host, path = (parts.hostname or "").lower(), parts.path.lower().rstrip("/")
    query = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    more = " statusOnly" if "statusonly" in query else ""
    more += " next page" if query & {"$skiptoken", "$skip"} else ""
    if host.endswith("vault.azure.net"):
        return f"{request.method} vault/{path.split('/')[1]}{more}"
    if path.startswith(("/v1.0", "/beta")):
        return f"{request.method} graph{_GUID.sub('*', path)}{more}"
    before, provider, after = path.rpartition("/providers/")
    if not provider:
        return f"{request.method} arm{_GUID.sub('*', path)}{more}"
    owner = "…" if "/providers/" in before else _GUID.sub("*", before.partition("/resourcegroups/")[0])
    namespace, *kinds = after.split("/")
    named = "/".join(one if index % 2 == 0 else "*" for index, one in enumerate(kinds))
    return f"{request.method} arm{owner}/{namespace}/{named}{more}"


async def counted(database: Database, options: Options) -> tuple[Summary, Counter[str]]:
    """A live run, and its calls by their forms; a call that was sent again counts again."""
    forms: Counter[str] = Counter()
    async with sessions.live() as session:
        sender: Any = session._traffic._sender
        send = sender.send

        async def count(request: WireRequest) -> Any:
            forms[form_of(request)] += 1
            return await send(request)

        sender.send = count
        return await sync(session, database, options, lambda _step: None), forms


def main(size: str = "small") -> None:
    """Prints the forms of three runs."""
    aged = Options(standing=Standing(freshness={"all": timedelta(hours=24)}))
    runs: list[tuple[str, Options]] = [
        ("first", replace(aged, fresh=True)),
        ("unchanged, details a day old", aged),
        ("unchanged", Options()),
        ("unchanged, all lists read whole", Options(fresh=True)),
    ]
    with running() as server, playing(SIZES[size], Play(buckets=False)) as azure:
        truth = azure.world.truth()
        os.environ.update(azure.environment)
        server.empty()
        for name, options in runs:
            summary, forms = asyncio.run(counted(server.database, options))
            wrong = compare(server.database, truth)
            entities = sum(summary.entities.values())
            _tell(name, forms, entities, summary, print)
            if wrong:
                print(f"  WRONG: {wrong}", flush=True)


def _tell(name: str, forms: Counter[str], entities: int, summary: Summary, tell: Callable[[str], None]) -> None:
    calls = forms.total()
    tell(f"{name}: {calls} calls, {summary.http['sent']} sent, {entities} entities: {calls / entities * 1000:.0f}")
    for form, count in forms.most_common(_TOLD_FORMS):
        tell(f"  {count:6} {count / entities * 1000:6.1f}  {form}")
    rest = calls - sum(count for _, count in forms.most_common(_TOLD_FORMS))
    tell(f"  {rest:6} {rest / entities * 1000:6.1f}  others ({len(forms)} forms in all)")


if __name__ == "__main__":
    main(*sys.argv[1:])
