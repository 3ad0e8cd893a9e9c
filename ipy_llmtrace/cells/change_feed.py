"""The queue between the user's threads and the views: a thread takes changes in batches and hands them on by cell."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from ..guard import Guard
from ..recorder import Change
from .cell_display import CellDisplay
from .cell_trace import CellTrace
from .freed_cell_changes import FreedCellChanges

SETTLE_S = 0.008
"""How long after the first change of a batch it is taken: MLflow sets a span's type and inputs just after it begins."""

INTERVAL_S = 0.025
"""The least time between two batches, which bounds the messages a second to the browser."""


class ChangeFeed:
    """Delivers changes to ``display``, a batch a cell, on its own thread or in `drain`."""

    def __init__(self, display: CellDisplay, guard: Guard) -> None:
        self._display = display
        self._guard = guard
        self._queue: deque[tuple[CellTrace, Change]] = deque()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._delivering = threading.RLock()
        self._freed_cell_changes = FreedCellChanges(display, self._delivering, guard)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._guard(self._run), name="llmtrace-feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Deliver what is queued, then end the thread."""
        self._stop.set()
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)
        self.drain()

    def put(self, cell: CellTrace, change: Change) -> None:
        self._queue.append((cell, change))
        self.wake()

    def wake(self) -> None:
        """Take a turn soon: something was queued, or `CellDisplay.due_s` has changed."""
        # Cleared before the queue is emptied; to set it takes longer than all the rest.
        if not self._wake.is_set():
            self._wake.set()

    def drain(self) -> None:
        """Deliver everything that is queued, before it returns."""
        with self._delivering:
            batches: dict[int, tuple[CellTrace, list[Change]]] = {}
            while self._queue:
                cell, change = self._queue.popleft()
                batches.setdefault(id(cell), (cell, []))[1].append(change)
            for cell, changes in batches.values():
                self._freed_cell_changes.deliver(cell, changes)

    def exclusively(self, function: Callable[[], None]) -> None:
        """Call ``function`` while nothing is delivered."""
        with self._delivering:
            function()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._guard(self._turn)()
            self._stop.wait(INTERVAL_S - SETTLE_S)

    def _turn(self) -> None:
        self._wake.wait(self._display.due_s())
        self._wake.clear()
        self._stop.wait(SETTLE_S)
        self.drain()
        with self._delivering:
            self._guard(self._display.tick)()
