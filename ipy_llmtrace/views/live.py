"""A live widget a cell, and in the same output the static forms of its trace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import wire
from ..bundle import BundleMissing
from ..cells.cell_trace import CellTrace
from ..cells.ownership import MAX_CELLS
from ..clock import monotonic
from ..recorder import Streamed
from ..redaction.redactor import Redactor
from ..render import format
from ..trace.span import Span
from .base import NoViews
from .cell_messages import Messages
from .feedback import ViewFeedback
from .static_output import static_forms

if TYPE_CHECKING:
    from ..widget import App, TraceView

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"

DOUBT_S = 3.0
"""How long an idle kernel hears nothing of a front-end that was seen until views show their static forms for the time being."""

GIVE_UP_S = 15.0
"""How long until they do so for good, and say why."""

QUIET_S = 1.0
"""How long nothing more is said of a trace until its static forms get what was: they are made whole, and JupyterLab attaches
the view beside them anew."""

LINK_S, MAX_LINK_S = 1.0, 30.0
"""How long after a cell has settled links that it lacks are looked for; each next wait is twice as long, up to a limit."""

VIEW_BYTES = 1_500
"""What a view takes in the notebook file beside its snapshot."""


@dataclass(slots=True, weakref_slot=True)
class _Shown:
    """A cell's view."""

    display_id: str
    messages: Messages
    wake: Callable[[], None]
    view: TraceView | None = None
    settled_at: float | None = None
    late: bool = False
    notes: Sequence[str] = ()
    stale_at: float | None = None

    def opinion_came(self) -> None:
        """The view hears of feedback by itself. The static forms wait for the feed's thread, so that who gives it need not."""
        self.stale_at = monotonic()
        self.wake()


