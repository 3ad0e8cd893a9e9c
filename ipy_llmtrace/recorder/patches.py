"""Attributes of other people's objects, replaced while we are on and put back after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_INHERITED = object()


class Patches:
    """Replaced attributes; `restore` puts back what was there, unless somebody has patched on top: then ours stays under
    theirs, and must do no more than call the original."""

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any, Any]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Set ``owner.name`` to ``make(the original)``, which is bound if it is a class or static method. Raises
        ``AttributeError`` where there is no such thing."""
        patch = make(getattr(owner, name))
        kept: Any = owner.__dict__.get(name, _INHERITED)
        is_bound = isinstance(kept, classmethod | staticmethod)
        setattr(owner, name, staticmethod(patch) if is_bound else patch)
        self._replaced.append((owner, name, kept, patch))

    def restore(self) -> None:
        for owner, name, kept, patch in reversed(self._replaced):
            if getattr(owner, name, None) is not patch:
                continue
            if kept is _INHERITED:
                delattr(owner, name)
            else:
                setattr(owner, name, kept)
        self._replaced.clear()
