"""Find ports on loopback that nobody uses."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from loader.errors import UnreachableError

LOOPBACK = "127.0.0.1"
_TRIES = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on the port. Connecting first also sees servers that listen on all addresses."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        # As Neo4j itself does: a port whose last connections are only timing out is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def common_folder(otherwise: Path) -> Path:
    """Where all homes of this user reserve ports on this machine, whatever caches they have; `otherwise` where there is
    no such place, or it is somebody else's: then two starts at once may take one port, and the later one tries again.
    """
    user = str(os.getuid()) if hasattr(os, "getuid") else ""
    folder = Path(tempfile.gettempdir()) / f"azgraph-ports-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        known = folder.lstat()
    except OSError:
        return otherwise
    own = stat.S_ISDIR(known.st_mode) and (not user or known.st_uid == int(user))
    return folder if own and os.access(folder, os.W_OK) else otherwise


@contextmanager
def reserved(first: int, folder: Path) -> Iterator[int]:
    """The first free port from `first` on, for a server that is started within the block.

    A server listens only seconds after its start; a lock file in `folder` keeps the port from the starts of other
    homes meanwhile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for port in range(first, first + _TRIES):
        try:
            with FileLock(folder / f"{port}.lock", blocking=False):
                if is_free(port):
                    yield port
                    return
        except Timeout:
            continue
    raise UnreachableError(f"No port from {first} to {first + _TRIES - 1} is free for Neo4j; stop some program.")
