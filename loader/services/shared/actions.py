"""Which actions a role allows: Azure's own way of matching `actions` and `notActions`.

Within a block of permissions what `notActions` match is taken from what `actions` match; blocks are united; `*` stands
for anything, in any place; casing does not count. https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from loader.model import Json


def allows(permissions: Iterable[Json], action: str) -> bool:
    """Whether blocks of permissions, as Azure answers them, allow a management action."""
    return any(
        _matches(one.get("actions"), action) and not _matches(one.get("notActions"), action) for one in permissions
    )


def _matches(patterns: object, action: str) -> bool:
    listed = patterns if isinstance(patterns, list) else []
    return any(isinstance(one, str) and _pattern(one).fullmatch(action) for one in listed)


@lru_cache(maxsize=2_000)
def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in written.split("*")), re.IGNORECASE)
