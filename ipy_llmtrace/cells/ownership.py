"""Which cell is running, which cell a span belongs to, and which cells have their spans in memory."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from ..clock import monotonic
from ..recorder import Began, Change
from .cell_trace import CellTrace
from .freed_spans import SpanSource

MAX_CELLS = 1000
"""Number of traced cells that are remembered; the oldest go first."""

CELLS_IN_MEMORY = 50
"""Number of the latest traced cells whose spans are in memory."""

CHARS_IN_MEMORY = 20_000_000
"""Size of the spans in memory, in characters; the latest cell's own stay in any case."""


class Undelivered(Protocol):
    """Knows what no store has yet, as `ipy_llmtrace.recorder.Recorder` does."""

    def waits(self, trace_id: str) -> bool:
        """Whether something of the trace is not stored yet."""
        ...


class Cells:
    """The cells of one shell: the running one, and whose a span is."""

    def __init__(self) -> None:
        self._origin: contextvars.ContextVar[CellTrace | None] = contextvars.ContextVar("llmtrace_cell", default=None)
        self._latest: CellTrace | None = None
        self._ended_at = monotonic()
        self._owner: dict[str, CellTrace] = {}
        self._traced: dict[int, CellTrace] = {}

    @property
    def running(self) -> CellTrace | None:
        """The cell that is being executed."""
        return self._latest if self._latest is not None and not self._latest.finished else None

    @property
    def running_id(self) -> str | None:
        """The notebook's id of the cell that is being executed, if it has one."""
        return None if self.running is None else self.running.cell_id

    @property
    def idle_s(self) -> float:
        """For how many seconds no cell has run; 0 while one does."""
        return 0.0 if self.running is not None else monotonic() - self._ended_at

    @property
    def traced(self) -> list[CellTrace]:
        """The cells that made spans, oldest first."""
        return list(self._traced.values())

    def interrupting(self) -> bool:
        """Whether the user is interrupting the running cell."""
        return self.running is not None and self.running.execution.interrupting

    def begin(self, execution_count: int | None, cell_id: str | None, source: str = "") -> CellTrace:
        """A cell begins; what its code starts carries the cell in its context."""
        # Set before CellTrace copies the context: what runs in the copy belongs to the cell, too.
        cell = CellTrace(execution_count, cell_id, source)
        self._origin.set(cell)
        self._latest = cell
        return cell

    def end(self) -> CellTrace | None:
        """The running cell has been executed; spans it started may run on."""
        cell = self.running
        if cell is not None:
            cell.finished = True
            self._ended_at = monotonic()
        return cell

    def owner(self, change: Change) -> CellTrace | None:
        """The cell of a change's span, decided when it begins: by the context it began in, else by its parent, else the
        running cell, else the latest. ``None`` for a span that began before there was a cell."""
        if not isinstance(change, Began):
            return self._owner.get(change.span_id)
        cell = self._origin.get() or self._owner.get(change.parent_id or "") or self._latest
        if cell is not None:
            self._owner[change.span_id] = cell
            if id(cell) not in self._traced:
                self._keep(cell)
        return cell

    def of(self, span_id: str) -> CellTrace | None:
        """The cell of a span that has begun."""
        return self._owner.get(span_id)

    def span_ids_of(self, cell: CellTrace) -> Container[str]:
        """The ids of the spans that are ``cell``'s, also of those that begin later."""
        return _SpanIds(self, cell)

    def carry(self) -> AbstractContextManager[object] | None:
        """What gives the caller's cell to another thread."""
        cell = self._origin.get()
        return None if cell is None else self._within(cell)

    @contextmanager
    def _within(self, cell: CellTrace) -> Iterator[None]:
        token = self._origin.set(cell)
        try:
            yield
        finally:
            self._origin.reset(token)

    def free_old(self, undelivered: Undelivered, source_of: Callable[[CellTrace], SpanSource]) -> None:
        """Free the spans of old cells, of which nothing runs and nothing waits to be stored.

        Parameters
        ----------
        source_of
            Makes what has a cell's spans from then on.
        """
        whole = [cell for cell in self._traced.values() if cell.memory.size_chars and cell.in_memory]
        count, size_chars = len(whole), sum(cell.memory.size_chars for cell in whole)
        for cell in whole[:-1]:
            if count <= CELLS_IN_MEMORY and size_chars <= CHARS_IN_MEMORY:
                return
            if not cell.finished or any(map(undelivered.waits, cell.traces)) or cell.running:
                continue
            count, size_chars = count - 1, size_chars - cell.memory.size_chars
            for span_id in cell.memory.ids:
                self._owner.pop(span_id, None)
            cell.memory.free(source_of(cell))

    def _keep(self, cell: CellTrace) -> None:
        self._traced[id(cell)] = cell
        while len(self._traced) > MAX_CELLS:
            oldest = self._traced.pop(next(iter(self._traced)))
            self._owner = {span_id: owner for span_id, owner in self._owner.items() if owner is not oldest}


class _SpanIds:
    """The ids of a cell's spans. Not a set: of a cell with many spans few ids are asked for."""

    def __init__(self, cells: Cells, cell: CellTrace) -> None:
        self._cells = cells
        self._cell = cell

    def __contains__(self, span_id: object) -> bool:
        return self._cells.of(str(span_id)) is self._cell
