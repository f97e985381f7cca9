"""What values look like, and the sentences for those that do not."""

from __future__ import annotations

import re
from collections.abc import Callable

HTTPS = r"https://[^/\s?#@]+(/[^\s?#]*)?"
TENANT = (
    r"[A-Za-z0-9.-]{1,128}",
    "an id (a GUID) or, for a tenant, one of its domains, such as contoso.onmicrosoft.com",
)
_PORT = r"(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]\d{4}|\d{1,4})"
LISTEN = (
    rf"([^\s:\[\]]+|\[[0-9a-fA-F:]+\]):{_PORT}",
    "HOST:PORT with a port up to 65535, such as 127.0.0.1:9464",
)
SYSLOG = (
    rf"(udp|tcp|tls)://([^/\s:@]+|\[[0-9a-fA-F:]+\]):{_PORT}",
    "an address such as tls://logs.contoso.com:6514, with a port up to 65535",
)
# The schemes that Neo4j's driver knows, without those of its HTTP preview.
NEO4J = (
    r"(?i:bolt|neo4j)(?i:\+s|\+ssc)?://[^\s?#@]+(\?\S*)?",
    (
        "an address of Neo4j such as neo4j+s://example.databases.neo4j.io, without name and password; it begins with "
        "bolt, bolt+s, bolt+ssc, neo4j, neo4j+s or neo4j+ssc"
    ),
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