class WidgetViews(NoViews):
    """A live widget a cell, the static forms beside it in the same output.

    Parameters
    ----------
    publish
        As IPython's ``DisplayPublisher.publish``.
    front_end_seen
        Whether a front-end that a person looks at has shown itself: only of such is an answer expected.
    idle_s
        For how many seconds the kernel has run no cell: one that does may not hear the answer.
    wake
        Called, on any thread, when `due_s` has changed.
    apps
        Where the kernel's App is, once there is one.
    make_app
        Makes that App. Raises ``BundleMissing``.
    notes
        Plain sentences for the footer.
    links
        Where a cell's traces can be seen beside the notebook.
    """

    def __init__(
        self,
        apps: list[App],
        publish: Callable[..., None],
        front_end_seen: Callable[[], bool],
        idle_s: Callable[[], float],
        wake: Callable[[], None],
        redactor: Redactor,
        placement: str,
        max_saved_bytes: int,
        notes: Callable[[], list[str]],
        make_app: Callable[[], App],
        links: Callable[[CellTrace], list[wire.TraceLink]],
        say: Callable[[str], None],
    ) -> None:
        self._publish = publish
        self._front_end_seen = front_end_seen
        self._idle_s = idle_s
        self._wake = wake
        self._redactor = redactor
        self._placement = placement
        self._max_saved_bytes = max_saved_bytes
        self._notes = notes
        self._make_app = make_app
        self._links = links
        self._say = say
        self._apps = apps
        self._static_because: str | None = None
        self._shown: dict[int, _Shown] = {}
        self._cells: dict[int, CellTrace] = {}
        self._further: dict[str, list[TraceView]] = {}
        self._answered = False
        self._doubted = False
        self._closed = False
        self._link_s = LINK_S
        self._link_at = 0.0

    def update(self, cell: CellTrace, touched: Sequence[Span], streamed: Sequence[Streamed]) -> None:
        shown = self._shown.get(id(cell))
        if shown is None:
            # Nobody looks on where a notebook is executed headlessly, and nbval compares with what is displayed first.
            if cell.roots and (cell.finished or self._front_end_seen()):
                self._open(cell)
            return
        shown.settled_at = None
        view = shown.view
        if view is None:
            return
        view.push(lambda seq: shown.messages.delta(seq, touched, streamed))

    def executed(self, cell: CellTrace) -> None:
        if cell.roots and id(cell) not in self._shown:
            self._open(cell)
        self._link()
        if not self._front_end_seen():
            self._catch_up()

    def _catch_up(self) -> None:
        """Send again what came after its cell had ended: nbclient drops all that is sent while no cell runs, or in the name of
        an earlier one."""
        for key, shown in self._shown.items():
            cell = self._cells[key]
            if shown.late or cell.running:
                shown.late = cell.running
                if shown.view is not None:
                    shown.view.sync(again=True)
            elif self._stale_s(cell, shown) is None:
                continue
            self._display(cell, shown, update=True)

    def settled(self, cell: CellTrace) -> None:
        shown = self._shown.get(id(cell))
        if shown is None or shown.settled_at is not None:
            return
        shown.settled_at = monotonic()
        shown.late = not self._front_end_seen()
        if shown.view is not None:
            shown.view.sync()
        self._display(cell, shown, update=True)
        # The front-end's time to answer begins when all is sent: of a large trace that takes a while.
        self._settle(shown)

    def _settle(self, shown: _Shown) -> None:
        shown.settled_at = monotonic()
        self._link_s, self._link_at = LINK_S, shown.settled_at + LINK_S
        if shown.messages.lacks_links:
            self._wake()

    def forget(self, cell: CellTrace) -> None:
        shown = self._shown.pop(id(cell), None)
        self._cells.pop(id(cell), None)
        if shown is not None and shown.view is not None:
            shown.view.close()

    def tick(self) -> None:
        for shown in self._shown.values():
            if shown.view is not None:
                shown.view.resend()
        if not self._answered:
            self._listen()
        for key, shown in self._shown.items():
            cell = self._cells[key]
            if self._stale_s(cell, shown) == 0:
                self._display(cell, shown, update=True)
                shown.late = not self._front_end_seen()
        if self._front_end_seen() and monotonic() >= self._link_at:
            self._link_s = min(2 * self._link_s, MAX_LINK_S)
            self._link_at = monotonic() + self._link_s
            self._link()

    def _stale_s(self, cell: CellTrace, shown: _Shown) -> float | None:
        """Seconds until the static forms get what was said; ``None`` if they lack nothing, or get it when the cell settles. Old
        cells stay as they are."""
        stale_at = shown.stale_at
        if stale_at is None or shown.settled_at is None or not cell.in_memory:
            return None
        return max(0.0, stale_at + QUIET_S - monotonic())

    def _link(self) -> None:
        """Send the links that nobody knew when their cell settled: only the store can say the id of an experiment."""
        for shown in self._lacking_links():
            if shown.view is not None and shown.messages.has_more_links():
                shown.view.sync()

    def _lacking_links(self) -> list[_Shown]:
        shown = list(self._shown.values())
        return [one for one in shown if one.view is not None and one.settled_at is not None and one.messages.lacks_links]

    def _listen(self) -> None:
        waiting = [shown for shown in self._shown.values() if shown.view is not None]
        answers = [app.answered for app in self._apps] + [shown.view.answered for shown in waiting if shown.view is not None]
        self._answered = any(answers)
        settled_at = min((shown.settled_at for shown in waiting if shown.settled_at is not None), default=None)
        if self._answered and self._static_because is None:
            self._doubt(False)
        elif settled_at is not None and self._front_end_seen():
            silent_s = min(monotonic() - settled_at, self._idle_s())
            self._doubt(silent_s > DOUBT_S)
            if silent_s > GIVE_UP_S:
                self._give_up()

    def _doubt(self, doubted: bool) -> None:
        if doubted != self._doubted:
            self._doubted = doubted
            self._redisplay(list(self._cells.values()))

    def _redisplay(self, cells: Sequence[CellTrace]) -> None:
        """Show them anew; old cells stay as they are, whose spans only the store has."""
        for cell in cells:
            shown = self._shown.get(id(cell))
            if shown is not None and cell.in_memory:
                self._display(cell, shown, update=True)

    def due_s(self) -> float | None:
        views = list(self._shown.items())  # at once: the cell's thread may add one
        waits = [due for _, shown in views if shown.view is not None and (due := shown.view.due_s()) is not None]
        if waits and self._doubted:
            waits.append(DOUBT_S / 4)
        for key, shown in views:
            cell = self._cells.get(key)
            if cell is not None and (due := self._stale_s(cell, shown)) is not None:
                waits.append(due)
        if self._front_end_seen() and self._lacking_links():
            waits.append(max(0.0, self._link_at - monotonic()))
        return min(waits, default=None)

    def close(self) -> None:
        """The views stay as they are, but say what they will not see the end of."""
        self._closed = True
        for key, shown in self._shown.items():
            cell = self._cells[key]
            if cell.running and shown.view is not None:
                shown.view.sync()
            if cell.running or self._stale_s(cell, shown) is not None:
                self._display(cell, shown, update=True)
        self._shown.clear()
        self._cells.clear()

    def cleared(self, cell_id: str) -> None:
        for view in self._further.pop(cell_id, ()):
            view.close()

    def show(self, cell: CellTrace, cell_id: str | None) -> None:
        """A further view of ``cell``, in the output of the notebook's cell of this id, which is running."""
        self._display(cell, self._make_further(cell, cell_id), update=False, run=_directly)

    def result(self, cell: CellTrace, cell_id: str | None) -> dict[str, Any] | None:
        return self._data(cell, self._make_further(cell, cell_id))

    def _make_further(self, cell: CellTrace, cell_id: str | None) -> _Shown:
        shown = self._make(cell)
        shown.messages.unfollowed()
        if shown.view is not None and cell_id is not None:
            self._further.setdefault(cell_id, []).append(shown.view)
        return shown

    def _open(self, cell: CellTrace) -> None:
        shown = self._make(cell)
        self._shown[id(cell)] = shown
        self._cells[id(cell)] = cell
        if cell.finished and not cell.running:
            self._settle(shown)
        cell.given.listen(shown.opinion_came)
        while len(self._shown) > MAX_CELLS:
            # Nothing more will be heard of a cell that is not known any more; what its view shows stays in the page.
            oldest = next(iter(self._shown))
            del self._shown[oldest], self._cells[oldest]
        self._display(cell, shown, update=False)

    def _make(self, cell: CellTrace) -> _Shown:
        messages = Messages(
            cell,
            self._redactor,
            lambda: [*self._notes(), *self._unfinished(cell)],
            self._links,
            self._max_saved_bytes // 2 - VIEW_BYTES,
        )
        shown = _Shown(uuid.uuid4().hex, messages, self._wake)
        # A view whose state is not saved would reopen as "model not found" in place of the static form.
        app = self._app() if self._max_saved_bytes else None
        if app is not None:
            from ..widget import TraceView

            shown.view = TraceView(
                app,
                snapshot=messages.snapshot,
                detail=messages.detail,
                search=messages.found,
                feedback=ViewFeedback(cell, self._redactor),
                placement=self._placement,
            )
        return shown

    def _app(self) -> App | None:
        """The App, if there can be one; made with the first view, since what is sent outside a cell is lost to nbclient."""
        if self._static_because is not None:
            return None
        if not self._apps:
            try:
                self._apps.append(self._make_app())
            except BundleMissing as error:
                self._static_because = str(error)
                self._say(f"llmtrace: {error}")
                return None
        return self._apps[0]

    def _display(
        self,
        cell: CellTrace,
        shown: _Shown,
        *,
        update: bool,
        run: Callable[..., Any] | None = None,
    ) -> None:
        shown.stale_at = None  # before it is asked for what was said: more may come meanwhile
        data = self._data(cell, shown)
        run = run or (cell.execution.run if self._front_end_seen() else _directly)
        run(self._publish, data, {}, transient={"display_id": shown.display_id}, update=update)

    def _data(self, cell: CellTrace, shown: _Shown) -> dict[str, Any]:
        notes = [*shown.notes, *self._unfinished(cell)]
        data: dict[str, Any] = dict(static_forms(cell, self._redactor, self._max_saved_bytes // 2, notes))
        if shown.view is not None and not self._doubted:
            data[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": shown.view.model_id}
        return data

    def _unfinished(self, cell: CellTrace) -> list[str]:
        """What nobody may be there to see the end of."""
        if not self._closed and (self._front_end_seen() or not cell.finished):
            return []
        open_spans = sum(span.end_ns is None for span in cell.spans)
        last = "tracing was switched off" if self._closed else "the notebook ended"
        return [f"{format.count(open_spans, 'span')} still running when {last}"] if open_spans else []

    def _give_up(self) -> None:
        """Nobody renders views: the static forms alone take their place."""
        self._static_because = "this front-end does not render anywidget views"
        for key, shown in self._shown.items():
            cell = self._cells[key]
            if shown.view is None or shown.settled_at is None or not cell.in_memory:
                continue
            shown.view.close()
            shown.view = None
            shown.notes = [
                "This front-end has not rendered the live view: install anywidget >= 0.11 in the environment of the "
                "Jupyter server, too, and reload the page."
            ]
            self._display(cell, shown, update=True)


def _directly(function: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    function(*args, **kwargs)
