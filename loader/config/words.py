"""What values look like, and the sentences for those that do not."""

from __future__ import annotations

import re
from collections.abc import Callable

HTTPS = r"https://[^/\s?#@]+(/[^\s?#]*)?"
TENANT = (
    r"[A-Za-z0-9.-]{1,128}",
    "an id (a GUID) or, for a tenant, one of its domains, such as contoso.onmicrosoft.com",
)
KEY_VAULT_SECRET = (
    r"https://[A-Za-z0-9-]{3,24}\.vault\.[a-z.]+/secrets/[A-Za-z0-9-]+(/[0-9a-f]{32})?",
    "a secret's address in a key vault, such as https://contoso.vault.azure.net/secrets/azgraph",
)


def in_words(pattern: str, what: str) -> Callable[[str], str]:
    """A validator whose error says what to write. The value is not repeated: it may be a secret in the wrong place."""

    def check(written: str) -> str:
        if not re.fullmatch(pattern, written):
            raise ValueError(f"this is not {what}")
        return written

    return check
