"""How often Python looks for circles of garbage while a run lasts."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A run makes objects by the hundred thousand and few circles of them. As usual Python would look after each 700, and
# often at all that there is: a fifth of the processor time of a first load (docs/scale.md).
_SELDOM = (50_000, 20, 20)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """While it lasts, circles are looked for seldom."""
    usual = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
