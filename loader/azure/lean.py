"""What is left out of the SDKs' modules when azgraph imports them: most of their time and memory.

The models, since azgraph takes the JSON itself (network's alone are 800 classes, and their typed dictionaries as many
more): each `azure.mgmt.….models` and `….types` is a module that has every name and no content. And all operations but
those that calls name (`loader.calls.operations_of`): 170 of the ten thousand that the SDKs have. The asynchronous
clients, which azgraph uses, take from the modules of the synchronous ones the functions that build requests; no more of
these stays. Of the files that every SDK brings along, which are the same in nearly all of them, one copy serves all.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, ClassVar

from loader.model import all_operations

_MODELS = re.compile(r"azure\.mgmt\.(?:\w+\.)+_?(?:models|types)(?:\.\w+)*")
_OPERATIONS = re.compile(r"azure\.mgmt\.(?:\w+\.)+_?operations\.\w+")
_BROUGHT_ALONG = re.compile(r"azure\.mgmt\.(?:\w+\.)+_?(?:serialization|model_base)")


class LeanFinder(MetaPathFinder, Loader):
    """Finds modules of SDKs in which something is left out."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if _MODELS.fullmatch(fullname):
            return ModuleSpec(fullname, self, is_package=True)
        operations = _OPERATIONS.fullmatch(fullname)
        found = PathFinder.find_spec(fullname, path) if operations or _BROUGHT_ALONG.fullmatch(fullname) else None
        if found is not None and isinstance(found.loader, SourceFileLoader):
            name, file = found.loader.name, found.loader.path
            found.loader = _Reading(name, file, self._named) if operations else _BroughtAlong(name, file)
        return found

    @cached_property
    def _named(self) -> _Named:
        return _Named()

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
    """Runs a module of operations with only what calls name, and that of a synchronous client with empty classes."""

    def __init__(self, fullname: str, path: str, named: _Named) -> None:
        super().__init__(fullname, path)
        self._named = named

    def get_code(self, fullname: str) -> CodeType | None:
        code = super().get_code(fullname)
        return code and self._named.of_module(code, classes=".aio." in fullname)


class _BroughtAlong(SourceFileLoader):
    """Gives the module that was made of a file of the same content before, where there is one."""

    _made: ClassVar[dict[bytes, ModuleType]] = {}

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._made.get(self._content)

    def exec_module(self, module: ModuleType) -> None:
        if module is not self._made.get(self._content):
            super().exec_module(module)
            self._made[self._content] = module

    @cached_property
    def _content(self) -> bytes:
        return sha256(self.get_data(self.path)).digest()


@dataclass(slots=True)
class _Named:
    """What stays of modules of operations.

    groups: the operations by the name of their class, in lower case: those of the client's `virtual_networks` are
    methods of `VirtualNetworksOperations`. builders: the functions that build their requests, which are named after the
    operation, and after the group as well where many groups stand in one module.
    """

    groups: dict[str, set[str]] = field(default_factory=dict)
    builders: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for path in all_operations():
            group, _, operation = path.rpartition(".")
            self.groups.setdefault(f"{group.replace('_', '')}operations", set()).add(operation)
            self.builders |= {f"build_{operation}_request", f"build_{group}_{operation}_request"}

    def of_module(self, code: CodeType, *, classes: bool) -> CodeType:
        """The code of a module without the rest. classes: whether anything stays in its classes.

        The code of its functions and classes is among its constants.
        """

        def of(constant: object) -> object:
            if not isinstance(constant, CodeType) or constant.co_freevars:
                return constant
            if _is_function(constant):
                unnamed = constant.co_name.startswith("build_") and constant.co_name not in self.builders
                return _LEFT_OUT if unnamed else constant
            named = self.groups.get(constant.co_name.lower()) if classes else None
            return _EMPTY if named is None else _of_class(constant, named)

        return code.replace(co_consts=tuple(map(of, code.co_consts)))


def _of_class(code: CodeType, named: set[str]) -> CodeType:
    def of(constant: object) -> object:
        if not isinstance(constant, CodeType) or not _is_function(constant):
            return constant
        return constant if constant.co_name in named or constant.co_name.startswith("__") else _LEFT_OUT

    return code.replace(co_consts=tuple(map(of, code.co_consts)))


def _is_function(code: CodeType) -> bool:
    # Classes do not have it: https://docs.python.org/3/library/inspect.html#inspect.CO_OPTIMIZED
    return bool(code.co_flags & inspect.CO_OPTIMIZED)


def _left_out(*_: object, **__: object) -> None:
    raise NotImplementedError("azgraph imports of the SDKs only what calls name (loader/azure/lean.py).")


_LEFT_OUT = _left_out.__code__
# Clients make their operations of arguments, also of classes in which nothing stays.
_SOURCE = "class _:\n    def __init__(self, *_, **__): pass"
_EMPTY = next(one for one in compile(_SOURCE, __file__, "exec").co_consts if isinstance(one, CodeType))
