"""The places in Azure at which a role is assigned."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loader.errors import UsageError

_SCOPE = re.compile(
    r"/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/resourceGroups/[\w().-]{1,90})?"
    r"|/providers/Microsoft\.Management/managementGroups/[\w().-]{1,90}",
    re.IGNORECASE,
)


def checked_scopes(named: Sequence[str]) -> list[str]:
    """The scopes, once each. Raises UsageError for one that is none of a custom role's."""
    for one in named:
        if not _SCOPE.fullmatch(one):
            raise UsageError(
                f"{one!r} is no scope of a custom role. Give /subscriptions/<id>, /subscriptions/<id>/resourceGroups/"
                "<name> or /providers/Microsoft.Management/managementGroups/<name>."
            )
    if sum("/managementgroups/" in one.lower() for one in named) > 1:
        raise UsageError("A custom role may have one management group among its scopes; name one that is above all.")
    return list(dict.fromkeys(named))
