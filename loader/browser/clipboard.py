"""The clipboard of whoever sits at this machine, by the program that the system has for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_PATIENCE = 5.0


def copy(text: str) -> bool:
    """Puts a text on the clipboard; tells whether it is there.

    The text goes through a pipe, never into arguments, which other users of the machine may read.
    """
    return any(_copied(command, text) for command in _commands())


def _commands() -> list[list[str]]:
    """What may do it here: nothing where no screen is."""
    if sys.platform == "darwin":
        known = [["pbcopy"]]
    elif sys.platform == "win32" or "WSL_DISTRO_NAME" in os.environ:
        known = [["clip.exe"]]
    else:
        known = [["wl-copy"]] if os.environ.get("WAYLAND_DISPLAY") else []
        if os.environ.get("DISPLAY"):
            known += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    return [[found, *arguments] for name, *arguments in known if (found := shutil.which(name))]


def _copied(command: list[str], text: str) -> bool:
    try:
        # Some of these stay, to hand the text out; they must not hold our output open.
        done = subprocess.run(
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
