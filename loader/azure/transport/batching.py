"""Up to 20 requests of Microsoft Graph in one HTTP request: https://learn.microsoft.com/graph/json-batching

It stands below pace, retries and recording: each request has waited for its bucket, is counted and tried again by
itself, and is recorded with an answer of its own, as if it had been sent alone. Graph counts each of them too, and each
has a status and a Retry-After of its own: https://learn.microsoft.com/graph/throttling#throttling-and-batching
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from loader.azure.parsing import bytes_of, json_of
from loader.azure.transport.wire import ConnectionBrokenError, Sender, WireAnswer, WireRequest

MOST = 20
# So many batches at a time: as many requests as are in flight otherwise.
_AT_ONCE = 16
# How long the first of a batch waits for others, in seconds: a fraction of what an answer takes.
_WAIT = 0.01
# What the batch says once for all of its requests, or what each connection says for itself.
_OF_BATCH = {"authorization", "user-agent", "host", "connection", "content-length", "accept-encoding"}
# Refusals of the batch itself that are each request's: to sign in anew, and to be slower.
_OF_ALL = {401, 408, 429, 500, 502, 503, 504}

_Answer = asyncio.Future[WireAnswer]


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: WireRequest
    path: str
    answer: _Answer


class Batches:
    """Wraps a sender. saved: how many HTTP requests fewer were sent than there were requests.

    What is not marked as one of many (`WireRequest.batch`) is sent as it is; so is everything, once a batch itself was
    refused.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._waiting: dict[tuple[str, str], list[_Waiting]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._sending: set[asyncio.Task[None]] = set()
        self._refused = False
        self.saved = 0

    async def send(self, request: WireRequest) -> WireAnswer:
        root, path = _split(request.url)
        if self._refused or not request.batch or request.method != "GET" or not path:
            return await self._sender.send(request)
        loop = asyncio.get_running_loop()
        one = _Waiting(request, path, loop.create_future())
        # One token and one version a batch.
        key = (root, _header(request.headers, "authorization"))
        waiting = self._waiting.setdefault(key, [])
        waiting.append(one)
        if len(waiting) == MOST:
            self._flush(key, waiting)
        elif len(waiting) == 1:
            loop.call_later(_WAIT, self._flush, key, waiting)
        return await one.answer

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await self._sender.close()

    def _flush(self, key: tuple[str, str], waiting: list[_Waiting]) -> None:
        if self._waiting.get(key) is waiting:
            del self._waiting[key]
            task = asyncio.get_running_loop().create_task(self._send(key[0], waiting))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, root: str, waiting: list[_Waiting]) -> None:
        # Whoever was cancelled meanwhile wants no answer.
        listed = [one for one in waiting if not one.answer.done()]
        try:
            async with self._places:
                if len(listed) > 1 and not self._refused:
                    await self._together(root, listed)
                for one in listed:
                    if not one.answer.done():
                        await _alone(self._sender, one)
        except BaseException as error:
            for one in listed:
                if not one.answer.done():
                    one.answer.set_exception(error) if isinstance(error, Exception) else one.answer.cancel()
            if not isinstance(error, Exception):
                raise

    async def _together(self, root: str, listed: list[_Waiting]) -> None:
        """Sends one batch; what it leaves unanswered is to be sent alone."""
        asked = [
            {"id": str(number), "method": "GET", "url": one.path, "headers": _own(one.request.headers)}
            for number, one in enumerate(listed)
        ]
        first = listed[0].request.headers
        headers = {
            "Authorization": _header(first, "authorization"),
            "User-Agent": _header(first, "user-agent") or "azgraph",
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        post = WireRequest("POST", f"{root}/$batch", headers, orjson.dumps({"requests": asked}))
        answer = await self._sender.send(post)
        self.saved += len(listed) - 1
        if answer.status in _OF_ALL:
            for one in listed:
                _give(one, WireAnswer(answer.status, answer.headers, answer.body, one.request.url))
            return
        if answer.status >= 300:
            # Something between here and Graph takes no batches.
            self._refused = True
            return
        told = _responses(answer)
        for number, one in enumerate(listed):
            found = told.get(str(number))
            if found is None:
                # As good as a connection that was cut: tried again by those who do that.
                if not one.answer.done():
                    one.answer.set_exception(ConnectionBrokenError("no answer in the batch of Microsoft Graph"))
            else:
                _give(one, _answer_of(found, answer.headers, one.request.url))


async def _alone(sender: Sender, one: _Waiting) -> None:
    try:
        _give(one, await sender.send(one.request))
    except Exception as error:  # noqa: BLE001 - it is raised to whoever waits for this one
        if not one.answer.done():
            one.answer.set_exception(error)


def _give(one: _Waiting, answer: WireAnswer) -> None:
    if not one.answer.done():
        one.answer.set_result(answer)


def _split(url: str) -> tuple[str, str]:
    """The address up to Graph's version, and the rest; an empty rest where it names no version."""
    parts = urlsplit(url)
    for version in ("/v1.0", "/beta"):
        if parts.path.startswith(f"{version}/"):
            root = f"{parts.scheme}://{parts.netloc}{version}"
            return root, url[len(root) :].partition("#")[0]
    return "", ""


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _own(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_BATCH}


def _responses(answer: WireAnswer) -> dict[str, dict[str, Any]]:
    """The answers of a batch by the ids of their requests; they come in any order. Nothing where it is none.

    Of two that differ under one id nobody knows which is whose, so both are left out.
    """
    try:
        body = json_of(answer.body)
    except ValueError:
        return {}
    listed = body.get("responses") if isinstance(body, dict) else None
    found = listed if isinstance(listed, list) else []
    told: dict[str, dict[str, Any]] = {}
    doubtful: set[str] = set()
    for one in found:
        good = isinstance(one, dict) and "id" in one and isinstance(one.get("status"), int)
        if good and told.setdefault(str(one["id"]), one) != one:
            doubtful.add(str(one["id"]))
    return {name: one for name, one in told.items() if name not in doubtful}


def _answer_of(found: Mapping[str, Any], outer: Mapping[str, str], url: str) -> WireAnswer:
    own = found.get("headers")
    headers = {str(name).lower(): str(value) for name, value in own.items()} if isinstance(own, dict) else {}
    if "date" in outer:
        headers.setdefault("date", outer["date"])
    body = found.get("body")
    if isinstance(body, str):
        # What is no JSON comes as base64.
        try:
            return WireAnswer(found["status"], headers, base64.b64decode(body, validate=True), url)
        except (ValueError, binascii.Error):
            return WireAnswer(found["status"], headers, body.encode(), url)
    return WireAnswer(found["status"], headers, b"" if body is None else bytes_of(body), url)
