"""Runs a function when a module has been imported, at once if it is there already, and leaves nothing behind when removed.

``%llmtrace on`` must not import mlflow or litellm; the user's own ``import`` does, and this hears of it.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType


class ImportHooks(importlib.abc.MetaPathFinder):
    """Functions to run after modules were imported, until `remove`."""

    def __init__(self) -> None:
        self._after: dict[str, Callable[[], None]] = {}

    def after(self, module: str, run: Callable[[], None]) -> None:
        """Run ``run`` once when ``module`` (a top-level name) has been imported."""
        loaded = sys.modules.get(module)
        if loaded is not None and not getattr(getattr(loaded, "__spec__", None), "_initializing", False):
            run()
            return
        self._after[module] = run
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Forget what has not run yet."""
        self._after.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        run = self._after.pop(fullname, None)
        if run is None:
            return None
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            self._after[fullname] = run
            return None
        spec.loader = _RunAfter(spec.loader, run)
        return spec


class _RunAfter(importlib.abc.Loader):
    """The module's own loader, and then the function."""

    def __init__(self, loader: importlib.abc.Loader, run: Callable[[], None]) -> None:
        self._loader = loader
        self._run = run

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module keeps its own loader: resources and reloads of it must not pass through here.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._run()
