"""What the end-to-end tests share: azgraph as a process, a sync in this process, changed answers, a dump."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from loader.azure import sessions
from loader.azure.session import AzureSession
from loader.azure.settings import AzureSettings
from loader.azure.transport.har import entry_of
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.wire import Exchange
from loader.cli.main import main
from loader.config import settings
from loader.graph import Database
from loader.model import Json, Status
from loader.sync import Options, Summary, sync

ROOT = Path(__file__).parents[2]
PRODUCTION = "c0705000-9a01-4d3e-8b57-61f2c4d80a11"
PLATFORM = "c0705000-51f0-4c86-a2de-0b97e3f41c22"
SANDBOX = "c0705000-2c7d-4e19-b604-8ad35f92be33"
# Long enough for a try again, short enough for a test.
QUICK = RetryPolicy(tries=2, first_wait=0.01, longest_wait=0.02, total_wait=5, refusals=5)


# --- running it ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout holds, which must be one JSON document and nothing else."""
        return json.loads(self.out)


@dataclass
class Azgraph:
    """The command `azgraph` in processes of its own, on the test's database. It sees no Azure of the user."""

    environment: dict[str, str]

    def start(self, *arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "loader.cli", *map(str, arguments)],
            cwd=ROOT,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str | Path, **variables: str) -> Ended:
        with self.start(*arguments, **variables) as process:
            out, err = process.communicate(timeout=600)
        return Ended(process.returncode, out, err)

    def here(self, *arguments: str | Path, **variables: str) -> Ended:
        """The same in this process: for what hangs on no process of its own, whose start takes seconds."""
        said = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        settings.cache_clear()
        with (
            patch.dict(os.environ, {**self.environment, **variables}, clear=True),
            patch.object(sys, "argv", ["azgraph", *map(str, arguments)]),
            redirect_stdout(said[0]),
            redirect_stderr(said[1]),
        ):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
            finally:
                settings.cache_clear()
        out, err = (_written(stream) for stream in said)
        return Ended(code, out, err)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def clean_environment(**more: str) -> dict[str, str]:
    """This process's variables without those that say where Azure and Neo4j are."""
    foreign = re.compile(r"^(AZURE_|NEO4J_|AZGRAPH_(LIBRARY|ARM|GRAPH|CLOUD|CONFIG)|HTTPS?_PROXY|SSL_)", re.IGNORECASE)
    return {name: value for name, value in os.environ.items() if not foreign.match(name)} | more


def load(database: Database, exchanges: Iterable[Exchange], **options: Any) -> Summary:
    """One sync in this process, over answers in memory."""
    return _sync(database, sessions.exchanges(exchanges), Options(**options))


def load_live(database: Database, environment: Mapping[str, str], **options: Any) -> Summary:
    """One sync in this process over HTTP; only the waits between tries are shorter than a user's."""
    quick = replace(AzureSettings.from_environment(environment), retry=QUICK)
    return _sync(database, sessions.live(quick, environment=environment), Options(**options))


def _sync(database: Database, session: AzureSession, options: Options) -> Summary:
    async def run() -> Summary:
        async with session as opened:
            return await sync(opened, database, options, lambda _step: None)

    return asyncio.run(run())


def ended(summary: Summary) -> dict[str, Status]:
    """The steps that did not end complete, as "name|area"."""
    return {f"{step.name}|{step.scope}": step.status for step in summary.steps if step.status is not Status.COMPLETE}


def reasons(summary: Summary) -> dict[str, str]:
    """Why steps did not end complete, by "name|area"."""
    return {f"{step.name}|{step.scope}": step.reason for step in summary.steps if step.status is not Status.COMPLETE}


# --- Azure's answers -----------------------------------------------------------------------------------------------


def path_of(exchange: Exchange) -> str:
    """The path that was asked, in lower case, without the query; a key vault's with its host."""
    address = exchange.url.split("?")[0].lower()
    return re.sub(r"^https://(management\.azure\.com|graph\.microsoft\.com)", "", address)


def changed(exchanges: Iterable[Exchange], ending: str, change: Callable[[Json], object]) -> list[Exchange]:
    """The answers with the bodies of those whose path ends so changed in place. At least one must."""
    found, given = 0, []
    for exchange in exchanges:
        if path_of(exchange).endswith(ending.lower()):
            body = json.loads(exchange.body)
            change(body)
            exchange, found = replace(exchange, body=json.dumps(body)), found + 1
        given.append(exchange)
    assert found, f"no answer's path ends with {ending}"
    return given


def without(exchanges: Iterable[Exchange], *words: str) -> list[Exchange]:
    """The answers without those whose path holds one of the words."""
    return [one for one in exchanges if not any(word.lower() in path_of(one) for word in words)]


def recorded(exchanges: Iterable[Exchange], file: Path) -> Path:
    """The answers in a file that `azgraph sync --replay` takes."""
    log = {"version": "1.2", "creator": {"name": "azgraph", "version": "1"}}
    entries = [entry_of(one, 0, {}) for one in exchanges]
    file.write_text(json.dumps({"log": {**log, "entries": entries}}))
    return file


# --- the graph -----------------------------------------------------------------------------------------------------

# Which run it was, and the hash of the mapping: what differs between two runs that come to the same graph.
_OF_A_RUN = {"_firstSeenRun", "_changedRun", "_hash"}


@dataclass
class Dump:
    """All entities by key and all relationships, without what only tells which run wrote them."""

    nodes: dict[str, Any] = field(default_factory=dict)
    edges: list[Any] = field(default_factory=list)


def dump(database: Database, *, stamps: bool = False) -> Dump:
    """The graph in a form that can be compared. stamps: with the run's own stamps, where even those must not change."""
    left_out = set() if stamps else _OF_A_RUN
    nodes = database.read("MATCH (n:Entity) RETURN labels(n) AS labels, properties(n) AS properties")
    edges = database.read(
        "MATCH (a:Entity)-[r]->(b:Entity) RETURN a._key AS start, type(r) AS verb, b._key AS end, properties(r) AS p"
    )
    return Dump(
        {
            row["properties"]["_key"]: (
                sorted(row["labels"]),
                {name: str(value) for name, value in row["properties"].items() if name not in left_out},
            )
            for row in nodes
        },
        sorted(
            (row["start"], row["verb"], row["end"], sorted((k, str(v)) for k, v in row["p"].items())) for row in edges
        ),
    )


def changes(database: Database) -> list[tuple[str, str, str]]:
    """All changes that are recorded, as (op, entity, path), sorted; one told twice stands there twice."""
    rows = database.read("MATCH (c:Change) RETURN c.op AS op, c.entityKey AS key, coalesce(c.path, '') AS path")
    return sorted((row["op"], row["key"], row["path"]) for row in rows)


def wipe(database: Database, what: str = "n") -> None:
    """Deletes all nodes, or those with a label ("n:Change")."""
    database.write(lambda transaction: transaction.run(f"MATCH ({what}) DETACH DELETE n"))


def everything_stored(database: Database) -> str:
    """All properties of all nodes and relationships of any label, as text to search in."""
    rows: Sequence[Any] = database.read("MATCH (n) RETURN labels(n) AS labels, properties(n) AS p")
    more: Sequence[Any] = database.read("MATCH ()-[r]->() RETURN type(r) AS verb, properties(r) AS p")
    return json.dumps([*rows, *more], default=str, ensure_ascii=False)
