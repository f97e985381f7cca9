"""Lists of a whole subscription, put together from the lists of its resource groups.

Other tools ask Azure group by group where one list of the subscription would do. Their recordings hold the same
entities, so a replay answers the one list from the many. It is whole only if each recorded group was asked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from loader.azure.answers import Answer, items_of
from loader.azure.errors import AzureError
from loader.azure.paging import Trail
from loader.azure.parsing import json_of
from loader.azure.transport.wire import Exchange
from loader.model import Json

_IN_GROUP = re.compile(r"(/subscriptions/[^/]+)/resourcegroups/([^/]+)(/providers/[^/]+/[^/]+)")
_OF_SUBSCRIPTION = re.compile(r"(/subscriptions/[^/]+)/providers/[^/]+/[^/]+")
# Where groups are missing the list goes on, to a page that no recording holds: so its step does not end whole.
_MORE = "https://{host}{path}?$skiptoken=groups-that-were-not-recorded"
_WHAT = "a recorded list"


# The exchange that was recorded at an address; None where none was.
At = Callable[[str], Exchange | None]


@dataclass(frozen=True, slots=True)
class RecordedList:
    """The objects of a recorded list. whole: its pages are lists, of nothing else, and were recorded to the last."""

    items: list[Json]
    whole: bool

    @classmethod
    def of(cls, exchange: Exchange, at: At) -> RecordedList:
        """What was recorded of a list. exchange: its first page; at: finds the others.

        An error, `null` or `{}` under a status of success is no list, and not empty.
        """
        items: list[Json] = []
        trail, page, odd = Trail(_WHAT), exchange, 0
        try:
            while True:
                body = json_of(page.body if isinstance(page.body, bytes) else page.body.encode())
                answer = Answer(page.url, page.status, body)
                found = items_of(answer, _WHAT)
                items += found.objects
                odd += found.odd + (not isinstance(body, dict))
                link = trail.after(answer)
                if link is None:
                    return cls(items, whole=not odd)
                more = at(link)
                if more is None:
                    return cls(items, whole=False)
                page = more
        except (AzureError, ValueError, RecursionError):
            return cls(items, whole=False)


class GroupedLists:
    """The lists that were recorded group by group. Paths are in lower case and without a query."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], dict[str, Exchange]] = defaultdict(dict)

    def add(self, host: str, path: str, exchange: Exchange) -> None:
        """Keeps the list of one group; of several the last one counts."""
        found = _IN_GROUP.fullmatch(path)
        if found is not None and exchange.method.upper() == "GET" and 200 <= exchange.status < 300:
            self._lists[host, found[1] + found[3]][found[2]] = exchange

    def find(self, host: str, path: str, groups: Iterable[str] | None, at: At) -> Exchange | None:
        """The list of a subscription; None where no group of it was asked.

        groups: those it has, None if not known; at: finds the further pages of lists.
        """
        asked = self._lists.get((host, path))
        if asked is None or _OF_SUBSCRIPTION.fullmatch(path) is None:
            return None
        items: dict[str, Any] = {}
        whole = groups is not None and {group.lower() for group in groups} <= asked.keys()
        for exchange in asked.values():
            listed = RecordedList.of(exchange, at)
            whole = whole and listed.whole
            items.update({str(item.get("id")).lower(): item for item in listed.items})
        more = None if whole else _MORE.format(host=host, path=path)
        return Exchange.of_json(f"https://{host}{path}", {"value": list(items.values()), "nextLink": more})
