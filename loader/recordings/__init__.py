"""Recordings before they are handed on: where secrets can stand in them, looking through, and cleaning."""

from loader.recordings.cleaning import clean_file
from loader.recordings.looking import FoundAt, look_through
from loader.recordings.places import declared_places
from loader.recordings.recording import closing_words, recording_into

__all__ = ["FoundAt", "clean_file", "closing_words", "declared_places", "look_through", "recording_into"]
