"""Where a secret stands, and reading it: from the environment, or from a file that is its owner's alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from loader.errors import UsageError
from loader.files import read_text, reason_of

_LONGEST = 1_000_000


def from_variable(name: str, environment: Mapping[str, str]) -> str:
    """A secret in an environment variable. Raises UsageError where it is not set, or empty."""
    value = environment.get(name, "")
    if not value:
        raise UsageError(f"The environment variable {name}, which the configuration names, is not set. Set it.")
    return value


def from_file(path: Path) -> str:
    """A secret that is the first line of a file. Raises UsageError for a file that others can read."""
    path = path.expanduser()
    try:
        found = path.stat()
    except OSError as error:
        raise UsageError(f"The secret's file {path} cannot be read: {reason_of(error)}. Correct its path.") from error
    refuse_shared(path, found)
    lines = read_text(path, limit=_LONGEST).splitlines()
    if not lines or not lines[0].strip():
        raise UsageError(f"The secret's file {path} is empty; its first line is the secret.")
    return lines[0].strip()


def refuse_shared(path: Path, found: os.stat_result) -> None:
    """Raises UsageError where a file with a secret is open to others.

    Its owner's group is others too. A file that is somebody else's and given to us by a group, as Kubernetes mounts
    secrets (`defaultMode: 0440` with `fsGroup`), is not.
    """
    if os.name != "posix":
        return
    own = found.st_uid == os.geteuid() and found.st_uid != 0
    if stat.S_IMODE(found.st_mode) & (0o077 if own else 0o027):
        raise UsageError(
            f"The secret's file {path} can be read or changed by other users of this machine (mode "
            f"{stat.S_IMODE(found.st_mode):04o}), so its secret is not taken for one. Run `chmod 600 {path}`; and if "
            "others may have read it, make a new secret."
        )
