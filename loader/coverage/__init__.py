"""What of the graph is loaded whole, for whoever judges by it: checks, queries, alerts, reports."""

from loader.coverage.coverage import Coverage, Gap, Scope

__all__ = ["Coverage", "Gap", "Scope"]
