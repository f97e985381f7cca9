"""The SDKs' clients without their models: azgraph takes the JSON itself, so nothing is ever made of the classes.

The models are a good third of what importing an SDK costs in time and memory (network's alone are 800 classes, and
their typed dictionaries as many more). While a client is imported, each `azure.mgmt.….models` and `….types` is a module
that has every name and no content. The client so imported is azgraph's own: nobody else finds its modules, and whoever
imports the SDK as well gets it whole.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cache, reduce
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import azure.mgmt.core

_SDK = "azure.mgmt."
_SHARED = "azure.mgmt.core"
_MODELS = re.compile(r"azure\.mgmt\.(?:\w+\.)+_?(?:models|types)(?:\.\w+)*")
_ours: dict[str, ModuleType] = {}
_one_at_a_time = threading.RLock()


@cache
def client_class(named: str) -> Any:
    """The client class that a call names, such as "azure.mgmt.network.aio:NetworkManagementClient".

    Raises ImportError and AttributeError as an import does.
    """
    module, _, name = named.partition(":")
    with _without_models():
        return getattr(importlib.import_module(module), name)


def bound(client: Any, path: str) -> Any:
    """A client's operation, such as "virtual_networks.list_all"."""
    if not hasattr(client, "_get_api_version"):
        return reduce(getattr, path.split("."), client)
    # A client of several API versions imports the operations of one whenever these are looked at.
    with _without_models():
        operation = reduce(getattr, path.split("."), client)
    # Its configuration has the version of those that were looked at last, and some ask for their next pages in it.
    operations = operation.__self__
    operations._config = copy(operations._config)
    return operation


class _Shape(type):
    """A class that has every attribute, since members of enumerations are the defaults of arguments."""

    def __getattr__(cls, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class _NoModels(ModuleType):
    """Has every class, and none has anything in it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Shape(name, (), {})
        setattr(self, name, made)
        return made


class _Finder(MetaPathFinder, Loader):
    """Finds `_NoModels` wherever an SDK has models."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if _MODELS.fullmatch(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _NoModels(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to do."""


@contextmanager
def _without_models() -> Iterator[None]:
    """While it lasts, `azure.mgmt` is azgraph's own; before and after, everybody else's."""
    with _one_at_a_time:
        theirs, names, finder = _taken_out(), dict(vars(azure.mgmt)), _Finder()
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
    names = [name for name in sys.modules if name.startswith(_SDK) and not name.startswith(_SHARED)]
    return {name: sys.modules.pop(name) for name in names}
