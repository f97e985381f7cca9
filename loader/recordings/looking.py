"""Looking through recordings: what still looks like a secret, told without its value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from loader.azure.transport.har import entries_of, exchange_of, read_document
from loader.recordings.entries import cleaned_entry
from loader.recordings.places import declared_places
from loader.secrets import Finding, scrub_text


@dataclass(frozen=True, slots=True)
class FoundAt:
    """A finding in a file. entry: its number in log.entries, from 1; request: method and address without the query."""

    file: Path
    entry: int
    request: str
    finding: Finding


def look_through(path: Path) -> Iterator[FoundAt]:
    """What looks like a secret in one HAR file, in its order. Raises `UsageError` where it is none."""
    for number, entry in enumerate(entries_of(read_document(path)), start=1):
        exchange = exchange_of(entry, path, number)
        parts = urlsplit(exchange.url)
        request = scrub_text(f"{exchange.method} {parts.scheme}://{parts.hostname or ''}{parts.path}")
        found: list[Finding] = []
        cleaned_entry(entry, declared_places(), found.append)
        yield from (FoundAt(path, number, request, finding) for finding in found)
