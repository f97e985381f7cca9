"""Imports Neo4j's driver without numpy, which it takes for arrays where numpy is installed; azgraph stores none.

That saves each process 13 MB and a third of the time that importing the driver takes. Who imports numpy later has it.
"""

import sys

_UNKNOWN = "numpy" not in sys.modules
if _UNKNOWN:
    # To Python this means: there is no such module.
    sys.modules["numpy"] = None  # type: ignore[assignment]
try:
    import neo4j  # noqa: F401
finally:
    if _UNKNOWN:
        del sys.modules["numpy"]
