"""The SDKs' clients, imported without what azgraph does not use of them (`loader/azure/lean.py`).

A client so imported is azgraph's own: nobody else finds its modules, and whoever imports the SDK as well gets it whole.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache, reduce
from types import ModuleType
from typing import Any

import azure.mgmt.core

from loader.azure.lean import LeanFinder
from loader.model import operations_of

_SDK = "azure.mgmt."
_SHARED = "azure.mgmt.core"
_ours: dict[str, ModuleType] = {}
_one_at_a_time = threading.RLock()


def client_class(named: str) -> Any:
    """The client class that a call names, such as "azure.mgmt.network.aio:NetworkManagementClient", with the
    operations that calls name by now.

    Raises ImportError and AttributeError as an import does.
    """
    return _with_operations(named, len(operations_of(named)))


@cache
def _with_operations(named: str, _how_many: int) -> Any:
    """The class, imported anew when there are more operations, which happens where calls are declared late."""
    module, _, name = named.partition(":")
    with _lean():
        package = module.removesuffix(".aio")
        for one in list(_ours):
            if f"{one}.".startswith(f"{package}."):
                del _ours[one]
                sys.modules.pop(one, None)
        return getattr(importlib.import_module(module), name)


def bound(client: Any, path: str) -> Any:
    """A client's operation, such as "virtual_networks.list_all"."""
    if not hasattr(client, "_get_api_version"):
        return reduce(getattr, path.split("."), client)
    # A client of several API versions imports the operations of one whenever these are looked at.
    with _lean():
        operation = reduce(getattr, path.split("."), client)
    # Its configuration has the version of those that were looked at last, and some ask for their next pages in it.
    operations = operation.__self__
    operations._config = copy(operations._config)
    return operation


@contextmanager
def _lean() -> Iterator[None]:
    """While it lasts, `azure.mgmt` is azgraph's own; before and after, everybody else's."""
    with _one_at_a_time:
        theirs, names, finder = _taken_out(), dict(vars(azure.mgmt)), LeanFinder()
        sys.modules.update(_ours)
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)
            _ours.update(_taken_out())
            sys.modules.update(theirs)
            vars(azure.mgmt).clear()
            vars(azure.mgmt).update(names)


def _taken_out() -> dict[str, ModuleType]:
    """Takes the SDKs' modules out of those that imports find."""
    # Listed at one go: another thread may import something else meanwhile.
    names = [name for name in list(sys.modules) if name.startswith(_SDK) and not name.startswith(_SHARED)]
    return {name: sys.modules.pop(name) for name in names}
