"""Making a recording, and the words that say what was taken out of it."""

from __future__ import annotations

from pathlib import Path

from loader.azure.transport.record import Recording
from loader.recordings.places import declared_places

_NAMED = 10


def recording_into(folder: Path) -> Recording:
    """A recording into a folder, cleaned by all that the services declare."""
    return Recording(folder, declared_places())


def closing_words(recording: Recording) -> str:
    """How many secrets were taken out, where they stood, and what to do before the recording is handed on."""
    count = recording.taken_out.total()
    look = f"Before you hand it on: azgraph recording check {recording.folder}"
    if not count:
        return f"The recording in {recording.folder} had no secrets to take out. {look}"
    places = [f"{place} ({times})" for place, times in recording.taken_out.most_common(_NAMED)]
    more = len(recording.taken_out) - _NAMED
    named = ", ".join(places) + (f", and {more} more places" if more > 0 else "")
    return f"{count} values were taken out of the recording in {recording.folder}: {named}. {look}"
