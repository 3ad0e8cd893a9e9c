"""Tells each time a watched module has been executed, whoever imports it and how, and leaves nothing behind when removed.

``%llmtrace on`` must not import mlflow or litellm; the user's own ``import`` does. A finder is also asked by code that does not
import: ``importlib.util.find_spec`` (DSPy and google-adk look for litellm like this), ``pkgutil``, a lazy import. So a question
uses nothing up: the loader that the answer holds tells when it executes the module, and the finder stays for the next time.
"""

from __future__ import annotations

import copy
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any


class ImportHooks(importlib.abc.MetaPathFinder):
    """Functions to call when modules have been executed, until `remove`."""

    def __init__(self) -> None:
        self._executed: dict[str, Callable[[], None]] = {}

    def watch(self, module: str, executed: Callable[[], None]) -> None:
        """Call ``executed`` each time ``module`` has been executed from now on: imported, imported again after it was
        removed from ``sys.modules``, or reloaded. It must not raise."""
        self._executed[module] = executed
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        lazy = sys.modules.get(module)
        if lazy is not None and _is_lazy(lazy) and (spec := object.__getattribute__(lazy, "__spec__")) is not None:
            spec.loader = _telling(spec.loader, self._tell(module))

    def remove(self) -> None:
        """Watch nothing more."""
        self._executed.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._executed or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec = None if find is None else find(fullname, path, target)
            if spec is not None:
                spec.loader = _telling(spec.loader, self._tell(fullname))
                return spec
        return None

    def _tell(self, module: str) -> Callable[[], None]:
        # Looked up when it is executed: tracing may be off by then.
        return lambda: self._executed.get(module, _nothing)()


def is_imported(module: str) -> bool:
    """Whether a module has been executed to its end. Asking does not execute a lazy one."""
    found = sys.modules.get(module)
    if found is None or _is_lazy(found):
        return False
    return not getattr(getattr(found, "__spec__", None), "_initializing", False)


def _telling(loader: Any, tell: Callable[[], None]) -> Any:
    """A double of ``loader`` that calls ``tell`` when it has executed its module, and then is as the loader was.

    It has the loader's own class, as resources, sources and archives are asked of a loader by its type. A loader that cannot
    be doubled is returned as it is.
    """
    if not hasattr(loader, "exec_module") or isinstance(loader, type) or "exec_module" in getattr(loader, "__dict__", {}):
        return loader
    try:
        double = copy.copy(loader)

        def exec_module(module: ModuleType) -> None:
            loader.exec_module(module)
            del double.exec_module
            tell()

        double.exec_module = exec_module
    except (TypeError, AttributeError):
        return loader
    return double


def _is_lazy(module: ModuleType) -> bool:
    """Whether ``importlib.util.LazyLoader`` made it and nobody has used it yet; any attribute of it would execute it."""
    lazy = getattr(importlib.util, "_LazyModule", None)
    return lazy is not None and issubclass(type(module), lazy)


def _nothing() -> None:
    pass
