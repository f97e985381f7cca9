"""How Python and the C library keep memory while a run lasts."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from loader.garbage import seldom

# glibc's parameter for how many arenas threads share, each of which keeps what it once had: eight for each core,
# unless it is told. https://man7.org/linux/man-pages/man3/mallopt.3.html, malloc.h: M_ARENA_MAX
_MOST_ARENAS = -8


@contextmanager
def memory_of_a_run() -> Iterator[None]:
    """While it lasts, circles of garbage are looked for seldom. From then on all threads take memory from one arena.

    Python's threads take turns anyway, so they do not wait for each other at the arena either: it is 20 MB less, and
    not slower.
    """
    # Other C libraries have no such parameter, and Windows no such library.
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_MOST_ARENAS, 1)
    usual = seldom()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
