"""Where an answer is: the URL of a path as the demo's YAML writes it, and patterns of such paths."""

from __future__ import annotations

import re
from urllib.parse import quote

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"


def url_of(path: str) -> str:
    """The host is the area's: Microsoft Graph for its versions, a URL written out as it is, else Resource Manager."""
    if path.startswith("https://"):
        return path
    return (GRAPH if path.startswith(("/v1.0/", "/beta/")) else ARM) + quote(path, safe="/?&=$%#@:,;()'!*+")


def pattern_of(path: str) -> re.Pattern[str]:
    """What matches a path or an id in any casing; `*` in it is one part between slashes."""
    return re.compile(re.escape(path).replace(r"\*", "[^/]+"), re.IGNORECASE)
