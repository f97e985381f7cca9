"""The YAML library: the formats of queries, checks and packs, and how they are read, overridden and run."""

from loader.library.definitions import Check, Control, Pack, Query, Section
from loader.library.library import Library, load_library, shipped_library
from loader.library.running import QueryResult, run_query
from loader.verdicts import Severity

__all__ = [
    "Check",
    "Control",
    "Library",
    "Pack",
    "Query",
    "QueryResult",
    "Section",
    "Severity",
    "load_library",
    "run_query",
    "shipped_library",
]
