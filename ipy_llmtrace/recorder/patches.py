"""Attributes of other people's objects, replaced while we are on and put back after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Patches:
    """Replaced attributes; `restore` puts back what was there, unless somebody has patched on top: then ours stays under
    theirs, and must do no more than call the original."""

    def __init__(self) -> None:
        self._replaced: list[tuple[Any, str, Any, Any]] = []

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Set ``owner.name`` to ``make(the original)``. Raises ``AttributeError`` where there is no such thing."""
        original = getattr(owner, name)
        patch = make(original)
        setattr(owner, name, patch)
        self._replaced.append((owner, name, original, patch))

    def restore(self) -> None:
        for owner, name, original, patch in reversed(self._replaced):
            if getattr(owner, name) is patch:
                setattr(owner, name, original)
        self._replaced.clear()
