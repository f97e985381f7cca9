"""Questions about what happened between two moments, without the moments: each run asks with other ones."""

from __future__ import annotations

import re
from typing import Any

# What logs call the time by which they are asked: the Activity Log's and the directory audit's.
_ABOUT_TIME = re.compile(r"\b(eventTimestamp|activityDateTime)\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_ANY = "(a moment)"


def without_moments(filtered: str) -> str:
    """A `$filter` by the time of events without its moments; any other one as it is."""
    return _MOMENT.sub(_ANY, filtered) if _ABOUT_TIME.search(filtered) else filtered


def without_moments_in_question(body: Any) -> Any:
    """The body of a question to Azure Resource Graph without its moments and without the subscriptions that it names,
    which differ from run to run too; any other body as it is.
    """
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return body
    kept = {name: value for name, value in body.items() if name != "subscriptions"}
    return {**kept, "query": _MOMENT.sub(_ANY, body["query"])}
