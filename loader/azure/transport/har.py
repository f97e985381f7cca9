"""HAR 1.2 files: reading them strictly, and the shape of one entry."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from loader.azure.transport.wire import Exchange
from loader.errors import UsageError


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The HAR files at `paths`, each a file or a folder (searched whole), sorted by name within a folder."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.har"))
            if not inside:
                raise UsageError(f"{path} holds no .har file. Name a folder that `azgraph sync --record` wrote.")
            found.extend(inside)
        elif path.exists():
            # Also what is no file of a disk, such as a pipe that a recording is unpacked into.
            found.append(path)
        else:
            raise UsageError(f"{path} does not exist. Name a HAR file or a folder of them.")
    return found


def read_har(path: Path) -> Iterator[Exchange]:
    """The exchanges of one file, in its order. Raises `UsageError` naming file, entry and reason."""
    for number, entry in enumerate(entries_of(read_document(path)), start=1):
        yield exchange_of(entry, path, number)


def entries_of(document: Any) -> list[Any]:
    """The entries of a document that `read_document` gave, unread."""
    found: list[Any] = document["log"]["entries"]
    return found


def read_document(path: Path) -> Any:
    """One HAR file as JSON with a list of entries. Raises `UsageError` naming file, line and reason."""
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path}, line {error.lineno}: not JSON ({error.msg}). If a recording was broken off, record it again."
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON text in UTF-8.") from error
    except ValueError as error:
        raise UsageError(f"{path} holds a number that cannot be read: {str(error).partition(';')[0]}.") from error
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise UsageError(f'{path} is not a HAR file: it has no list at "log.entries".')
    return document


def exchange_of(entry: Any, path: Path, number: int) -> Exchange:
    """One entry as an exchange. Raises `UsageError` naming file, entry and reason."""
    try:
        return _exchange(entry)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise UsageError(
            f"{path}, entry {number} of log.entries: not a HAR 1.2 entry ({type(error).__name__}: {str(error)[:80]})."
        ) from error


def _exchange(entry: Any) -> Exchange:
    request, response = entry["request"], entry["response"]
    method, url, status = request["method"], request["url"], response["status"]
    if not isinstance(method, str) or not isinstance(url, str) or "://" not in url:
        raise ValueError("request.method and request.url must be text, the URL absolute")
    address = urlsplit(url)  # a ValueError, as `.port` is, where it is no address
    if not address.hostname or address.port == 0:
        raise ValueError("request.url names no host")
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        raise ValueError("response.status must be a number from 100 to 599")
    content = response.get("content") or {}
    text = content.get("text") or ""
    if not isinstance(text, str):
        raise ValueError("response.content.text must be text")
    body: str | bytes = base64.b64decode(text, validate=True) if content.get("encoding") == "base64" else text
    headers = {str(header["name"]).lower(): str(header["value"]) for header in response.get("headers") or []}
    if content.get("mimeType"):
        headers.setdefault("content-type", str(content["mimeType"]))
    posted = (request.get("postData") or {}).get("text")
    if posted is not None and not isinstance(posted, str):
        raise ValueError("request.postData.text must be text")
    at = str(entry.get("startedDateTime") or "")
    return Exchange(method.upper(), url, status, headers, body, posted, at)


def entry_of(exchange: Exchange, seconds: float, taken_out: Mapping[str, int]) -> dict[str, Any]:
    """One HAR 1.2 entry; what a HAR reader demands and we do not know stands as the standard's "not known".

    taken_out: how many secrets stood at each place, told in a field of our own (the standard's begin with no "_").
    """
    text = exchange.body if isinstance(exchange.body, str) else exchange.body.decode("utf-8", errors="replace")
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "queryString": [],
        "headersSize": -1,
        "bodySize": -1,
    }
    if exchange.request_body is not None:
        posted = exchange.request_body
        request["postData"] = {
            "mimeType": "application/json",
            "text": posted if isinstance(posted, str) else posted.decode("utf-8", errors="replace"),
        }
    return {
        "startedDateTime": exchange.at,
        "time": round(seconds * 1000, 1),
        "request": request,
        "response": {
            "status": exchange.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{"name": name, "value": value} for name, value in exchange.headers.items()],
            "content": {
                "size": len(text.encode()),
                "mimeType": exchange.headers.get("content-type", "application/json"),
                "text": text,
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(seconds * 1000, 1), "receive": 0},
        **({"_takenOut": dict(sorted(taken_out.items()))} if taken_out else {}),
    }
