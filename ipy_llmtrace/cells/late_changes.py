"""What happens to an old cell, whose spans have left the memory: they are fetched before it is taken in, and nobody waits."""

from __future__ import annotations

import weakref
from collections.abc import Callable

from ..background import in_background
from ..guard import Guard
from ..recorder import Change
from .cell_trace import CellTrace


class LateChanges:
    """Hands changes on, those of an old cell when its spans are back; a store may take long to answer.

    Parameters
    ----------
    update
        Takes a cell in memory and its changes; never called twice at once.
    exclusively
        Calls a function while nothing is delivered.
    guard
        Takes what goes wrong in here.
    say
        Takes a line for the user.
    """

    def __init__(
        self,
        update: Callable[[CellTrace, list[Change]], None],
        exclusively: Callable[[Callable[[], None]], None],
        guard: Guard,
        say: Callable[[str], None],
    ) -> None:
        self._update = guard(update)
        self._exclusively = exclusively
        self._say = say
        self._held: dict[int, list[Change]] = {}
        self._lost: weakref.WeakSet[CellTrace] = weakref.WeakSet()

    def deliver(self, cell: CellTrace, changes: list[Change]) -> None:
        """Called while nothing else is delivered."""
        if cell in self._lost:
            return
        if id(cell) in self._held:
            self._held[id(cell)] += changes
        elif cell.in_memory:
            self._update(cell, changes)
        else:
            self._held[id(cell)] = changes
            in_background(lambda: self._fetch(cell), "llmtrace-fetch")

    def _fetch(self, cell: CellTrace) -> None:
        failed: Exception | None = None
        try:
            cell.recall()
        except Exception as error:  # of whatever kind a store's are
            failed = error
        self._exclusively(lambda: self._fetched(cell, failed))

    def _fetched(self, cell: CellTrace, failed: Exception | None) -> None:
        changes = self._held.pop(id(cell))
        if failed is None:
            self.deliver(cell, changes)
            return
        # Asked once: each further change would ask again, and hold what nothing can be shown without.
        self._lost.add(cell)
        self._say(f"llmtrace: cell {cell.label} made further spans, which its view does not show, only the store: {failed}")
