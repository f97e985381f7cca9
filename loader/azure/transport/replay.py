"""Answering from recorded exchanges: no network, no credential.

A request finds its answer by method, host, path without regard to case, and query. `api-version`, `$top`, `$count`,
`$select` and `$expand` only count where several exchanges differ in nothing else: the one that was asked for most of
what is wanted now is served, and of equal ones the latest. What happened between two moments (logs) is asked with the
moments of each run, which count for nothing: what was recorded is all that there is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from loader.azure.transport.grouped import At, GroupedLists, RecordedList
from loader.azure.transport.har import files_of, read_har
from loader.azure.transport.moments import without_moments, without_moments_in_question
from loader.azure.transport.wire import Exchange, NotRecordedError, WireAnswer, WireRequest
from loader.mapping import parse_time

_SOFT = frozenset({"api-version", "$top", "$select", "$expand", "$recurse", "$count"})
_LISTS = frozenset({"$select", "$expand"})
# Graph reads these from another store, under a permission of their own, and only where `$select` names them. A list
# that was asked for without them does not say that there is nothing.
_NAMED_ONLY = frozenset({("$select", "signInActivity")})
_SLASHES = re.compile(r"/{2,}")

Query = tuple[tuple[str, str], ...]
Key = tuple[str, str, str, Query]


@dataclass(frozen=True, slots=True)
class Address:
    """What of a request counts for matching: `key` always, `soft` only to choose between several.

    Of the fields that `$select` and `$expand` name, each is a pair of its own.
    """

    key: Key
    soft: Query

    @classmethod
    def of(cls, method: str, url: str) -> Address:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        host += f":{parts.port}" if parts.port not in (None, 443, 80) else ""
        # SDKs differ in whether they escape the slashes of an ARM id that stands in a path.
        path = _SLASHES.sub("/", unquote(parts.path)).rstrip("/").lower()
        pairs = ((name.lower(), value) for name, value in parse_qsl(parts.query, keep_blank_values=True))
        query = sorted(pair for name, value in pairs for pair in _fields(name, value))
        hard = tuple(pair for pair in query if pair[0] not in _SOFT)
        return cls((method.upper(), host, path, hard), tuple(pair for pair in query if pair[0] in _SOFT))


def _fields(name: str, value: str) -> list[tuple[str, str]]:
    """`$select=id,mail` as two pairs; everything else as the one pair it is."""
    if name == "$filter":
        return [(name, without_moments(value))]
    return [(name, one.strip()) for one in value.split(",")] if name in _LISTS else [(name, value)]


# An empty list is never longer; longer answers need not be read to know that they are none.
_SHORT = 1_000


class ReplayStore:
    """Recorded exchanges, indexed. Read it from HAR files with `from_paths`, or give it exchanges of your own."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._index: dict[Key, list[tuple[Query, Exchange]]] = {}
        self._grouped = GroupedLists()
        self._recorded_at: datetime | None = None
        self._recorded_from: datetime | None = None
        # A stable sort: exchanges of one moment (or without a time) keep the order in which they were given, but that
        # an answer outlasts a refusal, and a refusal an empty list: failure is never emptiness.
        for exchange in sorted(exchanges, key=lambda one: (one.at, _weight(one))):
            address = Address.of(exchange.method, exchange.url)
            self._index.setdefault(address.key, []).append((address.soft, exchange))
            self._recorded_at = parse_time(exchange.at) or self._recorded_at
            self._recorded_from = self._recorded_from or self._recorded_at
            _, host, path, hard = address.key
            if not hard:
                self._grouped.add(host, path, exchange)

    @classmethod
    def from_paths(cls, paths: Iterable[Path | str]) -> ReplayStore:
        """All HAR files at `paths` (files, or folders searched whole). A bad file raises `UsageError`."""
        files = files_of(Path(path) for path in paths)
        return cls(exchange for file in files for exchange in read_har(file))

    def find(self, method: str, url: str, body: bytes | None = None) -> Exchange | None:
        """The exchange that answers this request, or None where nothing of the sort was recorded."""
        found = self._recorded(method, url, body)
        return self._from_groups(Address.of(method, url).key) if found is None and method.upper() == "GET" else found

    def _recorded(self, method: str, url: str, body: bytes | None = None) -> Exchange | None:
        address = Address.of(method, url)
        wanted = set(address.soft)
        found = [pair for pair in self._index.get(address.key, []) if wanted & _NAMED_ONLY <= set(pair[0])]
        if body:
            # An exchange that was recorded without its request's body answers any body.
            found = [pair for pair in found if pair[1].request_body is None or _same(pair[1].request_body, body)]
        if not found:
            return None
        # max() takes the first of equals, so the latest must come first.
        return max(reversed(found), key=lambda pair: _likeness(set(pair[0]), wanted))[1]

    def _from_groups(self, key: Key) -> Exchange | None:
        _, host, path, hard = key
        if hard:
            return None
        listed = self._index.get(("GET", host, "/".join([*path.split("/")[:3], "resourcegroups"]), ()))
        return self._grouped.find(host, path, _groups(listed or [], self._page), self._page)

    def _page(self, url: str) -> Exchange | None:
        return self._recorded("GET", url)

    def hosts(self) -> set[str]:
        """The hosts that were recorded, in lower case."""
        return {host for _, host, _, _ in self._index}

    def subscription_ids(self) -> list[str]:
        """Subscriptions whose URLs were answered with success at least once, in lower case, sorted."""
        ids = set()
        for (_, _, path, _), found in self._index.items():
            parts = path.split("/")
            if len(parts) > 2 and parts[1] == "subscriptions" and any(_good(one) for _, one in found):
                ids.add(parts[2])
        return sorted(ids)

    def subscription(self, identifier: str) -> dict[str, Any]:
        """What was recorded of one subscription, or no more than its ids."""
        known = {"id": f"/subscriptions/{identifier}", "subscriptionId": identifier}
        for (_, _, path, _), found in self._index.items():
            if path == f"/subscriptions/{identifier}":
                for item in (item for _, one in found if _good(one) for item in _items(_json(one.body))):
                    # A page that another host was asked for has something else under this address.
                    known |= item if str(item.get("id")).lower() == path else {}
        return known

    def tenant_id(self) -> str | None:
        """The recorded organization's id, where there is one only; else the tenant that most subscriptions name.

        A subscription that another tenant has delegated names that other tenant.
        """
        tenants: Counter[str] = Counter()
        organizations: Counter[str] = Counter()
        for (_, _, path, _), found in self._index.items():
            if path == "/subscriptions" or re.fullmatch(r"/subscriptions/[^/]+", path):
                tenants.update(_named(found, "tenantId"))
            elif path.endswith("/organization"):
                organizations.update(_named(found, "id"))
        best = organizations.most_common() if len(organizations) == 1 else tenants.most_common(1)
        best = best or organizations.most_common(1)
        return best[0][0] if best else None

    def recorded_at(self) -> datetime | None:
        """When the latest answer was recorded; None where no exchange tells a time."""
        return self._recorded_at

    def recorded_from(self) -> datetime | None:
        """When the first answer was recorded; None where no exchange tells a time."""
        return self._recorded_from


