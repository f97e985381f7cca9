"""Cleaning a recording that another tool made, or an older azgraph."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from loader.azure.transport.har import entries_of, exchange_of, read_document
from loader.errors import UsageError
from loader.recordings.entries import cleaned_entry
from loader.recordings.places import declared_places
from loader.secrets import Finding


def clean_file(path: Path, output: Path) -> Counter[str]:
    """Writes a HAR file again without its secrets; tells how many stood at each place.

    Raises `UsageError` where `path` is no HAR file, or `output` exists or cannot be written.
    """
    document = read_document(path)
    taken_out: Counter[str] = Counter()
    cleaned = []
    for number, entry in enumerate(entries_of(document), start=1):
        exchange_of(entry, path, number)
        found: list[Finding] = []
        clean = cleaned_entry(entry, declared_places(), found.append)
        counts = Counter(finding.place for finding in found)
        cleaned.append({**clean, "_takenOut": dict(sorted(counts.items()))} if counts else clean)
        taken_out.update(counts)
    text = json.dumps({**document, "log": {**document["log"], "entries": cleaned}}, ensure_ascii=False, indent=1)
    try:
        # As secret as the recording was: only its owner may read it.
        output.touch(mode=0o600, exist_ok=False)
        output.write_text(text, encoding="utf-8")
    except FileExistsError as error:
        raise UsageError(f"{output} exists. Name a file that does not.") from error
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from error
    return taken_out
