"""What is left out of the SDKs' modules when azgraph imports them: a good half of their time and memory.

The models, since azgraph takes the JSON itself (network's alone are 800 classes, and their typed dictionaries as many
more): each `azure.mgmt.….models` and `….types` is a module that has every name and no content. What the synchronous
clients do, of whose modules the asynchronous ones take the functions that build requests: their classes stay empty. And
what writes, a third of all functions: azgraph only reads.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

_MODELS = re.compile(r"azure\.mgmt\.(?:\w+\.)+_?(?:models|types)(?:\.\w+)*")
_OPERATIONS = re.compile(r"azure\.mgmt\.(?:\w+\.)+_?operations\.\w+")
# As the SDKs name them, what takes long with `begin_`: https://azure.github.io/azure-sdk/python_design.html
_WRITES = re.compile(
    r"begin_\w+|_\w+_initial|(?:create|update|delete)\w*|build_\w+_(?:create|update|delete|create_or_update)_request"
)


class LeanFinder(MetaPathFinder, Loader):
    """Finds modules of SDKs in which something is left out."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if _MODELS.fullmatch(fullname):
            return ModuleSpec(fullname, self, is_package=True)
        found = PathFinder.find_spec(fullname, path) if _OPERATIONS.fullmatch(fullname) else None
        if found is not None and isinstance(found.loader, SourceFileLoader):
            found.loader = _Reading(found.loader.name, found.loader.path)
        return found

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _NoModels(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to do."""


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


class _Reading(SourceFileLoader):
    """Runs a module of operations without what writes, and that of a synchronous client with nothing in its classes."""

    def get_code(self, fullname: str) -> CodeType | None:
        code = super().get_code(fullname)
        return code and _without_writes(code, classes=".aio." in fullname)


def _without_writes(code: CodeType, *, classes: bool) -> CodeType:
    """The code of a module or a class without what writes. classes: whether anything stays in its classes.

    The code of its functions and classes is among its constants.
    """

    def of(constant: object) -> object:
        if not isinstance(constant, CodeType) or constant.co_freevars:
            return constant
        # Only functions have CO_OPTIMIZED: https://docs.python.org/3/library/inspect.html#inspect.CO_OPTIMIZED
        if constant.co_flags & inspect.CO_OPTIMIZED:
            return _LEFT_OUT if _WRITES.fullmatch(constant.co_name) else constant
        return _without_writes(constant, classes=classes) if classes else _EMPTY

    return code.replace(co_consts=tuple(map(of, code.co_consts)))


def _left_out(*_: object, **__: object) -> None:
    raise NotImplementedError("azgraph only reads: it imports the SDKs without what writes (loader/azure/lean.py).")


_LEFT_OUT = _left_out.__code__
_EMPTY = next(one for one in compile("class _: pass", __file__, "exec").co_consts if isinstance(one, CodeType))
