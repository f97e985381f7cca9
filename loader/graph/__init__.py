"""The way to Neo4j: records in, only differences written. Knows nothing of Azure.

`Database` is the connection, `Run` one sync, `StepWriter` one entity type in one area, `RunSummary` what it came to.
"""

from loader.graph.database import Counters, Database
from loader.graph.run import Run
from loader.graph.steps import StepWriter
from loader.graph.summary import RunSummary

__all__ = ["Counters", "Database", "Run", "RunSummary", "StepWriter"]
