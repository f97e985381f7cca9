"""`LocalNeo4j`: up, status, down and wipe of the one local Neo4j of an azgraph home."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil
from filelock import FileLock

from loader.errors import UnreachableError, UsageError
from loader.localdb import conf, ports, process
from loader.localdb.jars import fetch_jars
from loader.localdb.versions import DEFAULT_VERSION, data_folder, has_browser, main_class, read_lock

BOLT_PORT = 7687
HTTP_PORT = 7474
START_SECONDS = 180
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a running local Neo4j. `browser` is None where the version comes without Neo4j Browser."""

    uri: str
    browser: str | None
    user: str
    password: str = field(repr=False)
    password_file: Path
    version: str


@dataclass(frozen=True, slots=True)
class State:
    """What `azgraph neo4j status` tells; addresses are None while the server is down."""

    running: bool
    version: str | None
    uri: str | None
    browser: str | None
    user: str
    password_file: Path


@dataclass(slots=True)
class _Notes:
    """What one command leaves for the next, in `state.json`."""

    version: str = DEFAULT_VERSION
    pid: int | None = None
    bolt_port: int = BOLT_PORT
    http_port: int = HTTP_PORT


class LocalNeo4j:
    """The Neo4j of one azgraph home.

    Args:
        home: azgraph's home; everything but the downloads is kept in its folder `neo4j`.
        cache: where downloaded jars are kept; may be shared by any number of homes.
        say: gets one sentence for everything worth telling the user.
    """

    def __init__(self, home: Path, cache: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self._folder = home.resolve() / "neo4j"
        self._cache = cache.resolve()
        self._say = say
        self._password_file = self._folder / "password"
        # Beside the folder, so that `wipe` does not delete the lock it holds.
        self._lock = FileLock(home.resolve() / "neo4j.lock")

    def up(self, version: str | None = None) -> Connection:
        """Start Neo4j if it is down, wait until it answers, and tell how to reach it.

        Args:
            version: one of `known_versions()`; None takes the one that ran last, or the default. Each major version
                has its own data.

        Raises:
            UsageError: unknown version, or another version is running.
            UnreachableError: the jars cannot be fetched, or the server does not start.
        """
        with self._locked():
            notes = self._read_notes()
            running = process.find(self._folder, notes.pid)
            if running is not None and version not in (None, notes.version):
                raise UsageError(
                    f"Neo4j {notes.version} is running; stop it with `azgraph neo4j down` before starting {version}."
                )
            notes.version = version or notes.version
            if running is None:
                self._start(notes)
            return self._wait_until_ready(notes)

    def status(self) -> State:
        """What is running, without changing anything."""
        notes = self._read_notes()
        if process.find(self._folder, notes.pid) is None:
            return State(False, None, None, None, conf.USER, self._password_file)
        here = self._connection(notes)
        return State(True, here.version, here.uri, here.browser, here.user, here.password_file)

    def down(self) -> bool:
        """Stop the server; its data stays. Returns whether it was running."""
        with self._locked():
            running = self._find()
            if running is not None:
                process.stop(running)
            return running is not None

    def wipe(self) -> None:
        """Stop the server and delete its data, password and logs. The downloads stay in the cache."""
        with self._locked():
            running = self._find()
            if running is not None:
                # Its data goes anyway, so nothing waits for a shutdown in good order.
                process.kill(running)
            if self._folder.exists():
                shutil.rmtree(self._folder)

    # --- starting ---------------------------------------------------------------------------------------------------

    def _start(self, notes: _Notes) -> None:
        """Start the server and wait until it listens."""
        jars = fetch_jars(read_lock(notes.version), self._cache / "jars", self._say)
        data = self._folder / data_folder(notes.version)
        password = conf.ensure_password(self._password_file)
        if not (data / "databases" / "system").exists():
            conf.write_initial_password(data, password)
        reservations = self._cache / "ports"
        with (
            ports.reserved(notes.bolt_port, reservations) as bolt_port,
            ports.reserved(notes.http_port, reservations) as http_port,
        ):
            self._say_moved(notes.bolt_port, bolt_port)
            self._say_moved(notes.http_port, http_port)
            notes.bolt_port, notes.http_port = bolt_port, http_port
            conf.write_conf(self._folder, data, bolt_port, http_port)
            # Noted before the start too: a command killed in between must not leave a server on unknown ports.
            self._write_notes(notes)
            self._say(f"Starting Neo4j {notes.version}.")
            started = process.start(self._folder, jars, main_class(notes.version), self._log)
            notes.pid = started.pid
            self._write_notes(notes)
            self._wait_until_listening(started, notes)

    def _say_moved(self, wanted: int, taken: int) -> None:
        if wanted != taken:
            self._say(f"Port {wanted} is in use by another program, so Neo4j takes {taken}.")

    def _wait_until_listening(self, started: psutil.Process, notes: _Notes) -> None:
        """Wait until the server itself listens on both ports, or raise UnreachableError."""
        deadline = time.monotonic() + START_SECONDS
        while not {notes.bolt_port, notes.http_port} <= process.listening_ports(started):
            if not process.is_alive(started) or time.monotonic() > deadline:
                process.stop(started)
                raise self._start_error(notes)
            time.sleep(_POLL_SECONDS)

    def _wait_until_ready(self, notes: _Notes) -> Connection:
        """Wait until the database answers a query: it listens a moment before that."""
        from neo4j import GraphDatabase
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        found = self._connection(notes)
        deadline = time.monotonic() + START_SECONDS
        with GraphDatabase.driver(found.uri, auth=(found.user, found.password)) as driver:
            while True:
                try:
                    driver.execute_query("RETURN 1")
                    return found
                except AuthError as error:
                    raise UnreachableError(
                        f"The local Neo4j refuses the password in {self._password_file}; it was changed by hand. "
                        "Write the right one into that file, or start anew with `azgraph neo4j wipe`."
                    ) from error
                except (DriverError, Neo4jError, OSError) as error:
                    if time.monotonic() > deadline or process.find(self._folder, notes.pid) is None:
                        raise self._start_error(notes) from error
                    time.sleep(_POLL_SECONDS)

    def _start_error(self, notes: _Notes) -> UnreachableError:
        return UnreachableError(f"Neo4j {notes.version} did not start; its log {self._log} says why.")

    # --- small parts ------------------------------------------------------------------------------------------------

    def _find(self) -> psutil.Process | None:
        return process.find(self._folder, self._read_notes().pid)

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time for each home: a second `up` waits and then finds the server running."""
        path = Path(self._lock.lock_file)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            yield

    def _connection(self, notes: _Notes) -> Connection:
        return Connection(
            uri=f"bolt://{ports.LOOPBACK}:{notes.bolt_port}",
            browser=f"http://{ports.LOOPBACK}:{notes.http_port}/browser/" if has_browser(notes.version) else None,
            user=conf.USER,
            password=conf.ensure_password(self._password_file),
            password_file=self._password_file,
            version=notes.version,
        )

    def _read_notes(self) -> _Notes:
        """The notes of the last command; broken or missing ones are as good as none."""
        try:
            return _Notes(**json.loads((self._folder / "state.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return _Notes()

    def _write_notes(self, notes: _Notes) -> None:
        part = self._folder / "state.json.part"
        part.write_text(json.dumps(asdict(notes)), encoding="utf-8")
        part.replace(self._folder / "state.json")
