"""What a worker is told: the task, and where it finds Azure and the graph. No secret is among it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loader.azure import sessions
from loader.azure.session import AzureSession
from loader.config import cache_dir, home_dir, settings
from loader.graph import Database
from loader.instances import chosen
from loader.localdb import LocalNeo4j
from loader.sync.elsewhere import Message


@dataclass(frozen=True, slots=True)
class Source:
    """Where answers come from: recordings, or Azure, as the instance of that name says in the worker's own settings."""

    instance: str | None = None
    recordings: tuple[Path, ...] = ()

    def session(self, processes: int) -> AzureSession:
        """A session of this process; its secrets are read here. processes: how many draw on the tenant's buckets.

        Raises UsageError, UnreachableError where a secret is not to be had.
        """
        if self.recordings:
            return sessions.replay(self.recordings)
        return chosen(self.instance).session(processes=processes)


@dataclass(frozen=True, slots=True)
class Where:
    """Where the graph is. uri: None for the local one of this machine. own_first: the worker stands on another machine,
    whose settings may name the same graph by another address.
    """

    uri: str | None
    own_first: bool = False

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """A connection of this process; user and password are those of its own settings."""
        own = settings()
        uri = own.neo4j_uri or self.uri if self.own_first else self.uri
        if uri is None:
            there = LocalNeo4j(home_dir(), cache_dir(), lambda _told: None).up()
            with Database(there.uri, there.user, there.password) as database:
                yield database
            return
        with Database(uri, own.neo4j_user, own.password(uri), own.neo4j_database) as database:
            yield database


@dataclass(frozen=True, slots=True)
class Order:
    """One task for a worker. processes: how many there are."""

    message: Message
    source: Source
    where: Where
    processes: int

    @property
    def run(self) -> str:
        """The run's id."""
        return self.message.job.token.id
