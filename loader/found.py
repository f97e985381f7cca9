"""Finding what files declare: a file in the right folder is all that a service or a conclusion takes."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TypeVar

T = TypeVar("T")


def declared_in(package: str, name: str, kind: type[T]) -> tuple[T, ...]:
    """The objects called `name` in the modules of a package and of the packages in it, in the order of their paths.

    Raises TypeError for one that is not of the kind: a misspelt declaration is a fault, not an absence.
    """
    path = importlib.import_module(package).__path__
    found = []
    for module in sorted(one.name for one in pkgutil.walk_packages(path, f"{package}.") if not one.ispkg):
        declared = getattr(importlib.import_module(module), name, None)
        if declared is not None and not isinstance(declared, kind):
            raise TypeError(f"{name} of {module} is no {kind.__name__}")
        if declared is not None:
            found.append(declared)
    return tuple(found)
