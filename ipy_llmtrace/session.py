"""Tracing in one shell: on or off, and the parts that do it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .background import in_background
from .cells.cell_trace import CellTrace
from .cells.ownership import Cells
from .cells.references import by_reference
from .cells.trace_tags import SESSION_ID, CellTags
from .guard import Failure, Guard, say
from .mlflow_ui.ui import MlflowUi
from .options import Options, UsageMistake
from .recorder import Change, DeliveryStatus, Listener, Recorder, wanted_otlp
from .redaction.redactor import Redactor
from .shell.cell_events import CellEvents
from .shell.error_display import ErrorDisplay
from .shell.execute_request import ExecuteRequest
from .shell.last_value import LastValue
from .shell.one_cell import OneCell
from .shell.output import ShellOutput
from .views import kernel_app
from .views.delivery_notes import DeliveryNotes
from .views.display import Display


class Session(Listener):
    """Tracing in one IPython shell. It listens to the recorder and to the shell's cells, and has the display show both.

    Parameters
    ----------
    shell
        The ``InteractiveShell``.

    Attributes
    ----------
    options
        How cells are traced; ``None`` while they are not.
    cells
        The cells that were traced.
    notes
        Where traces go, in words.
    """

    def __init__(self, shell: Any) -> None:
        self.options: Options | None = None
        self.cells = Cells()
        self._variables = shell.user_ns
        self._guard = Guard(say)
        self._recorder = Recorder(self)
        self._output = ShellOutput(shell)
        app, request = kernel_app.of_kernel(), ExecuteRequest(shell)
        self._display = Display(self._output, request, self.cells, self._recorder, app, self._guard)
        self._last_value = LastValue(shell.display_formatter, self._display, self._guard)
        self._error_display = ErrorDisplay(shell, self._guard)
        self._ui = MlflowUi(app)
        self._one_cell = OneCell(self)
        self._set(None)
        self._cell_events = CellEvents(shell, request, self.cells, self, self._guard)
        self._cell_events.load()

    def _set(self, options: Options | None) -> None:
        self.options = options
        said = options or Options()
        self.notes = DeliveryNotes(self._recorder, said)
        self._cell_tags = CellTags(self._variables, said.redactor())

    @property
    def on(self) -> bool:
        return self.options is not None

    # -- on and off ---------------------------------------------------------------------------------------------------

    def switch_on(self, options: Options, *, within_cell: bool = True) -> None:
        """Trace every cell from the running one on, or from the next, if none runs. On already: the new options take the
        place of the old. Raises `UsageMistake` for an OTLP endpoint that cannot be used."""
        if options.otlp is not None or options.otlp_only:
            check_otlp(options.otlp, options.otlp_only)
        self.switch_off()
        self._set(options)
        self._display.start(options)
        self._cell_events.install(within_cell=within_cell)
        self._last_value.install()
        self._error_display.install()
        self._recorder.start(
            tracking_uri=options.tracking_uri,
            experiment=options.experiment,
            threads=options.threads,
            own_display=options.view != "off",
            otlp=options.otlp,
            otlp_only=options.otlp_only,
        )

    def switch_off(self) -> None:
        """Trace nothing more; mlflow, litellm, the shell and the threads are as they were before."""
        self._one_cell.forget()
        if not self.on:
            return
        self._last_value.remove()
        self._error_display.remove()
        self._recorder.stop()
        self._display.stop()
        self._cell_events.remove()
        cell = self.cells.end()
        if cell is not None:
            self._display.executed(cell)
        self._display.close()
        self._set(None)

    def trace_running_cell(self, options: Options) -> None:
        """Trace the running cell with ``options``, and leave everything as it is now when it has run and its calls have
        ended, or the next cell begins."""
        self._one_cell.begin(options)

    def end(self) -> None:
        """Off, and MLflow's UI with it."""
        self.switch_off()
        self._ui.close()

    def unload(self) -> None:
        """Off, and out of the kernel."""
        self.end()
        self._cell_events.unload()

    # -- what magics ask for ------------------------------------------------------------------------------------------

    def cell(self, reference: str) -> CellTrace:
        """The trace that ``reference`` names, as `by_reference`. Raises `UsageMistake`."""
        self.drain()
        return by_reference(self.cells, reference)

    def show(self, cell: CellTrace) -> None:
        """A view of ``cell`` in the output of the running one. Raises `SpansUnavailable`."""
        self._display.show(cell)

    def redactor(self) -> Redactor:
        """Keeps secrets out, by the options."""
        return (self.options or Options()).redactor()

    def open_ui(self) -> None:
        """Show a link to MLflow's UI, served if need be; the store gets meanwhile what it does not have yet. Raises
        `UsageMistake` where there can be none."""
        in_background(lambda: self.flush(lambda left: None), "llmtrace-flush")
        self._output.publish(self._ui.open().bundle())

    def drain(self) -> None:
        """Take in everything that has happened so far."""
        self._display.drain()

    def flush(self, progress: Callable[[int], None]) -> DeliveryStatus:
        """Wait until the store has everything, or does not take it: what is left. ``progress`` takes the number of traces
        that are not stored yet."""
        return self._recorder.flush(progress)

    def delivery_status(self) -> DeliveryStatus:
        """What waits to be stored, and why."""
        return self._recorder.delivery_status()

    def failures(self) -> list[Failure]:
        """What failed within the package, since the kernel began."""
        return [*self._guard.failures(), *self._recorder.failures()]

    def look(self) -> None:
        """Count what forked children have written in `delivery_status`."""
        self._recorder.look()

    def hooked(self) -> list[str]:
        """Which libraries are hooked while it is on, and why one is not; each a part of a line."""
        return self._recorder.hooked() if self.on else []

    # -- what the recorder tells and asks -----------------------------------------------------------------------------

    def take(self, change: Change) -> None:
        cell = self.cells.owner(change)
        if cell is not None:
            self._display.put(cell, change)

    def carry_cell(self) -> AbstractContextManager[object] | None:
        return self.cells.carry()

    def interrupting(self) -> bool:
        return self.cells.interrupting()

    def messages_hidden(self, span_id: str) -> None:
        if (cell := self.cells.of(span_id)) is not None:
            cell.messages_hidden = True

    def trace_metadata(self, root_id: str) -> tuple[str, dict[str, str]]:
        cell = self.cells.of(root_id)
        return SESSION_ID, {} if cell is None else self._cell_tags.of(cell)

    def delivery_changed(self) -> None:
        self._display.show_troubles(self.notes)

    def say(self, line: str) -> None:
        say(line)

    # -- what the shell tells -----------------------------------------------------------------------------------------

    def cell_begins(self) -> None:
        self.cell_over()
        if self.on:
            self._recorder.hook_imported()

    def output_cleared(self, cell_id: str) -> None:
        self._display.cleared(cell_id)

    def cell_ended(self, cell: CellTrace, *, interrupted: bool) -> None:
        self._recorder.left_cell(self.cells.span_ids_of(cell), interrupted=interrupted)
        self._display.drain()
        cell.tracking_uri = self._store_of(cell)
        self._display.executed(cell)
        self._display.free_old()

    def calls_awaited(self, cell: CellTrace) -> None:
        self._display.drain()
        self._display.executed(cell)

    def cell_over(self) -> None:
        if self._one_cell.active:
            self._one_cell.end()

    def _store_of(self, cell: CellTrace) -> str | None:
        """The store that gets its traces: the cell may have gone on to another since."""
        locations = (self._recorder.trace_locations.of(trace) for trace in cell.traces)
        stores = {location[0] for location in locations if location is not None}
        return stores.pop() if len(stores) == 1 else self._recorder.store()


def check_otlp(url: str | None, only: bool) -> None:
    """Raise `UsageMistake` when spans cannot go to this OTLP endpoint."""
    try:
        wanted_otlp(url, only, os.environ)
    except ValueError as error:
        raise UsageMistake(Redactor.of_process().text(f"--otlp: {error}")) from None
