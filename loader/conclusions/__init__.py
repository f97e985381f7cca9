"""What follows from several answers: declared as derivations over the graph, apart from what Azure itself said.

A file that declares `CONCLUSION` is found here; nothing lists it. A conclusion knows neither an SDK nor the driver.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from loader import services
from loader.found import declared_in
from loader.model import Conclusion, Derivation, Naming


@cache
def conclusions() -> tuple[Conclusion, ...]:
    """Every `CONCLUSION` of this package, in the order of file names."""
    return declared_in(__name__, "CONCLUSION", Conclusion)


@cache
def derivations() -> tuple[Derivation, ...]:
    """All that is derived after a load: what services declare of their own answers, then the conclusions."""
    return services.derivations() + tuple(one for conclusion in conclusions() for one in conclusion.derivations)


@cache
def code() -> str:
    """A short name of the code that derives: another one for whatever else it may make of the same graph.

    Of all of azgraph's code, since nobody would keep a list of what derivations use: tables, matching, secrets.
    """
    package = Path(__file__).parents[1]
    digest = sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(f"{file.relative_to(package)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@cache
def namings() -> tuple[Naming, ...]:
    """All that gives entities the names that people call them by, after a load."""
    return tuple(one for conclusion in conclusions() for one in conclusion.namings)
