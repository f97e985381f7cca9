"""Imports Neo4j's driver without what azgraph has no use for: each process is some 40 MB smaller.

numpy, which the driver takes for arrays where it is installed; azgraph stores none. Who imports it later has it. And
tables that the driver makes of all numbers of 16 bit, for packing without its extension in Rust, and of the months of
10,000 years.
"""

import sys
from calendar import monthrange
from contextlib import suppress

_UNKNOWN = "numpy" not in sys.modules
if _UNKNOWN:
    # To Python this means: there is no such module.
    sys.modules["numpy"] = None  # type: ignore[assignment]
try:
    import neo4j.time
finally:
    if _UNKNOWN:
        del sys.modules["numpy"]


class _Months(dict[tuple[int, int], int]):
    """The days of months, counted when they are first asked for."""

    def __missing__(self, month: tuple[int, int]) -> int:
        self[month] = days = monthrange(*month)[1]
        return days


# These are the driver's own matters: where another version has them otherwise, processes are larger and nothing else.
with suppress(ImportError, KeyError):
    from neo4j._codec.packstream import v1, v2

    neo4j.time._DAYS_IN_MONTH = _Months()
    if vars(v1)["_rust_pack"] and vars(v1)["_rust_unpack"]:
        for packing in (v1, v2):
            vars(packing).update(PACKED_UINT_16=[], UNPACKED_UINT_16={})
