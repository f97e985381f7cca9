"""One run from an Azure answer to the graph: what is fetched, in which order, and how it ended."""

from loader.sync.options import Options
from loader.sync.refused import refusals_kept
from loader.sync.report import StepReport, Summary
from loader.sync.run import sync

__all__ = ["Options", "StepReport", "Summary", "refusals_kept", "sync"]
