"""Writing files of the user's: readable by nobody else, and whole or not at all; reading them with a sentence."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from loader.errors import UsageError

# Reports and recordings name people, machines and weak spots: they are their owner's alone.
FILE_MODE, FOLDER_MODE = 0o600, 0o700


def shipped(name: str) -> Path:
    """A folder that comes with azgraph: inside the installed package, or at the top of the source tree."""
    package = Path(__file__).resolve().parent
    installed = package / "_library" / name
    return installed if installed.is_dir() else package.parent / name


def private_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for its owner alone; one that exists stays as it is.

    Raises UsageError where it cannot be made.
    """
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
            missing.mkdir(mode=FOLDER_MODE, exist_ok=True)
        if not folder.is_dir():
            raise UsageError(f"The folder {folder} cannot be made: a file of that name is there. Name another folder.")
    except OSError as error:
        raise UsageError(f"The folder {folder} cannot be made: {reason_of(error)}. Name another folder.") from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file whole or not at all: beside it first, then in its place.

    A new file is readable by its owner alone; one that exists keeps its mode, and a link goes on pointing where it
    does. What is no file (a terminal, a pipe) is written to as it is. Raises UsageError where it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        target = path.resolve()
        if _is_stream(target):
            with target.open("wb") as stream:
                stream.write(data)
            return
        _refuse(path, target)
        _replace(target, data)
    except OSError as error:
        raise _unwritable(path, error) from error


def refuse_unwritable(path: Path) -> None:
    """Raises UsageError where `write_whole` would, as far as can be told before: for whoever first works for long."""
    try:
        target = path.resolve()
        if _is_stream(target):
            return
        _refuse(path, target)
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target.parent))
    except OSError as error:
        raise _unwritable(path, error) from error


def _is_stream(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


def _refuse(path: Path, target: Path) -> None:
    if target.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise UsageError(f"{path} cannot be written: the folder {target.parent} does not exist. Make it first.")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be written: {reason_of(error)}. What was there before is unchanged.")


def _replace(target: Path, data: bytes) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else FILE_MODE
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}-")
    try:
        with os.fdopen(descriptor, "wb") as part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def read_text(path: Path, *, limit: int) -> str:
    """A file's text, without a byte order mark. limit: in bytes; a file that is larger was not meant.

    Raises UsageError for a folder, a missing, unreadable or larger file, and one that is no UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"{path}:1: the file cannot be read: {reason_of(error)}.") from error
    if len(data) > limit:
        raise UsageError(f"{path}:1: the file is larger than {limit // 1_000_000} MB; is it the right one?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: the file is no UTF-8 text; save it as UTF-8.") from error


def reason_of(error: OSError) -> str:
    """Why the system refused, as it says it: "No space left on device"."""
    return error.strerror or type(error).__name__
