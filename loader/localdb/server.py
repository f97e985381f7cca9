"""`LocalNeo4j`: up, status, down and wipe of the one local Neo4j of an azgraph home."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout

from loader.errors import UnreachableError, UsageError
from loader.localdb import backup, conf, ports, private, process, troubles
from loader.localdb.patience import Patience
from loader.localdb.troubles import Trouble
from loader.localdb.versions import DEFAULT_VERSION, data_folder, has_browser, main_class, read_lock

if TYPE_CHECKING:
    from neo4j import Driver

BOLT_PORT = 7687
HTTP_PORT = 7474
_AT_WORK = "MATCH (l:SyncLease) WHERE l.holder IS NOT NULL AND l.expiresAt > datetime() RETURN l.pid"
# Starts of one command, where another port or more memory may help.
_TRIES = 6


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


class _EndedError(UnreachableError):
    """The server ended before it answered. trouble: why, where its log tells."""

    def __init__(self, sentence: str, trouble: Trouble | None) -> None:
        super().__init__(sentence)
        self.trouble = trouble


class LocalNeo4j:
    """The Neo4j of one azgraph home.

    Args:
        home: azgraph's home; everything but the downloads is kept in its folder `neo4j`.
        cache: where downloaded jars are kept; may be shared by any number of homes.
        say: gets one sentence for everything worth telling the user.
        ports: those that it first tries, for drivers and for Browser.
    """

    def __init__(
        self,
        home: Path,
        cache: Path,
        say: Callable[[str], None] = lambda _: None,
        *,
        ports: tuple[int, int] = (BOLT_PORT, HTTP_PORT),
    ) -> None:
        self._first_ports = ports
        self._folder = home.resolve() / "neo4j"
        self._cache = cache.resolve()
        self._say = say
        self._password_file = self._folder / "password"
        # Beside the folder, so that `wipe` does not delete the lock it holds.
        self._lock = FileLock(home.resolve() / "neo4j.lock", mode=0o600)
        self._log_before = 0

    def up(self, version: str | None = None) -> Connection:
        """Start Neo4j if it is down, wait until it answers, however long that takes, and tell how to reach it.

        Args:
            version: one of `known_versions()`; None takes the one that ran last, or the default. Each major version
                has its own data.

        Raises:
            UsageError: unknown version, or another version is running.
            UnreachableError: the jars cannot be fetched, or the server ended before it answered.
        """
        with self._locked(), self._writing():
            notes = self._read_notes()
            running = process.find(self._folder, notes.pid)
            if running is not None and version not in (None, notes.version):
                raise UsageError(
                    f"Neo4j {notes.version} is running; stop it with `azgraph neo4j down` before starting {version}."
                )
            notes.version = version or notes.version
            private.make_private(self._folder)
            if running is None:
                return self._start(notes)
            self._wait_until_listening(running, notes)
            return self._wait_until_ready(running, notes)

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

    def backup(self, file: Path, *, force: bool = False) -> None:
        """Write the graph to a file, for its owner alone. The server is stopped for it, and started again if it ran.

        Raises UsageError where the file is there already or a run is at work, UnreachableError where it fails.
        """
        backup.refuse_target(file, force=force)
        with self._offline() as (_, jars):
            backup.dump(self._folder, jars, file)

    def restore(self, file: Path) -> None:
        """Put a graph that `backup` wrote in the place of the present one, which stays where that fails."""
        backup.refuse_source(file)
        with self._offline() as (data, jars):
            backup.load(self._folder, data, jars, file)

    @contextmanager
    def _offline(self) -> Iterator[tuple[Path, list[Path]]]:
        """The server's data folder and its jars, while it is down."""
        from loader.localdb.jars import fetch_jars

        ran = self.status().running
        if ran:
            self._refuse_while_loading()
        elif not self._folder.exists():
            self.up()
            self.down()
        with self._locked():
            running = self._find()
            if running is not None:
                process.stop(running)
            version = self._read_notes().version
            try:
                yield (
                    self._folder / data_folder(version),
                    fetch_jars(read_lock(version), self._cache / "jars", self._say),
                )
            finally:
                private.make_private(self._folder)
        if ran:
            self.up()

    def _refuse_while_loading(self) -> None:
        from neo4j import GraphDatabase

        found = self.up()
        with GraphDatabase.driver(
            found.uri, auth=(found.user, found.password), warn_notification_severity="OFF"
        ) as driver:
            if driver.execute_query(_AT_WORK).records:
                raise UsageError("azgraph is loading into this graph. Wait for the run to end, or stop it, then again.")

    # --- starting ---------------------------------------------------------------------------------------------------

    def _start(self, notes: _Notes) -> Connection:
        """Start the server and wait until it answers; anew on other ports or with more memory where that is due."""
        # What fetches is loaded only where something may have to be fetched: it takes as long as a small command.
        from loader.localdb.jars import fetch_jars

        jars = fetch_jars(read_lock(notes.version), self._cache / "jars", self._say)
        data = self._folder / data_folder(notes.version)
        password = conf.ensure_password(self._password_file)
        if not (data / "databases" / "system").exists():
            conf.write_initial_password(data, password)
        heap = troubles.heap()
        for _ in range(_TRIES):
            try:
                return self._start_once(notes, jars, data, heap)
            except _EndedError as ended:
                more = troubles.larger_heap(heap)
                if ended.trouble is Trouble.MEMORY and more is not None:
                    self._say(f"Neo4j ran out of memory with a heap of {heap}; trying with {more}.")
                    heap = more
                elif ended.trouble is not Trouble.PORT:
                    raise
        raise self._ended(notes)

    def _start_once(self, notes: _Notes, jars: list[Path], data: Path, heap: str) -> Connection:
        reservations = ports.common_folder(self._cache / "ports")
        with (
            ports.reserved(notes.bolt_port, reservations) as bolt_port,
            ports.reserved(notes.http_port, reservations) as http_port,
        ):
            self._say_moved(notes.bolt_port, bolt_port)
            self._say_moved(notes.http_port, http_port)
            notes.bolt_port, notes.http_port = bolt_port, http_port
            conf.write_conf(self._folder, notes.version, data, bolt_port, http_port)
            # Noted before the start too: a command killed in between must not leave a server on unknown ports.
            self._write_notes(notes)
            private.make_private(self._folder)
            self._say(f"Starting Neo4j {notes.version}.")
            self._log_before = troubles.length(self._debug_log)
            started = process.start(self._folder, jars, main_class(notes.version), heap, self._log)
            notes.pid = started.pid
            self._write_notes(notes)
            self._wait_until_listening(started, notes)
        return self._wait_until_ready(started, notes)

    def _say_moved(self, wanted: int, taken: int) -> None:
        if wanted != taken:
            self._say(f"Port {wanted} is in use by another program, so Neo4j takes {taken}.")

    def _patience(self) -> Patience:
        return Patience(self._say, f"Neo4j is still starting; its log is {self._log}")

    def _wait_until_listening(self, server: psutil.Process, notes: _Notes) -> None:
        """Wait until the server itself listens on both ports, for as long as it lives."""
        patience = self._patience()
        while not self._listens(server, notes):
            if not process.is_alive(server):
                raise self._ended(notes)
            patience.pause()

    def _listens(self, server: psutil.Process, notes: _Notes) -> bool:
        """Whether it is this server that has both ports, and no other home's."""
        return {notes.bolt_port, notes.http_port} <= process.listening_ports(server)

    def _wait_until_ready(self, server: psutil.Process, notes: _Notes) -> Connection:
        """Wait until the database answers a query: it listens a moment before that, and recovers its data first."""
        from neo4j import GraphDatabase
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        found, patience = self._connection(notes), self._patience()
        with GraphDatabase.driver(
            found.uri, auth=(found.user, found.password), max_transaction_retry_time=0, warn_notification_severity="OFF"
        ) as driver:
            while True:
                # Whoever answers on the port is asked only while that is this very server.
                self._wait_until_listening(server, notes)
                try:
                    driver.execute_query("RETURN 1")
                    return found
                except AuthError as error:
                    if not self._listens(server, notes):
                        continue
                    raise UnreachableError(
                        f"The local Neo4j refuses the password in {self._password_file}; it was changed by hand. "
                        "Write the right one into that file, or start anew with `azgraph neo4j wipe`."
                    ) from error
                except (DriverError, Neo4jError, OSError) as error:
                    if not process.is_alive(server) or _gave_up(driver):
                        process.stop(server)
                        raise self._ended(notes) from error
                    patience.pause()

    def _ended(self, notes: _Notes) -> _EndedError:
        # Neo4j's own log goes on from start to start.
        trouble = troubles.trouble_in(self._log, self._debug_log, before={self._debug_log: self._log_before})
        why = f" It seems that {trouble.sentence}." if trouble else ""
        return _EndedError(f"Neo4j {notes.version} did not start; its log {self._log} says why.{why}", trouble)

    # --- small parts ------------------------------------------------------------------------------------------------

    def _find(self) -> psutil.Process | None:
        return process.find(self._folder, self._read_notes().pid)

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    @property
    def _debug_log(self) -> Path:
        return self._folder / "logs" / "debug.log"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time for each home: a second `up` waits and then finds the server running."""
        path = Path(self._lock.lock_file)
        path.parent.mkdir(parents=True, exist_ok=True)
        patience = Patience(self._say, "Another command is starting or stopping the local Neo4j; waiting for it")
        while True:
            try:
                self._lock.acquire(blocking=False)
                break
            except Timeout:
                patience.pause()
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One sentence where azgraph itself cannot write what the server needs: the disk is full, or not the user's."""
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            if not full and error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            what = "Free some space there" if full else "Make it writable for you"
            raise UnreachableError(
                f"The local Neo4j cannot be started: {self._folder} cannot be written ({error.strerror or error}). "
                f"{what}, or move it with AZGRAPH_HOME, and start it again; its data is kept."
            ) from error

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
            bolt_port, http_port = self._first_ports
            return _Notes(bolt_port=bolt_port, http_port=http_port)

    def _write_notes(self, notes: _Notes) -> None:
        private.write(self._folder / "state.json", json.dumps(asdict(notes)))


def _gave_up(driver: Driver) -> bool:
    """Whether the server is up but could not open its database, which it says of it and tries no more."""
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        rows = driver.execute_query("SHOW DATABASES YIELD currentStatus, statusMessage", database_="system").records
    except (DriverError, Neo4jError, OSError):
        return False
    return any(row["statusMessage"] and row["currentStatus"] != "online" for row in rows)
