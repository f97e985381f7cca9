"""Checks and packs over the graph: verdicts, what a run of them gives, exceptions, trend."""

from loader.packs.check_verdicts import evaluate_check
from loader.packs.control_verdicts import evaluate_pack
from loader.packs.results import CheckOutcome, CheckResult, ControlResult, PackResult, ResourceResult
from loader.verdicts import Verdict

__all__ = [
    "CheckOutcome",
    "CheckResult",
    "ControlResult",
    "PackResult",
    "ResourceResult",
    "Verdict",
    "evaluate_check",
    "evaluate_pack",
]
