"""Queries, checks and packs: loaded from YAML, checked, and run over the graph."""

from loader.packs.coverage import Coverage, Gap, Scope
from loader.packs.definitions import Check, Control, Pack, Query, Section, Severity
from loader.packs.evaluation import evaluate_check, evaluate_pack
from loader.packs.library import Library, load_library, shipped_library
from loader.packs.results import CheckOutcome, CheckResult, ControlResult, PackResult, ResourceResult, Verdict
from loader.packs.running import QueryResult, run_query

__all__ = [
    "Check",
    "CheckOutcome",
    "CheckResult",
    "Control",
    "ControlResult",
    "Coverage",
    "Gap",
    "Library",
    "Pack",
    "PackResult",
    "Query",
    "QueryResult",
    "ResourceResult",
    "Scope",
    "Section",
    "Severity",
    "Verdict",
    "evaluate_check",
    "evaluate_pack",
    "load_library",
    "run_query",
    "shipped_library",
]
