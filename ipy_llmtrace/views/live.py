"""A live view for each cell, in the cell's output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..cells.cell_trace import CellTrace
from ..cells.ownership import MAX_CELLS
from ..recorder import Streamed
from ..trace.span import Span
from .base import NoViews
from .cell_view import CellView
from .context import ViewContext
from .front_end import DOUBT_S
from .link_updates import LinkUpdates


class LiveViews(NoViews):
    """The live views of one choice of options."""

    def __init__(self, context: ViewContext) -> None:
        self._context = context
        self._front_end = context.front_end
        self._views: dict[int, CellView] = {}
        self._further: dict[str, list[CellView]] = {}
        self._link_updates = LinkUpdates()

    def update(self, cell: CellTrace, touched: Sequence[Span], streamed: Sequence[Streamed]) -> None:
        view = self._views.get(id(cell))
        if view is not None:
            view.update(touched, streamed)
        # Nobody looks on where a notebook is executed headlessly, and nbval compares with what is displayed first.
        elif cell.roots and (cell.finished or self._front_end.seen):
            self._open(cell)

    def executed(self, cell: CellTrace) -> None:
        if cell.roots and id(cell) not in self._views:
            self._open(cell)
        self._send_links()
        if not self._front_end.seen:
            for view in self._views.values():
                view.repeat()

    def settled(self, cell: CellTrace) -> None:
        view = self._views.get(id(cell))
        if view is not None and view.settled_at is None:
            view.settle()
            self._settled(view)

    def forget(self, cell: CellTrace) -> None:
        view = self._views.pop(id(cell), None)
        if view is not None:
            view.close()

    def cleared(self, cell_id: str) -> None:
        for view in self._further.pop(cell_id, ()):
            view.close()

    def show(self, cell: CellTrace, cell_id: str | None) -> None:
        """A further view of ``cell``, in the output of the notebook's cell of this id, which is running."""
        self._make_further(cell, cell_id).display(update=False, in_running_cell=True)

    def result(self, cell: CellTrace, cell_id: str | None) -> dict[str, Any] | None:
        return self._make_further(cell, cell_id).bundle()

    def tick(self) -> None:
        for view in self._views.values():
            view.resend()
        if not self._front_end.answered:
            self._listen()
        for view in self._views.values():
            view.show_feedback()
        if self._front_end.seen and self._link_updates.due_s == 0:
            self._link_updates.looked()
            self._send_links()

    def due_s(self) -> float | None:
        views = list(self._views.values())  # at once: the cell's thread may add one
        waits = [wait_s for view in views if (wait_s := view.due_s()) is not None]
        if self._front_end.doubted and any(view.awaits_answer for view in views):
            waits.append(DOUBT_S / 4)
        if self._front_end.seen and any(view.lacks_links for view in views):
            waits.append(self._link_updates.due_s)
        return min(waits, default=None)

    def close(self) -> None:
        self._context.closed = True
        for view in self._views.values():
            view.finish()
        self._views.clear()

    def _open(self, cell: CellTrace) -> None:
        view = self._views[id(cell)] = CellView(cell, self._context)
        if view.settled_at is not None:
            self._settled(view)
        view.follow_feedback()
        while len(self._views) > MAX_CELLS:
            # Nothing more will be heard of a cell that is not known any more; what its view shows stays in the page.
            del self._views[next(iter(self._views))]
        view.display(update=False)

    def _make_further(self, cell: CellTrace, cell_id: str | None) -> CellView:
        view = CellView(cell, self._context)
        view.stand_alone()
        if cell_id is not None and view.has_widget:
            self._further.setdefault(cell_id, []).append(view)
        return view

    def _settled(self, view: CellView) -> None:
        self._link_updates.settled()
        if view.lacks_links:
            self._context.feed.wake()

    def _send_links(self) -> None:
        for view in list(self._views.values()):
            view.send_links()

    def _listen(self) -> None:
        """Follow what answers and silence say of the front-end."""
        waiting = [view for view in self._views.values() if view.has_widget]
        settled_at = min((view.settled_at for view in waiting if view.settled_at is not None), default=None)
        doubted = self._front_end.doubted
        self._front_end.listen(any(view.answered for view in waiting), settled_at)
        for view in self._views.values():
            if self._front_end.doubted != doubted:
                view.redisplay()
            if self._front_end.given_up:
                view.give_up()
