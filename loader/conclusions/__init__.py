"""What follows from several answers: declared as derivations over the graph, apart from what Azure itself said.

A file that declares `CONCLUSION` is found here; nothing lists it. A conclusion knows neither an SDK nor the driver.
"""

from __future__ import annotations

from functools import cache

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
def namings() -> tuple[Naming, ...]:
    """All that gives entities the names that people call them by, after a load."""
    return tuple(one for conclusion in conclusions() for one in conclusion.namings)
