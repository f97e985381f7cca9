"""The way to Neo4j: records in, only differences written. Knows nothing of Azure.

`Database` is the connection, `Run` one sync, `StepWriter` one entity type in one area, `RunSummary` what it came to.
"""

import loader.graph.lean_driver  # noqa: F401 - before all others, since it says how the driver is imported
from loader.graph.database import Counters, Database
from loader.graph.run import Run
from loader.graph.steps import StepWriter
from loader.graph.summary import RunSummary

__all__ = ["Counters", "Database", "Run", "RunSummary", "StepWriter"]
