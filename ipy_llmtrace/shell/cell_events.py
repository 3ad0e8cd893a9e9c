"""When cells begin and end, as IPython's events and ipykernel's requests tell."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from ..cells.cell_trace import CellTrace
from ..cells.ownership import Cells
from ..guard import Guard
from .execute_request import ExecuteRequest
from .reply_wait import BEGIN_S, WAIT_S, ReplyWait, until


class CellListener(Protocol):
    """Told of the shell's cells, on the shell's thread."""

    def cell_begins(self) -> None:
        """Another cell is about to run: the one before is over."""
        ...

    def output_cleared(self, cell_id: str) -> None:
        """The notebook's cell of this id runs again: its output is gone."""
        ...

    def cell_ended(self, cell: CellTrace, *, interrupted: bool) -> None:
        """The cell's code has run; calls that it started may run on."""
        ...

    def calls_awaited(self, cell: CellTrace) -> None:
        """The cell's reply has waited for calls that it left running."""
        ...

    def cell_over(self) -> None:
        """No call of the cell that ended runs any more, or nobody waits for it."""
        ...


class CellEvents:
    """Begins and ends the cells of one shell between `install` and `remove`.

    Parameters
    ----------
    shell
        The ``InteractiveShell``.
    """

    def __init__(self, shell: Any, request: ExecuteRequest, cells: Cells, listener: CellListener, guard: Guard) -> None:
        self._shell = shell
        self._request = request
        self._cells = cells
        self._listener = listener
        self._callbacks = (("pre_run_cell", guard(self._begin)), ("post_run_cell", guard(self._end)))
        self._installed = False
        self._ended: CellTrace | None = None
        self._reply_wait = ReplyWait(getattr(shell, "kernel", None), self, guard)

    def load(self) -> None:
        """Have replies wait. Before tracing is on: `%%llmtrace` in the cell that is running would come too late."""
        self._reply_wait.install()

    def unload(self) -> None:
        """Let the kernel's replies be."""
        self._reply_wait.remove()

    def install(self, *, within_cell: bool) -> None:
        """Follow cells, the running one too if ``within_cell``: nobody has told of its beginning."""
        self._installed = True
        for event, callback in self._callbacks:
            self._shell.events.register(event, callback)
        if within_cell:
            request = self._request
            request.note_front_end()
            self._cells.begin(request.execution_count, request.cell_id, request.source)

    def remove(self) -> None:
        """Leave IPython as it was."""
        self._installed = False
        for event, callback in self._callbacks:
            self._shell.events.unregister(event, callback)

    def _begin(self, info: Any) -> None:
        self._listener.cell_begins()
        if not self._installed:
            return  # the cell before was the only one to be traced
        self._request.note_front_end()
        cell_id = getattr(info, "cell_id", None)
        if cell_id is not None:
            self._listener.output_cleared(cell_id)
        self._cells.begin(self._request.execution_count, cell_id, getattr(info, "raw_cell", None) or "")

    def _end(self, result: Any) -> None:
        cell = self._ended = self._cells.end()
        count = getattr(result, "execution_count", None)
        if cell is not None:
            if count is not None and cell.execution_count is not None:
                self._request.counted(cell.execution_count, count)
                cell.execution_count = count
            self._listener.cell_ended(cell, interrupted=_interrupted(cell, getattr(result, "error_in_exec", None)))
        if cell is None or not self._reply_wait.installed:
            self._listener.cell_over()

    async def wait_for_calls(self, left_tasks: bool) -> None:
        """Where no browser is attached, wait a moment for what the cell has left running."""
        cell, self._ended = self._ended, None
        if cell is None:
            return
        if not self._request.front_end_seen:
            if left_tasks and not cell.roots:
                await until(lambda: cell.running, BEGIN_S)
            if cell.running:
                await until(lambda: not cell.running, WAIT_S)
                self._listener.calls_awaited(cell)
        if not cell.running and not (left_tasks and not cell.roots):
            self._listener.cell_over()


def _interrupted(cell: CellTrace, error: BaseException | None) -> bool:
    """Whether an interrupt ended the cell; it cancels a cell that awaits."""
    cancelled = isinstance(error, asyncio.CancelledError) and cell.execution.interrupting
    return isinstance(error, KeyboardInterrupt) or cancelled
