"""The one state there is: on or off, in one shell, with one of each part."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from .background import in_background
from .cells.cell_trace import CellTrace
from .cells.change_feed import ChangeFeed
from .cells.from_store import StoredSpans
from .cells.ownership import Cells
from .cells.trace_tags import SESSION_ID, CellLabels
from .guard import Guard
from .mlflow_ui.links import links
from .mlflow_ui.ui import MlflowUi
from .options import Options, UsageMistake
from .recorder import Change, DeliveryStatus, Listener, Otlp, Recorder, trace_url, wanted_otlp
from .redaction.redactor import Redactor
from .render import format
from .shell.error_display import ErrorDisplay
from .shell.execute_request import ExecuteRequest
from .shell.last_value import LastValue
from .shell.reply_wait import BEGIN_S, WAIT_S, PendingWait, until
from .tracking_uri import masked
from .views.base import NoViews, TextViews, Views
from .views.live import WidgetViews

if TYPE_CHECKING:
    from .widget import App

_apps: list[App] = []
"""The kernel's App, once there is one. It outlives a session: each App puts another copy of the bundle into the notebook."""


class Session(Listener):
    """Tracing in one IPython shell.

    Parameters
    ----------
    shell
        The ``InteractiveShell``.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._request = ExecuteRequest(shell)
        # Neither the feed nor the user's cell may end by a view that fails.
        self._guard = Guard(_say)
        self._callbacks = (
            ("pre_run_cell", self._guard(self._begin_cell)),
            ("post_run_cell", self._guard(self._end_cell)),
        )
        self._last_value = LastValue(shell.display_formatter, self._result, self._guard)
        self._error_display = ErrorDisplay(shell, self._guard)
        self._one_cell = False
        self._before_one_cell: Options | None = None
        self.options: Options | None = None
        self.cells = Cells()
        self._views: Views = NoViews()
        self._cell_labels = CellLabels(shell.user_ns, Redactor(os.environ))
        self._recorder = Recorder(self)
        self._apps = _apps
        self._ui = MlflowUi(self._ui_changed, lambda: next((app.origin for app in self._apps), None))
        self._ended: CellTrace | None = None
        # There before tracing is on: `%%llmtrace` in the cell that is running would come too late.
        self._pending_wait = PendingWait(getattr(shell, "kernel", None), self._await_pending, self._guard)
        self._pending_wait.install()
        self._feed = ChangeFeed(self, self._guard)

    @property
    def on(self) -> bool:
        return self.options is not None

    def switch_on(self, options: Options, *, within_cell: bool = True) -> None:
        """Trace every cell from the running one on, or from the next, if none runs. On already: the new options take the
        place of the old. Raises `UsageMistake` for an OTLP endpoint that cannot be used."""
        if options.otlp is not None or options.otlp_only:
            check_otlp(options.otlp, options.otlp_only)
        if self.on:
            self.switch_off()
        self._one_cell = False
        self._views = self._make_views(options)
        self._cell_labels = CellLabels(self._shell.user_ns, self.redactor(options))
        self.options = options
        for event, callback in self._callbacks:
            self._shell.events.register(event, callback)
        self._feed.start()
        if within_cell:
            self._enter_running_cell()
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
        if not self.on:
            return
        self._last_value.remove()
        self._error_display.remove()
        self._recorder.stop()
        self._feed.stop()
        for event, callback in self._callbacks:
            self._shell.events.unregister(event, callback)
        cell = self.cells.end()
        if cell is not None:
            self._guard(self._executed)(cell)
        self._views.close()
        self._views = NoViews()
        self.options = None
        self._one_cell = False

    def end(self) -> None:
        """Off, and MLflow's UI with it."""
        self.switch_off()
        self._ui.close()

    def unload(self) -> None:
        """Off, and out of the kernel."""
        self.end()
        self._pending_wait.remove()

    def trace_running_cell(self, options: Options) -> None:
        """Trace the running cell with ``options``, and leave everything as it is now when it has run and its calls have
        ended, or the next cell begins."""
        if not self._one_cell:
            self._before_one_cell = self.options
        self.switch_on(options)
        self._one_cell = True

    def show(self, cell: CellTrace) -> None:
        """A view of ``cell`` in the output of the running one. Raises `SpansUnavailable`."""
        _ = cell.roots  # of an old cell, fetched now: nothing is delivered while a view is made
        views = self._views
        if not isinstance(views, WidgetViews):
            options = Options(view="beside")
            made = self._make_views(options)
            if not isinstance(made, WidgetViews):
                made.executed(cell)
                return
            views = made
        self._feed.exclusively(lambda: views.show(cell, self._running_cell_id()))

    def redactor(self, options: Options | None = None) -> Redactor:
        """What keeps secrets out, by the options given, else those of now."""
        options = options or self.options or Options()
        return Redactor.of_process() if options.redact else Redactor.none()

    def open_ui(self) -> None:
        """Show a link to MLflow's UI, served if need be; the store gets meanwhile what it does not have yet. Raises
        `UsageMistake` where there can be none."""
        in_background(lambda: self.flush(lambda left: None), "llmtrace-flush")
        self._shell.display_pub.publish(self._ui.open().bundle())

    def drain(self) -> None:
        """Take in everything that has happened so far."""
        self._feed.drain()

    def flush(self, progress: Callable[[int], None]) -> DeliveryStatus:
        """Wait until the store has everything, or does not take it: what is left. ``progress`` takes the number of traces
        that are not stored yet."""
        return self._recorder.flush(progress)

    def delivery_status(self) -> DeliveryStatus:
        """What waits to be stored, and why."""
        return self._recorder.delivery_status()

    def look(self) -> None:
        """Count what forked children have written in `delivery_status`."""
        self._recorder.look()

    def destination(self) -> str:
        """Where traces go, in words, without a password."""
        asked = self.options or Options()
        uri = self._recorder.destination() or asked.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
        uri = masked(uri or "MLflow's default, a local SQLite file")
        place = f"experiment {asked.experiment} in {uri}" if asked.experiment else uri
        otlp = self.otlp()
        if otlp is not None:
            place = str(otlp.endpoint) if otlp.only else f"{place} and {otlp.endpoint}"
        return Redactor.of_process().text(place)

    def hooked(self) -> list[str]:
        """Which libraries are hooked while it is on, and why one is not; each a part of a line."""
        return self._recorder.hooked() if self.on else []

    def otlp(self) -> Otlp | None:
        """What goes by OTLP."""
        return self._recorder.otlp()

    # -- what the recorder tells and asks -----------------------------------------------------------------------------

    def take(self, change: Change) -> None:
        cell = self.cells.owner(change)
        if cell is not None:
            self._feed.put(cell, change)

    def carry_cell(self) -> AbstractContextManager[object] | None:
        return self.cells.carry()

    def interrupting(self) -> bool:
        return self.cells.interrupting()

    def messages_hidden(self, span_id: str) -> None:
        if (cell := self.cells.of(span_id)) is not None:
            cell.messages_hidden = True

    def trace_metadata(self, root_id: str) -> tuple[str, dict[str, str]]:
        cell = self.cells.of(root_id)
        return SESSION_ID, {} if cell is None else self._cell_labels(cell)

    def delivery_changed(self) -> None:
        def tell() -> None:
            for app in self._apps:
                app.troubles = self._troubles()

        self._feed.exclusively(self._guard(tell))

    def say(self, line: str) -> None:
        _say(line)

    # -- what the shell tells -----------------------------------------------------------------------------------------

    def _begin_cell(self, info: Any) -> None:
        if self._one_cell:
            self._leave_one_cell()
            if not self.on:
                return
        self._recorder.hook_imported()
        self._request.note_front_end()
        cell_id = getattr(info, "cell_id", None)
        if cell_id is not None:
            self._feed.exclusively(lambda: self._clear(cell_id))
        self.cells.begin(self._request.execution_count, cell_id, getattr(info, "raw_cell", None) or "")

    def _clear(self, cell_id: str) -> None:
        """The notebook's cell of this id runs again: its output is gone."""
        self._views.cleared(cell_id)
        for old in self.cells.traced:
            if old.cell_id == cell_id:
                self._views.forget(old)

    def _running_cell_id(self) -> str | None:
        return None if self.cells.running is None else self.cells.running.cell_id

    def _end_cell(self, result: Any) -> None:
        cell = self._ended = self.cells.end()
        count = getattr(result, "execution_count", None)
        if cell is not None:
            if count is not None and cell.execution_count is not None:
                self._request.counted(cell.execution_count, count)
                cell.execution_count = count
            error = getattr(result, "error_in_exec", None)
            # An interrupt cancels a cell that awaits.
            cancelled = isinstance(error, asyncio.CancelledError) and cell.execution.interrupting
            interrupted = isinstance(error, KeyboardInterrupt) or cancelled
            self._recorder.left_cell(self.cells.span_ids_of(cell), interrupted=interrupted)
            self._feed.drain()
            cell.tracking_uri = self._store_of(cell)
            self._feed.exclusively(lambda: self._guard(self._executed)(cell))
            self._feed.exclusively(self._guard(self._free_old))
        if self._one_cell and (cell is None or not self._pending_wait.installed):
            self._leave_one_cell()

    def _store_of(self, cell: CellTrace) -> str | None:
        """The store that gets its traces: the cell may have gone on to another since."""
        stores = {place[0] for trace in cell.traces if (place := self._recorder.trace_locations.of(trace)) is not None}
        if len(stores) == 1:
            return stores.pop()
        return self._recorder.store()

    def _free_old(self) -> None:
        self.cells.free_old(self._recorder, StoredSpans)

    def _leave_one_cell(self) -> None:
        before, self._before_one_cell = self._before_one_cell, None
        self.switch_off()
        if before is not None:
            self.switch_on(before, within_cell=False)

    async def _await_pending(self, left_tasks: bool) -> None:
        cell, self._ended = self._ended, None
        if cell is None:
            return
        if not self._request.front_end_seen:
            if left_tasks and not cell.roots:
                await until(lambda: cell.running, BEGIN_S)
            if cell.running:
                await until(lambda: not cell.running, WAIT_S)
                self._feed.drain()
                self._feed.exclusively(lambda: self._guard(self._executed)(cell))
        if self._one_cell and not (cell.running or (left_tasks and not cell.roots)):
            self._leave_one_cell()

    def _executed(self, cell: CellTrace) -> None:
        self._views.executed(cell)
        if cell.roots and not cell.running:
            self._views.settled(cell)

    def _enter_running_cell(self) -> None:
        """``on`` runs inside a cell whose beginning nobody told us of."""
        asked = self._request
        asked.note_front_end()
        self.cells.begin(asked.execution_count, asked.cell_id, asked.source)

    def _result(self, cell: CellTrace) -> dict[str, Any] | None:
        found: list[dict[str, Any] | None] = []
        self._feed.exclusively(lambda: found.append(self._views.result(cell, self._running_cell_id())))
        return found[0]

    # -- what the feed delivers ---------------------------------------------------------------------------------------

    def update(self, cell: CellTrace, changes: list[Change]) -> None:
        otlp = self.otlp()
        cell.takes_feedback = otlp is None or not otlp.only
        touched, streamed = cell.apply(changes)
        self._views.update(cell, touched, streamed)
        if cell.finished and not cell.running:
            self._views.settled(cell)

    def tick(self) -> None:
        self._views.tick()

    def due_s(self) -> float | None:
        return self._views.due_s()

    # -- the front-end ------------------------------------------------------------------------------------------------

    def _make_views(self, options: Options) -> Views:
        redactor = self.redactor(options)
        if options.view == "off":
            return NoViews()
        if options.view == "text" or not hasattr(self._shell, "kernel"):
            return TextViews(redactor)
        return WidgetViews(
            apps=self._apps,
            # Asked for each time: `on` may run in a cell whose output is captured.
            publish=lambda *args, **kwargs: self._shell.display_pub.publish(*args, **kwargs),
            front_end_seen=lambda: self._request.front_end_seen,
            idle_s=lambda: self.cells.idle_s,
            wake=self._feed.wake,
            redactor=redactor,
            placement=options.view,
            max_saved_bytes=options.max_saved_bytes,
            notes=self._notes,
            make_app=self._make_app,
            links=lambda cell: links(cell, self._recorder.trace_locations.of, trace_url),
            say=_say,
        )

    def _notes(self) -> list[str]:
        # From the kernel's directory: the whole path would be noise in every saved view.
        place = self.destination().replace(f"sqlite:///{os.getcwd()}{os.sep}", "sqlite:///")
        return [f"traces in {place}", *self.delivery_status().losses()]

    def _make_app(self) -> App:
        from .widget import App

        return App(self._troubles(), self._ui.addresses)

    def _ui_changed(self) -> None:
        for app in self._apps:
            app.ui = self._ui.addresses

    def _troubles(self) -> list[str]:
        redactor = self.redactor()
        return [format.visible(redactor.text(line)) for line in self.delivery_status().troubles()]


def _say(line: str) -> None:
    # It may quote what failed, and the notebook keeps it.
    print(Redactor.of_process().text(line), file=sys.stderr)


def check_otlp(url: str | None, only: bool) -> None:
    """Raise `UsageMistake` when spans cannot go to this OTLP endpoint."""
    try:
        wanted_otlp(url, only, os.environ)
    except ValueError as error:
        raise UsageMistake(Redactor.of_process().text(f"--otlp: {error}")) from None
