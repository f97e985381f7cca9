"""What is left out of the SDKs' modules when azgraph imports them: a good half of their time and memory.

The models, since azgraph takes the JSON itself (network's alone are 800 classes, and their typed dictionaries as many
more): each `azure.mgmt.….models` and `….types` is a module that has every name and no content. And what the synchronous
clients do, of whose modules the asynchronous ones take the functions that build requests: their classes stay empty.
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
_SYNCHRONOUS = re.compile(r"azure\.mgmt\.(?:(?!aio\b)\w+\.)+_?operations\.\w+")


class LeanFinder(MetaPathFinder, Loader):
    """Finds modules of SDKs in which something is left out."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if _MODELS.fullmatch(fullname):
            return ModuleSpec(fullname, self, is_package=True)
        found = PathFinder.find_spec(fullname, path) if _SYNCHRONOUS.fullmatch(fullname) else None
        if found is not None and isinstance(found.loader, SourceFileLoader):
            found.loader = _WithoutClasses(found.loader.name, found.loader.path)
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


class _WithoutClasses(SourceFileLoader):
    """Runs a module with nothing in its classes."""

    def get_code(self, fullname: str) -> CodeType | None:
        code = super().get_code(fullname)
        return code and code.replace(co_consts=tuple(map(_emptied, code.co_consts)))


def _emptied(constant: object) -> object:
    """Of the constants of a module's code those that are the body of a class, emptied.

    Only functions have CO_OPTIMIZED: https://docs.python.org/3/library/inspect.html#inspect.CO_OPTIMIZED
    """
    if not isinstance(constant, CodeType) or constant.co_flags & inspect.CO_OPTIMIZED or constant.co_freevars:
        return constant
    return _EMPTY


_EMPTY = next(one for one in compile("class _: pass", __file__, "exec").co_consts if isinstance(one, CodeType))
