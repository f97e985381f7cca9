"""Files that only the user may read, whatever the umask: a graph of a tenant is nobody else's to see."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO

UMASK = 0o077


def make_private(folder: Path) -> None:
    """Take all rights on a folder and everything below it from everyone but its owner. Links are not followed.

    Also mends what older versions of azgraph, or a server that they started, left readable. A file that vanishes
    meanwhile, as a running server's do, is none to mend.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place, folders, files in os.walk(folder):
        for path in [Path(place), *(Path(place) / name for name in (*folders, *files))]:
            with suppress(OSError):
                mode = path.lstat().st_mode
                if mode & UMASK and not path.is_symlink():
                    path.chmod(mode & ~UMASK & 0o777)


def create(path: Path) -> IO[bytes]:
    """A new, empty file, open for writing, in place of what may be there."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def write(path: Path, text: str) -> None:
    """Put a text into a file, all of it or nothing."""
    part = path.with_name(path.name + ".part")
    with create(part) as file:
        file.write(text.encode())
    part.replace(path)
