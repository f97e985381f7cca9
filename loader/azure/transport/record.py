"""Recording: every answer that passes is written to HAR files, secrets taken out.

One file for each host and resource provider, one line for each entry, and the file is whole JSON after each entry, so
a broken-off run leaves a recording that can be replayed. Each entry names what was taken out of it. Recording again
into the same folder adds to it.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from loader.azure.transport.har import entry_of
from loader.azure.transport.wire import Exchange, Sender, WireAnswer, WireRequest
from loader.errors import UsageError
from loader.files import private_folder
from loader.secrets import Cleaning, Places

# Only what a replay or a reader can use; cookies, tokens and the caller's address never come in.
_KEPT_HEADERS = re.compile(r"^(content-type|retry-after|x-ms-request-id|request-id|x-ms-ratelimit-.*|x-ms-error-code)$")
_HEAD = '{"log": {"version": "1.2", "creator": {"name": "azgraph", "version": "1"}, "entries": ['
_TAIL = "\n]}}\n"


@dataclass(slots=True)
class Recording:
    """Where a session is recorded, and what was taken out of it so far: how many secrets, by their place.

    places: where the answers of each entity type can hold secrets.
    """

    folder: Path
    places: Places = field(default_factory=Places)
    taken_out: Counter[str] = field(default_factory=Counter)


class RecordingSender:
    """Wraps a sender and writes what it answers into a folder. The answer itself is handed on untouched."""

    def __init__(self, sender: Sender, recording: Recording) -> None:
        self._sender = sender
        self._recording = recording
        private_folder(recording.folder)

    async def send(self, request: WireRequest) -> WireAnswer:
        started, at = time.monotonic(), datetime.now(UTC).isoformat()
        answer = await self._sender.send(request)
        if not _is_challenge(request, answer):
            self._record(request, answer, at, time.monotonic() - started)
        return answer

    async def close(self) -> None:
        await self._sender.close()

    def _record(self, request: WireRequest, answer: WireAnswer, at: str, seconds: float) -> None:
        taken_out: Counter[str] = Counter()
        cleaning = Cleaning(self._recording.places, lambda finding: taken_out.update([finding.place]))
        exchange = _cleaned(request, answer, at, cleaning)
        self._recording.taken_out.update(taken_out)
        path = self._recording.folder / file_name(exchange.url)
        line = "\n" + json.dumps(entry_of(exchange, seconds, taken_out), ensure_ascii=False)
        try:
            _append(path, line)
        except OSError as error:
            raise UsageError(f"The recording cannot be written to {path}: {error.strerror}.") from error


def _append(path: Path, line: str) -> None:
    """Puts `line` in the list of entries and closes the JSON again."""
    fresh = not path.exists()
    if fresh:
        # A recording names people and machines: only its owner may read it.
        path.touch(mode=0o600)
    # Unbuffered, so that each entry is one write: a killed run leaves whole JSON behind.
    with path.open("r+b", buffering=0) as file:
        if fresh:
            file.write((_HEAD + line + _TAIL).encode())
            return
        file.seek(-len(_TAIL), os.SEEK_END)
        if file.read() != _TAIL.encode():
            raise UsageError(f"{path} was not written by azgraph or was cut off. Record into an empty folder.")
        file.seek(-len(_TAIL), os.SEEK_END)
        file.write(("," + line + _TAIL).encode())


def file_name(url: str) -> str:
    """The file an exchange is kept in, such as "management.azure.com-microsoft.network.har"."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.lower().split("/") if segment]
    if "providers" in segments[:-1]:
        group = segments[len(segments) - 1 - segments[::-1].index("providers", 1) + 1]
    elif segments[:1] in (["v1.0"], ["beta"]):
        group = segments[1] if len(segments) > 1 else "root"
    else:
        group = segments[0] if segments else "root"
    return re.sub(r"[^a-z0-9.-]", "_", f"{parts.netloc.lower()}-{group}") + ".har"


def _is_challenge(request: WireRequest, answer: WireAnswer) -> bool:
    """Key Vault's clients first ask without a token to be told where to sign in: no answer to what was asked."""
    return answer.status == 401 and not any(name.lower() == "authorization" for name in request.headers)


def _cleaned(request: WireRequest, answer: WireAnswer, at: str, cleaning: Cleaning) -> Exchange:
    """The exchange without its secrets: of address, request's body, answer's body and headers alike."""
    kept = {name: value for name, value in answer.headers.items() if _KEPT_HEADERS.match(name)}
    headers = {name: cleaning.header(name, value) for name, value in kept.items()}
    posted = cleaning.body(_text(request.body), request.url) if request.body else None
    body = cleaning.body(_text(answer.body), request.url)
    return Exchange(request.method, cleaning.text(request.url, "url"), answer.status, headers, body, posted, at)


def _text(body: bytes) -> str:
    return body.decode("utf-8-sig", errors="replace")
