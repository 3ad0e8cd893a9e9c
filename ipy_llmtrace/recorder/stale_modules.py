"""Modules of this package that use a copy of mlflow or litellm which has been replaced.

Code that removes a library from ``sys.modules`` and imports it again gets a second copy. Our modules that were imported with
the first hold its classes and functions; the second needs new ones of ours. What uses the first goes on.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

LIBRARIES = ("mlflow", "litellm")
_OURS = __package__ or ""


def forget_stale() -> None:
    """Take our stale modules out of ``sys.modules``, so that they are imported anew for the copies that are there now."""
    for name in _stale():
        module = sys.modules.pop(name)
        parent, _, child = name.rpartition(".")
        # ``from . import child`` asks the package first.
        if getattr(sys.modules.get(parent), child, None) is module:
            delattr(sys.modules[parent], child)


def _stale() -> set[str]:
    """The names of our modules that hold something of a replaced module, or of a stale one of ours."""
    ours = {name: list(vars(m).values()) for name, m in list(sys.modules.items()) if name.startswith(f"{_OURS}.")}
    found = {name for name, values in ours.items() if any(map(_is_replaced, values))}
    while more := {n for n, values in ours.items() if n not in found and any(_origin(v) in found for v in values)}:
        found |= more
    return found


def _origin(value: Any) -> str:
    """The name of the module that ``value`` is, or is defined in."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""


def _is_replaced(value: Any) -> bool:
    """Whether ``value`` is of a library, and another is there now under its name."""
    origin = _origin(value)
    if origin.partition(".")[0] not in LIBRARIES:
        return False
    now = sys.modules.get(origin)
    if isinstance(value, ModuleType):
        # A lazy stand-in for a module is a module of another type.
        return type(value) is ModuleType and now is not value
    name = getattr(value, "__name__", None)
    return isinstance(name, str) and getattr(now, name, value) is not value
