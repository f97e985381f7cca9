"""Where an answer is: the URL of a path as the demo's YAML writes it, and patterns of such paths."""

from __future__ import annotations

import re
from urllib.parse import quote

ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"
RESOURCE_GRAPH = "/providers/microsoft.resourcegraph/resources"
_LOGS = re.compile(rf"{RESOURCE_GRAPH}$|/eventtypes/management/values\b|/auditlogs/", re.IGNORECASE)


def url_of(path: str) -> str:
    """The host is the area's: Microsoft Graph for its versions, a URL written out as it is, else Resource Manager."""
    if path.startswith("https://"):
        return path
    return (GRAPH if path.startswith(("/v1.0/", "/beta/")) else ARM) + quote(path, safe="/?&=$%#@:,;()'!*+")


def pattern_of(path: str) -> re.Pattern[str]:
    """What matches a path or an id in any casing; `*` in it is one part between slashes."""
    return re.compile(re.escape(path).replace(r"\*", "[^/]+"), re.IGNORECASE)


def is_log(url: str) -> bool:
    """Whether what was done is told there: what happens to a thing later does not happen to that."""
    return bool(_LOGS.search(url))
