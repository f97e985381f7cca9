"""Recording: every answer that passes is written to HAR files, secrets taken out.

One file for each host and resource provider, one line for each entry, and the file is whole JSON after each entry, so
a broken-off run leaves a recording that can be replayed. Recording again into the same folder adds to it.
"""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from loader.azure.secrets import REDACTED, scrub, scrub_text, scrub_url
from loader.azure.transport.har import entry_of
from loader.azure.transport.wire import Exchange, Sender, WireAnswer, WireRequest
from loader.errors import UsageError
from loader.files import private_folder

# Only what a replay or a reader can use; cookies, tokens and the caller's address never come in.
_KEPT_HEADERS = re.compile(r"^(content-type|retry-after|x-ms-request-id|request-id|x-ms-ratelimit-.*|x-ms-error-code)$")
_HEAD = '{"log": {"version": "1.2", "creator": {"name": "azgraph", "version": "1"}, "entries": ['
_TAIL = "\n]}}\n"


class RecordingSender:
    """Wraps a sender and writes what it answers into `folder`. The answer itself is handed on untouched."""

    def __init__(self, sender: Sender, folder: Path) -> None:
        self._sender = sender
        self._folder = folder
        private_folder(folder)

    async def send(self, request: WireRequest) -> WireAnswer:
        started, at = time.monotonic(), datetime.now(UTC).isoformat()
        answer = await self._sender.send(request)
        if not _is_challenge(request, answer):
            self._write(_scrubbed(request, answer, at), time.monotonic() - started)
        return answer

    async def close(self) -> None:
        await self._sender.close()

    def _write(self, exchange: Exchange, seconds: float) -> None:
        path = self._folder / file_name(exchange.url)
        line = "\n" + json.dumps(entry_of(exchange, seconds), ensure_ascii=False)
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


def _scrubbed(request: WireRequest, answer: WireAnswer, at: str) -> Exchange:
    headers = {name: scrub_text(value) for name, value in answer.headers.items() if _KEPT_HEADERS.match(name)}
    posted = _scrub_body(request.url, request.body) if request.body else None
    body = _scrub_body(request.url, answer.body)
    return Exchange(request.method, scrub_url(request.url), answer.status, headers, body, posted, at)


def _scrub_body(url: str, body: bytes) -> str:
    text = body.decode("utf-8-sig", errors="replace")
    try:
        document = json.loads(text)
    except ValueError:
        return scrub_text(text)
    return json.dumps(_without_settings(url, scrub(document)), ensure_ascii=False)


def _without_settings(url: str, document: Any) -> Any:
    """Answers that are secrets as a whole: application settings, and the value of a Key Vault secret."""
    path = urlsplit(url).path.lower()
    if not isinstance(document, dict):
        return document
    if re.search(
        r"/(config/(appsettings|connectionstrings|authsettings(v2)?|publishingcredentials)/list|listkeys)$", path
    ):
        return {**document, "properties": REDACTED} if "properties" in document else {"value": []}
    return _without_value(document) if ".vault." in urlsplit(url).netloc else document


def _without_value(item: Any) -> Any:
    """A vault's answer without the value of its secret, or of each secret it lists."""
    if not isinstance(item, dict) or "value" not in item:
        return item
    value = item["value"]
    return {**item, "value": [_without_value(one) for one in value] if isinstance(value, list) else REDACTED}
