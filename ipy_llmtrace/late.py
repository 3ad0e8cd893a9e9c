"""What happens to an old cell, whose spans have left the memory: they are fetched before it is taken in, and nobody waits."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress

from .cells import CellTrace
from .guard import Guard
from .kept import Gone
from .recorder import Change


class LateChanges:
    """Hands changes on, those of an old cell when its spans are back; a store may take long to answer.

    Parameters
    ----------
    update
        Takes a cell and its changes; never called twice at once.
    exclusively
        Calls a function while nothing is delivered.
    guard
        Takes what goes wrong in here.
    """

    def __init__(
        self,
        update: Callable[[CellTrace, list[Change]], None],
        exclusively: Callable[[Callable[[], None]], None],
        guard: Guard,
    ) -> None:
        self._update = guard(update)
        self._recall = guard(_recall)
        self._exclusively = exclusively
        self._held: dict[int, list[Change]] = {}

    def deliver(self, cell: CellTrace, changes: list[Change]) -> None:
        """Called while nothing else is delivered."""
        if id(cell) in self._held:
            self._held[id(cell)] += changes
        elif cell.in_memory:
            self._update(cell, changes)
        else:
            self._held[id(cell)] = changes
            thread = threading.Thread(target=self._fetch, args=[cell], name="llmtrace-fetch", daemon=True)
            # In an empty context: what the user's cell has in its own is not ours to carry.
            contextvars.Context().run(thread.start)

    def _fetch(self, cell: CellTrace) -> None:
        self._recall(cell)
        self._exclusively(lambda: self._update(cell, self._held.pop(id(cell))))


def _recall(cell: CellTrace) -> None:
    with suppress(Gone):
        cell.recall()
