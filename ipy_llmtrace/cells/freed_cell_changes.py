"""Changes to an old cell, whose spans were freed: they are fetched before the changes are shown, and nobody waits for that."""

from __future__ import annotations

import threading
import weakref

from ..background import in_background
from ..guard import Guard
from ..recorder import Change
from .cell_display import CellDisplay
from .cell_trace import CellTrace


class FreedCellChanges:
    """Hands changes on, those of an old cell when its spans are back; a store may take long to answer.

    Parameters
    ----------
    display
        Takes a cell in memory and its changes.
    delivering
        Held while something is delivered.
    guard
        Takes what goes wrong in here, and lines for the user.
    """

    def __init__(self, display: CellDisplay, delivering: threading.RLock, guard: Guard) -> None:
        self._display = display
        self._delivering = delivering
        self._guard = guard
        self._waiting: dict[int, list[Change]] = {}
        self._unavailable: weakref.WeakSet[CellTrace] = weakref.WeakSet()

    def deliver(self, cell: CellTrace, changes: list[Change]) -> None:
        """Called while nothing else is delivered."""
        if cell in self._unavailable:
            return
        if id(cell) in self._waiting:
            self._waiting[id(cell)] += changes
        elif cell.in_memory:
            self._guard(self._display.update)(cell, changes)
        else:
            self._waiting[id(cell)] = changes
            in_background(lambda: self._fetch(cell), "llmtrace-fetch")

    def _fetch(self, cell: CellTrace) -> None:
        failed: Exception | None = None
        try:
            cell.memory.recall()
        except Exception as error:  # of whatever kind a store's are
            failed = error
        with self._delivering:
            self._fetched(cell, failed)

    def _fetched(self, cell: CellTrace, failed: Exception | None) -> None:
        changes = self._waiting.pop(id(cell))
        if failed is None:
            self.deliver(cell, changes)
            return
        # Asked once: each further change would ask again, and keep what nothing can be shown without.
        self._unavailable.add(cell)
        self._guard.say(
            f"llmtrace: cell {cell.label} made further spans, which its view does not show, only the store: {failed}"
        )
