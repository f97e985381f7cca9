"""What is a secret, for everything that leaves azgraph: graph, recordings, log, reports, error sentences.

By place first (what a service declares), then by name, then by form, and by entropy last. What is taken out is
replaced by `MARKER`, and told as a `Finding`: where it stood and what it was, never the value.
"""

from loader.secrets.cleaning import Cleaning
from loader.secrets.finding import MARKER, Finding, Found
from loader.secrets.places import Places, without_places
from loader.secrets.scrubbing import holding, holds_secret, scrub_text

__all__ = [
    "MARKER",
    "Cleaning",
    "Finding",
    "Found",
    "Places",
    "holding",
    "holds_secret",
    "scrub_text",
    "without_places",
]
