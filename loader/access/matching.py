"""Which actions blocks of permissions allow: Azure's own matching of `actions` and `notActions`.

Within a block what `notActions` match is taken from what `actions` match; blocks are united; `*` stands for anything in
any place; casing does not count. https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Block:
    """One block of permissions of a role or a deny assignment."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


def allows(blocks: Iterable[Block], action: str, *, data: bool) -> bool:
    """Whether any of the blocks allows an action, on data or on the management plane."""
    return any(
        _matches(one.data_actions if data else one.actions, action)
        and not _matches(one.not_data_actions if data else one.not_actions, action)
        for one in blocks
    )


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(_pattern(one).fullmatch(action) for one in patterns)


@lru_cache(maxsize=20_000)
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in written.split("*")), re.IGNORECASE | re.DOTALL)
