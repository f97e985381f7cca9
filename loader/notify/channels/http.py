"""Requests of channels: bounded in time and size, never led elsewhere, tried again where that cannot do it twice."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx
import tenacity

from loader import __version__
from loader.azure.transport.buckets import retry_after
from loader.notify.channels.channel import NotDeliveredError
from loader.notify.hidden import without
from loader.reaching import why_unreached
from loader.trusted import tls_context

_TRIES = 3
_LARGEST_ANSWER = 20_000_000
_TIMEOUT = httpx.Timeout(30, connect=10)
# The server has not taken it, and may soon.
_BUSY = (429, 502, 503, 504)
# What is wrong with the message itself; with all else the next one would meet the same.
_NOT_THIS_ONE = (400, 409, 413, 415, 422)
# What it was about is not there, or was moved away.
_GONE = (404, 410)
_LONGEST_WAIT = 20.0


@dataclass(frozen=True, slots=True)
class Answered:
    """A server's answer of the kind that was asked for."""

    status: int
    headers: httpx.Headers
    content: bytes

    def json(self) -> Any:
        """The answer's document. Raises NotDeliveredError where it is none: it is some other server."""

        try:
            return json.loads(self.content)
        except ValueError as error:
            raise NotDeliveredError("the answer is no JSON; is the address right?") from error


class Http:
    """Requests to one server. secrets: what no sentence may quote. wait: how long the first pause is, in seconds."""

    wait = 0.5

    def __init__(self, base: str, headers: Mapping[str, str] | None = None, *, secrets: Iterable[str] = ()) -> None:
        self.base, self._secrets = base.rstrip("/"), tuple(secrets)
        self._host = urlsplit(base).netloc.rpartition("@")[2]
        self._headers = {"User-Agent": f"azgraph/{__version__}", "Accept": "application/json", **(headers or {})}

    def ask(self, method: str, path: str, *, twice: bool = True, **what: Any) -> Answered:
        """One request. twice: doing it twice does no harm, so that it is tried again though it may have been done.

        Raises NotDeliveredError where it was certainly refused, or may safely be asked again.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: _again(error, twice=twice)),
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=self._pause,
            reraise=True,
        )
        try:
            answered: Answered = retrying(self._ask, method, path, what)
        except _BusyError as error:
            told = f"{self._host} is busy (status {error.status})"
            raise NotDeliveredError(told, after=error.after or 0) from error
        except httpx.RequestError as error:
            why = why_unreached(error) or f"the connection broke ({type(error).__name__})"
            raise NotDeliveredError(f"{self._host} could not be reached: {why}") from error
        return self._judged(answered)

    def _ask(self, method: str, path: str, what: Mapping[str, Any]) -> Answered:
        url = path if path.startswith(("https://", "http://")) else f"{self.base}{path}"
        headers = {**self._headers, **what.get("headers", {})}
        with (
            httpx.Client(timeout=_TIMEOUT, follow_redirects=False, verify=self._trust) as client,
            client.stream(method, url, **{**what, "headers": headers}) as response,
        ):
            if response.status_code in _BUSY:
                raise _BusyError(response.status_code, retry_after(response.headers))
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST_ANSWER:
                    raise NotDeliveredError(f"{self._host} answers more than anybody would; is the address right?")
            return Answered(response.status_code, response.headers, content)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """The authorities that are trusted; to read them takes longer than a request."""
        return tls_context()

    def _pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _BusyError) and error.after is not None:
            return error.after
        return float(self.wait * 2**state.attempt_number)

    def _judged(self, answered: Answered) -> Answered:
        status = answered.status
        if status < 300:
            return answered
        if status < 400:
            raise NotDeliveredError(
                f"{self._host} sends us elsewhere (status {status}), and nothing is sent there; correct the address"
            )
        said = without(self._secrets, answered.content[:2_000].decode("utf-8", "replace"))
        told = f"{self._host} refused it (status {status}{': ' + said if said else ''})"
        this_one = status in _NOT_THIS_ONE
        after = retry_after(answered.headers) or 0
        raise NotDeliveredError(told, lasting=this_one, down=not this_one, gone=status in _GONE, after=after)


class _BusyError(Exception):
    """after: the seconds that it wants to be left alone, None where it does not say."""

    def __init__(self, status: int, after: float | None) -> None:
        super().__init__(status)
        self.status, self.after = status, after


def _again(error: BaseException, *, twice: bool) -> bool:
    if isinstance(error, _BusyError):
        # Whoever wants to be left alone for longer than anybody stands here is asked with the next sending.
        return (twice or error.status == 429) and (error.after or 0) <= _LONGEST_WAIT
    return isinstance(error, httpx.RequestError) and (twice or isinstance(error, httpx.ConnectError))
