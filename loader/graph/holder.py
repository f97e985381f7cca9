"""Who holds the lease: one process of one machine, told apart from every other that has lived or will."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True, slots=True)
class Holder:
    """machine: this start of this kernel, and the process numbers that count on it: containers of one host are
    machines of their own, and two that are both process 1 are not mistaken for each other. began: when the process
    started, since numbers are given again.
    """

    machine: str
    pid: int
    began: float

    @classmethod
    def this_process(cls) -> Holder:
        """The process that asks."""
        return cls(_machine(), os.getpid(), psutil.Process().create_time())

    def is_dead(self) -> bool:
        """Whether the holder certainly lives no more; of other machines nothing is certain, their lease expires."""
        if self.machine != _machine():
            return False
        try:
            return abs(psutil.Process(self.pid).create_time() - self.began) > 1
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False


def _machine() -> str:
    namespace, boot = "", str(psutil.boot_time())
    with suppress(OSError):  # only Linux has them; elsewhere the start of the machine and its name must do
        boot = _BOOT.read_text().strip()
        namespace = str(_NAMESPACE.readlink())
    return f"{socket.gethostname()} {boot} {namespace}"
