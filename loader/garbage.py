"""How often Python looks for garbage that it can only find by looking at all there is."""

from __future__ import annotations

import gc

# azgraph imports thousands of classes that stay, and makes objects by the hundred thousand and few circles of them. As
# usual Python would look after each 700, and often at all that there is: a fifth of the processor time of a first load
# (docs/scale.md).
_SELDOM = (150_000, 20, 20)


def seldom() -> tuple[int, int, int]:
    """From now on circles of garbage are looked for seldom; gives how often they were before."""
    usual = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    return usual
