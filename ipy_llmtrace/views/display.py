"""Shows what happens to cells: brings their changes from the recorder's threads to the views in use."""

from __future__ import annotations

from typing import Any

from ..cells.cell_trace import CellTrace
from ..cells.change_feed import ChangeFeed
from ..cells.from_store import StoredSpans
from ..cells.ownership import Cells
from ..guard import Guard
from ..options import Options
from ..recorder import Change, Recorder
from ..shell.execute_request import ExecuteRequest
from ..shell.output import ShellOutput
from .base import NoViews, Views
from .choose import ViewParts, choose_views
from .delivery_notes import DeliveryNotes
from .kernel_app import KernelApp
from .live import LiveViews


class Display:
    """The views in use, and the feed that changes reach them by. Views are never called on two threads at once.

    Parameters
    ----------
    output
        Where views are displayed.
    guard
        Takes what fails in here: neither the feed nor the user's cell may end by a view.
    """

    def __init__(
        self, output: ShellOutput, request: ExecuteRequest, cells: Cells, recorder: Recorder, app: KernelApp, guard: Guard
    ) -> None:
        self._cells = cells
        self._recorder = recorder
        self._app = app
        self._guard = guard
        self._views: Views = NoViews()
        self._feed = ChangeFeed(self, guard)
        self._parts = ViewParts(output, request, cells, recorder, self._feed, app, guard)

    def start(self, options: Options) -> None:
        """Show cells as ``options`` say."""
        self._views = choose_views(options, self._parts)
        self._feed.start()

    def stop(self) -> None:
        """Deliver what is queued; later changes are not shown."""
        self._feed.stop()

    def close(self) -> None:
        """No more views. Those that there are stay as they are."""
        self._views.close()
        self._views = NoViews()

    def put(self, cell: CellTrace, change: Change) -> None:
        """Show a change soon. Called on the user's threads."""
        self._feed.put(cell, change)

    def drain(self) -> None:
        """Show everything that has happened so far."""
        self._feed.drain()

    # -- what the feed delivers ---------------------------------------------------------------------------------------

    def update(self, cell: CellTrace, changes: list[Change]) -> None:
        otlp = self._recorder.otlp()
        cell.takes_feedback = otlp is None or not otlp.only
        touched, streamed = cell.apply(changes)
        self._views.update(cell, touched, streamed)
        if cell.finished and not cell.running:
            self._views.settled(cell)

    def tick(self) -> None:
        self._views.tick()

    def due_s(self) -> float | None:
        return self._views.due_s()

    # -- what the shell's thread asks for -----------------------------------------------------------------------------

    def executed(self, cell: CellTrace) -> None:
        """The code of ``cell`` has run."""
        self._feed.exclusively(lambda: self._guard(self._executed)(cell))

    def _executed(self, cell: CellTrace) -> None:
        self._views.executed(cell)
        if cell.roots and not cell.running:
            self._views.settled(cell)

    def cleared(self, cell_id: str) -> None:
        """The notebook's cell of this id runs again: its output is gone."""
        self._feed.exclusively(lambda: self._cleared(cell_id))

    def _cleared(self, cell_id: str) -> None:
        self._views.cleared(cell_id)
        for old in self._cells.traced:
            if old.cell_id == cell_id:
                self._views.forget(old)

    def free_old(self) -> None:
        """Free the spans of old cells."""
        self._feed.exclusively(self._guard(self._free_old))

    def _free_old(self) -> None:
        self._cells.free_old(self._recorder, StoredSpans)

    def show(self, cell: CellTrace) -> None:
        """A further view of ``cell`` in the output of the running one. Raises `SpansUnavailable`."""
        _ = cell.roots  # of an old cell, fetched now: nothing is delivered while a view is made
        views = self._views
        if not isinstance(views, LiveViews):
            views = choose_views(Options(view="beside"), self._parts)
        if isinstance(views, LiveViews):
            live = views
            self._feed.exclusively(lambda: live.show(cell, self._cells.running_id))
        else:
            views.executed(cell)

    def result(self, cell: CellTrace) -> dict[str, Any] | None:
        """The MIME bundle of a trace that is the running cell's last value; ``None``: show the value as it is."""
        found: list[dict[str, Any] | None] = []
        self._feed.exclusively(lambda: found.append(self._views.result(cell, self._cells.running_id)))
        return found[0]

    def show_troubles(self, notes: DeliveryNotes) -> None:
        """What cannot be stored has changed."""
        self._feed.exclusively(lambda: self._guard(self._show_troubles)(notes))

    def _show_troubles(self, notes: DeliveryNotes) -> None:
        self._app.show_troubles(notes.troubles())