def _likeness(recorded: set[tuple[str, str]], wanted: set[tuple[str, str]]) -> tuple[bool, int, int, bool]:
    """How well soft parameters fit: as much as possible of what is wanted, with as little else as possible.

    So a list that was asked for by many of the fields wanted now is taken before one that was asked for without any.
    One that was asked for the sake of another store comes last where that is not wanted. The API version counts least:
    recordings are older than the SDK that asks.
    """
    version = {pair for pair in wanted if pair[0] == "api-version"}
    asked = {pair for pair in recorded if pair[0] != "api-version"}
    own_purpose = not (asked & _NAMED_ONLY) - wanted
    return own_purpose, len(asked & wanted), -len(asked - wanted), bool(version & recorded)


def _good(exchange: Exchange) -> bool:
    return 200 <= exchange.status < 300


def _weight(exchange: Exchange) -> int:
    """What counts for more among exchanges of one moment: an answer (2), a refusal (1), an empty list (0)."""
    if not _good(exchange):
        return 1
    answer = _json(exchange.body) if len(exchange.body) < _SHORT else None
    return 0 if isinstance(answer, dict) and answer.get("value") == [] else 2


def _named(found: list[tuple[Query, Exchange]], field: str) -> list[str]:
    answers = [_json(exchange.body) for _, exchange in found if _good(exchange)]
    items = [item for answer in answers for item in _items(answer)]
    return [str(item[field]) for item in items if item.get(field)]


def _groups(found: list[tuple[Query, Exchange]], at: At) -> list[str] | None:
    """The names of a subscription's resource groups; None where no list of them was recorded to its end."""
    lists = [RecordedList.of(exchange, at) for _, exchange in found if _good(exchange)]
    names = [item.get("name") for one in lists for item in one.items]
    known = [name for name in names if isinstance(name, str) and name]
    return known if any(one.whole for one in lists) and len(known) == len(names) else None


def _items(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, dict):
        return []
    listed = answer.get("value")
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else [answer]


def _json(body: str | bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _same(one: str | bytes, other: str | bytes) -> bool:
    first, second = without_moments_in_question(_json(one)), without_moments_in_question(_json(other))
    return first == second if first is not None or second is not None else one == other


class ReplaySender:
    """Answers from a store. `not_recorded` lists what was asked in vain, as "GET host/path", once each."""

    def __init__(self, store: ReplayStore) -> None:
        self.store = store
        self._missing: dict[str, None] = {}

    @property
    def not_recorded(self) -> list[str]:
        return list(self._missing)

    async def send(self, request: WireRequest) -> WireAnswer:
        found = self.store.find(request.method, request.url, request.body)
        if found is None:
            parts = urlsplit(request.url)
            asked = f"{request.method} {parts.netloc}{_SLASHES.sub('/', parts.path)}"
            self._missing[asked] = None
            raise NotRecordedError(asked)
        headers = {"content-type": "application/json; charset=utf-8"}
        headers.update({name.lower(): value for name, value in found.headers.items()})
        return WireAnswer(found.status, headers, found.body if isinstance(found.body, bytes) else found.body.encode())

    async def close(self) -> None:
        """Nothing is open."""
